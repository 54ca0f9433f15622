"""Settings that meet each other: which of them counts depends on pip's version."""

from dataclasses import replace

from corpus.faults.common import CORP, FROM_CORP, INSTALL, PUBLIC
from corpus.model import Fault, Proxy

OWN = "http://proxy.corp.example.com:3128"
GONE = "http://old-proxy.corp.example.com:3128"
NOWHERE = "/etc/pki/tls/certs/corp-bundle.pem"
BEFORE_22_1 = ("pip-20.3.4-*", "pip-21.3.1-*")
BEFORE_24_1 = ("pip-20.3.4-*", "pip-22.3.1-*", "pip-23.3.2-*")
NEWEST = ("pip-26.3-py3.11",)
NO_BUNDLE = ("ca-bundle-not-found",)
NOT_BUNDLE = ("missing-issuer", "proxy-interception", "package-not-found")
BUNDLE_AT_HOME = "cp /etc/ssl/certs/ca-certificates.crt /home/user/company.pem"
CORP_IN_FOLDER = """mkdir /home/user/authorities
# the second of two certificates
sed '1,/END/d' /etc/ssl/certs/ca-certificates.crt > /home/user/authorities/corp.pem
openssl rehash /home/user/authorities"""

_SOUND = Fault(
    id="",
    made="",
    note="nothing failed",
    causes=("none",),
    call=INSTALL,
    sites=PUBLIC,
    not_causes=("ca-bundle-not-found", "private-ca-not-configured", "proxy-unreachable"),
    clients=NEWEST,
    shows="Successfully installed",
)

FAULTS = (
    Fault(
        id="28-home-in-shared-bundle",
        made="REQUESTS_CA_BUNDLE begins with ~, which no shell has expanded",
        note="pip knows ~ in settings of its own only: this file does not exist",
        causes=NO_BUNDLE,
        call=INSTALL,
        env={"REQUESTS_CA_BUNDLE": "~/company.pem"},
        before=BUNDLE_AT_HOME,
        sites=PUBLIC,
        not_causes=NOT_BUNDLE,
        shows="~/company.pem",
    ),
    Fault(
        id="28-shared-bundle-beside-own-proxy",
        made="PIP_PROXY names an honest proxy, and REQUESTS_CA_BUNDLE a file that does not exist",
        note="before 24.1 pip reads that variable all the same",
        causes=NO_BUNDLE,
        call=INSTALL,
        env={"PIP_PROXY": OWN, "REQUESTS_CA_BUNDLE": NOWHERE},
        sites=PUBLIC,
        proxy=Proxy("honest"),
        not_causes=NOT_BUNDLE,
        clients=BEFORE_24_1,
        wide=True,
        shows=NOWHERE,
    ),
    Fault(
        id="28-own-proxy-loses",
        made="PIP_PROXY names an honest proxy, and HTTPS_PROXY one that is no more",
        note="before 22.1 pip goes by HTTPS_PROXY",
        causes=("proxy-unreachable", "proxy-misconfigured"),
        call=INSTALL,
        env={"PIP_PROXY": OWN, "HTTPS_PROXY": GONE},
        sites=PUBLIC,
        proxy=Proxy("honest"),
        not_causes=("package-not-found", "missing-issuer", "private-ca-not-configured"),
        clients=BEFORE_22_1,
        wide=True,
        shows="Cannot connect to proxy",
    ),
    replace(
        _SOUND,
        id="00-settings-home",
        made="PIP_CERT begins with ~, which pip knows",
        env={"PIP_CERT": "~/company.pem"},
        before=BUNDLE_AT_HOME,
        clients=("pip-23.3.2-*", *NEWEST),
    ),
    replace(
        _SOUND,
        id="00-settings-trusted-host",
        made="PIP_TRUSTED_HOST names an index whose authority nobody knows, and PIP_CERT no file",
        call=FROM_CORP,
        env={"PIP_TRUSTED_HOST": CORP.host, "PIP_CERT": NOWHERE},
        sites=(CORP,),
        clients=("pip-23.3.2-*", *NEWEST),
    ),
    replace(
        _SOUND,
        id="00-settings-own-proxy",
        made="PIP_PROXY names an honest proxy, HTTPS_PROXY a dead one, REQUESTS_CA_BUNDLE no file",
        env={"PIP_PROXY": OWN, "HTTPS_PROXY": GONE, "REQUESTS_CA_BUNDLE": NOWHERE},
        proxy=Proxy("honest"),
    ),
    replace(
        _SOUND,
        id="00-settings-no-proxy-env",
        made="PIP_NO_PROXY_ENV hides a dead proxy of HTTPS_PROXY",
        env={"PIP_NO_PROXY_ENV": "1", "HTTPS_PROXY": GONE},
    ),
    replace(
        _SOUND,
        id="00-settings-file-and-folder",
        made="SSL_CERT_FILE has the public authorities, SSL_CERT_DIR the company's",
        call=FROM_CORP,
        env={
            "SSL_CERT_FILE": "/etc/bundled-root.pem",
            "SSL_CERT_DIR": "/home/user/authorities",
        },
        before=CORP_IN_FOLDER,
        sites=(CORP,),
        system_knows="corp",
    ),
)
