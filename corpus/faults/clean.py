"""Runs without a fault of TLS, network or index: the controls."""

from dataclasses import replace
from typing import Any

from corpus.faults.common import CORP, FILES, PUBLIC, PYPI
from corpus.model import Fault, Proxy

NONE = ("none",)
BROKEN = (replace(PYPI, packages=("acme-native", "acme-settings")), FILES)
CONFLICTING = (replace(PYPI, packages=("acme-client", "acme-server", "acme-common")), FILES)
ANY_FAULT = ("missing-issuer", "proxy-interception", "package-not-found", "no-ssl-module")


def _clean(name: str, made: str, call: str, shows: str, **more: Any) -> Fault:
    fault = Fault(
        id=f"00-{name}",
        made=made,
        note="nothing failed",
        causes=NONE,
        call=call,
        sites=PUBLIC,
        not_causes=ANY_FAULT,
        shows=shows,
    )
    return replace(fault, **more)


FAULTS = (
    _clean(
        "install",
        "a sound public index",
        "{pip} install {quick} requests",
        "nstalled",
        wide=True,
        clients=("pip-*", "uv-*"),
    ),
    _clean(
        "download",
        "a sound public index",
        "{pip} download {quick} --no-deps demo-package",
        "demo_package",
    ),
    _clean(
        "install-verbose",
        "a sound public index, with -v",
        "{pip} install -v {quick} demo-package",
        "Successfully installed",
    ),
    _clean("list", "no index is needed", "{pip} list", "pip"),
    _clean(
        "http-trusted",
        "a sound index over http, with --trusted-host",
        "{pip} install {quick} --index-url http://pypiserver.lan.example:8080/simple/ "
        "--trusted-host pypiserver.lan.example corp-utils",
        "Successfully installed",
        sites=(replace(CORP, host="pypiserver.lan.example", does="http", port=8080),),
    ),
    _clean(
        "honest-proxy",
        "a sound public index through an honest proxy",
        "{pip} install {quick} demo-package",
        "Successfully installed",
        env={"HTTPS_PROXY": "http://proxy.corp.example.com:3128"},
        proxy=Proxy("honest"),
    ),
    _clean(
        "already-there",
        "the requirement is installed already",
        "{pip} install {quick} pip",
        "already satisfied",
    ),
    _clean(
        "build-missing-header",
        "a source package whose build wants OpenSSL's header",
        "{pip} install {quick} acme-native",
        "openssl/ssl.h",
        sites=BROKEN,
        note="a failing build that mentions ssl, and no fault of TLS",
    ),
    _clean(
        "build-raises",
        "a source package whose build backend raises",
        "{pip} install {quick} acme-settings",
        "VERSION is not set",
        sites=BROKEN,
        note="a failing build",
    ),
    _clean(
        "resolver-conflict",
        "two packages that want different versions of a third",
        "{pip} install {quick} acme-client acme-server",
        "acme",
        sites=CONFLICTING,
        note="a conflict of requirements",
        clients=("pip-*", "uv-*"),
    ),
    _clean(
        "bad-option",
        "an option that pip does not have",
        "{pip} install --trusted-hosts pypi.org demo-package",
        "no such option",
        note="a misspelt option",
        clients=("pip-20.3.4-*", "pip-26.3-py3.11"),
    ),
    _clean(
        "missing-requirements",
        "a requirements file that is not there",
        "{pip} install {quick} -r requirements-ssl.txt",
        "requirements-ssl.txt",
        note="a file of the reader's own is missing",
    ),
)
