"""One and the same install, met by one cause after the other: so a check can be seen to differ."""

from collections.abc import Mapping
from dataclasses import replace

from corpus.faults.common import CORP, FROM_CORP
from corpus.faults.runtime import CLOCK
from corpus.model import NOTHING, Fault, Proxy, Site

SOUND = replace(CORP, cert="public")
OWN_BUNDLE = 'find "$site/pip" -name cacert.pem'
EMPTIED = "-exec cp /dev/null {} \\;"
PROXY = "http://proxy.corp.example.com:3128"


def _variant(
    cause: str,
    site: Site = SOUND,
    proxy: Proxy | None = None,
    before: str = "",
    how: str = "",
    env: Mapping[str, str] = NOTHING,
) -> Fault:
    return Fault(
        id=f"variant-{cause}{how}",
        made=f"the install of 01-unknown-issuer-private, met by {cause}",
        note="not recorded: for the proof of checks",
        causes=(cause,),
        call=FROM_CORP,
        sites=(site,),
        proxy=proxy,
        before=before,
        env=env,
    )


def _shows(cause: str, cert: str) -> Fault:
    return _variant(cause, replace(SOUND, cert=cert))


def _does(cause: str, does: str) -> Fault:
    return _variant(cause, replace(SOUND, does=does))


def _pages(cause: str, pages: str) -> Fault:
    return _variant(cause, replace(SOUND, pages=pages))


VARIANTS = (
    _shows("private-ca-not-configured", "corp"),
    _shows("self-signed-chain", "corp-with-root"),
    _shows("self-signed-certificate", "self-signed"),
    _shows("outdated-ca-bundle", "newer-public"),
    _shows("proxy-interception", "inspected"),
    _shows("incomplete-chain", "leaf-only"),
    _shows("expired-certificate", "expired"),
    _shows("not-yet-valid", "future"),
    _shows("hostname-mismatch", "other-name"),
    _shows("weak-crypto", "weak-key"),
    _does("tls-version", "tls10"),
    _does("connection-reset", "reset"),
    _does("connection-refused", "refused"),
    _does("connection-timeout", "silent"),
    _does("network-unreachable", "unreachable"),
    _does("dns-failure", "nxdomain"),
    _pages("index-auth", "401"),
    _pages("index-unavailable", "503"),
    _pages("wrong-index-url", "login"),
    _variant("package-not-found", replace(SOUND, packages=("demo-package",))),
    _variant(
        "clock-skew",
        before=f"echo '2012-05-01 12:00:00' >{CLOCK['FAKETIME_TIMESTAMP_FILE']}",
        env=CLOCK,
    ),
    _variant("ca-bundle-not-found", env={"PIP_CERT": "/etc/ssl/gone.pem"}),
    _variant(
        "ca-bundle-unreadable", before=": >/home/user/no.pem", env={"PIP_CERT": "/home/user/no.pem"}
    ),
    _variant("ca-bundle-not-found", before=f"{OWN_BUNDLE} -delete", how="-own"),
    _variant("ca-bundle-unreadable", before=f"{OWN_BUNDLE} {EMPTIED}", how="-own"),
    _variant(
        "proxy-interception", proxy=Proxy("resigning"), how="-set", env={"https_proxy": PROXY}
    ),
    _variant("ssl-environment", env={"SSLKEYLOGFILE": "/var/debug/tls-keys.log"}),
    _variant("no-ssl-module", before="rm -f /usr/local/lib/python*/lib-dynload/_ssl*.so"),
    _variant("firewall-blocking", proxy=Proxy("403"), env={"https_proxy": PROXY}),
    _variant("proxy-auth-required", proxy=Proxy("407"), env={"https_proxy": PROXY}),
    _variant("proxy-unreachable", proxy=Proxy("refused"), env={"https_proxy": PROXY}),
    _variant(
        "proxy-misconfigured",
        proxy=Proxy("honest"),
        env={"https_proxy": PROXY.replace("http", "https")},
    ),
    _variant("socks-support-missing", env={"https_proxy": "socks5://proxy.corp.example.com:1080"}),
)
