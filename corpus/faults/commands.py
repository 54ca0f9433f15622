"""The same faults met by other commands and options of pip."""

from dataclasses import replace

from corpus.faults.common import (
    CORP,
    MIRROR,
    NOT_TRUST,
    PUBLIC_HOSTS,
    install_from,
    public,
    public_files,
)
from corpus.model import TEAM, Fault

SOME = ("pip-20.3.4-*", "pip-24.2-*", "pip-26.3-py3.11")
FILE_URL = "https://files.pythonhosted.org/packages/demo_package-1.4.2-py2.py3-none-any.whl"


def _inspected(name: str, made: str, call: str, shows: str = "CERTIFICATE_VERIFY_FAILED") -> Fault:
    return Fault(
        id=f"25-{name}",
        made=f"{made}; the public hosts are inspected, the inspector's root is sent along",
        note="a self-signed root at the end of a public host's chain comes from an inspector",
        causes=("proxy-interception", "self-signed-chain"),
        call=call,
        sites=public(cert="inspected-with-root"),
        hosts=(*PUBLIC_HOSTS, "files.pythonhosted.org"),
        not_causes=NOT_TRUST,
        clients=SOME,
        shows=shows,
    )


def _private(name: str, made: str, call: str, before: str = "") -> Fault:
    return Fault(
        id=f"25-{name}",
        made=f"{made}; the index has a corporate root nobody installed",
        note="an internal index signed by an internal root that the client was not given",
        causes=("private-ca-not-configured", "missing-issuer"),
        call=call,
        before=before,
        sites=(CORP, MIRROR),
        hosts=(CORP.host, MIRROR.host),
        not_causes=NOT_TRUST,
        clients=SOME,
        shows="CERTIFICATE_VERIFY_FAILED",
    )


FAULTS = (
    replace(
        _inspected("quiet", "with -q", "{pip} install -q {quick} requests"),
        note="-q leaves no host and no index in the log, so whose root it is stays open",
        causes=("self-signed-chain", "proxy-interception", "private-ca-not-configured"),
        truth="proxy-interception",
    ),
    _inspected("verbose", "with -v", "{pip} install -v {quick} requests"),
    _inspected("file-url", "a wheel by its URL", f"{{pip}} install {{quick}} {FILE_URL}"),
    _inspected("download", "pip download", "{pip} download {quick} -d wheels requests"),
    _inspected("upgrade-pip", "an upgrade of pip", "{pip} install {quick} --upgrade pip"),
    _private(
        "requirements-file",
        "index and packages in requirements.txt",
        "{pip} install {quick} -r requirements.txt",
        before=f"printf '%s\\n' '--index-url https://{CORP.host}/simple/' 'corp-utils>=3' "
        "'demo-package' >requirements.txt",
    ),
    _private(
        "find-links",
        "the package from a page of links",
        f"{{pip}} install {{quick}} --no-index --find-links https://{MIRROR.host}/wheels/ "
        "corp-utils",
    ),
    _private(
        "pip-conf",
        "index-url in pip.conf",
        "{pip} install {quick} corp-utils",
        before="mkdir -p /home/user/.config/pip\n"
        f"printf '[global]\\nindex-url = https://{MIRROR.host}/simple/\\n' "
        ">/home/user/.config/pip/pip.conf",
    ),
    _private(
        "trusted-host-with-port",
        "--trusted-host names HOST:443, which pip does not take for HOST",
        install_from(CORP).replace("{quick}", f"{{quick}} --trusted-host {CORP.host}:443"),
    ),
    _private(
        "trusted-host-public",
        "--trusted-host names pypi.org, not the index that fails",
        install_from(CORP).replace(
            "{quick}", "{quick} --trusted-host pypi.org --trusted-host files.pythonhosted.org"
        ),
    ),
    Fault(
        id="25-trusted-host-half",
        made="--trusted-host pypi.org alone, while both public hosts are inspected",
        note="the index page loads unverified, the file's host is refused",
        causes=("proxy-interception", "missing-issuer", "outdated-ca-bundle"),
        call="{pip} install {quick} --trusted-host pypi.org demo-package",
        sites=public(cert="inspected"),
        hosts=("files.pythonhosted.org",),
        not_causes=NOT_TRUST,
        clients=SOME,
        shows="CERTIFICATE_VERIFY_FAILED",
    ),
    Fault(
        id="25-file-host-resets-download",
        made="pip download; pypi.org answers, files.pythonhosted.org resets after the ClientHello",
        note="one host of two is cut in the handshake",
        causes=("connection-reset", "firewall-blocking"),
        call="{pip} download {quick} demo-package",
        sites=public_files(does="reset"),
        hosts=("files.pythonhosted.org",),
        not_causes=("package-not-found", "missing-issuer"),
        clients=SOME,
        mended_by=(TEAM,),
    ),
)
