"""Nobody is told a secret before it is certain who that is: no proxy, and no host."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from typing import Any

import pytest

from tests.probe_lab import LOCAL, NEW, PUBLIC, Lab, Person, cause

LOGIN = b"Proxy-Authorization: Basic"
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
UNTRUSTED = "missing-issuer"


class Secured:
    """A server that speaks TLS, forbids everything, and keeps what it is asked."""

    def __init__(self, lab: Lab, cert: str) -> None:
        self.heads: list[bytes] = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.set_ciphers("ALL:@SECLEVEL=0")
        self._context.load_cert_chain(lab.certificates.served(cert, LOCAL))
        self.address = f"{LOCAL}:{lab.serve(self._handle)}"

    def _handle(self, connection: socket.socket) -> None:
        with suppress(ssl.SSLError):
            secured = self._context.wrap_socket(connection, server_side=True)
            if head := secured.recv(65536):
                self.heads.append(head)
                secured.sendall(FORBIDDEN)


def reach(report: dict[str, Any]) -> str:
    """Give the stage where the way ended, and the error."""
    line = next(line for line in report["probe"] if line.startswith("pipcert-probe: reach;"))
    return str(line.partition("stage=")[2].partition("; answer")[0])


@pytest.mark.parametrize(
    ("cert", "expected"),
    [
        ("impostor", UNTRUSTED),
        ("corp-with-root", UNTRUSTED),
        ("self-signed", "self-signed-certificate"),
        ("expired", "expired-certificate"),
        ("future", "not-yet-valid"),
        ("other-name", "hostname-mismatch"),
        ("weak-key", "weak-crypto"),
    ],
)
def test_a_proxy_that_pip_refuses_is_told_nothing(
    person: Person, lab: Lab, cert: str, expected: str
) -> None:
    proxy = Secured(lab, cert)
    report = person.looks(PUBLIC, HTTPS_PROXY=f"https://me:secret@{proxy.address}")
    assert proxy.heads == []
    assert reach(report).startswith("proxy-verify; error=code-")
    assert report["causes"][0]["id"] == expected
    assert report["causes"][0]["probability"] > 0.9
    assert report["failures"][0]["endpoint"]["via_proxy"] == proxy.address


def test_a_proxy_that_pip_accepts_is_told_the_login(person: Person, lab: Lab) -> None:
    proxy = Secured(lab, "public")
    report = person.looks(PUBLIC, HTTPS_PROXY=f"https://me:secret@{proxy.address}")
    assert [LOGIN in head for head in proxy.heads] == [True]
    assert cause(report) == "firewall-blocking"


@pytest.mark.parametrize("where", ["carried", "system", "configured"])
@pytest.mark.parametrize(
    ("version", "accepting"),
    [
        ("20.3.4", {"carried", "configured"}),
        ("24.0", {"carried", "configured"}),
        ("24.1.2", {"system", "configured"}),
        ("25.2", {"system", "configured"}),
        ("25.3", {"carried", "configured"}),
        ("26.1.2", {"carried", "configured"}),
        (NEW, {"carried", "system", "configured"}),
    ],
)
def test_what_vouches_for_a_proxy(
    person: Person, lab: Lab, where: str, version: str, accepting: set[str]
) -> None:
    proxy = Secured(lab, "corp")
    person.has_pip(version, carries=person.authority if where == "carried" else None)
    given = {"system": "SSL_CERT_FILE", "configured": "PIP_CERT"}
    variables = {given[where]: str(person.authority)} if where in given else {}
    report = person.looks(PUBLIC, HTTPS_PROXY=f"https://{proxy.address}", **variables)
    assert cause(report) == ("firewall-blocking" if where in accepting else UNTRUSTED)


def test_a_ca_file_is_all_that_vouches_for_a_proxy(person: Person, lab: Lab) -> None:
    proxy = Secured(lab, "public")
    report = person.looks(
        PUBLIC, HTTPS_PROXY=f"https://{proxy.address}", PIP_CERT=str(person.authority)
    )
    assert cause(report) == UNTRUSTED


def test_a_ca_file_that_is_not_there_is_what_pip_stops_at(person: Person, lab: Lab) -> None:
    proxy = Secured(lab, "public")
    report = person.looks(
        PUBLIC, HTTPS_PROXY=f"https://{proxy.address}", PIP_CERT="/no/such/file.pem"
    )
    assert cause(report) == "ca-bundle-not-found"


def test_a_trusted_host_spares_its_proxy_the_verification(person: Person, lab: Lab) -> None:
    proxy = Secured(lab, "impostor")
    report = person.looks(PUBLIC, HTTPS_PROXY=f"https://{proxy.address}", PIP_TRUSTED_HOST=PUBLIC)
    assert reach(report) == "proxy-answer; error=status-403"


def test_but_the_login_is_kept_from_it(person: Person, lab: Lab) -> None:
    proxy = Secured(lab, "impostor")
    report = person.looks(
        PUBLIC, HTTPS_PROXY=f"https://me:secret@{proxy.address}", PIP_TRUSTED_HOST=PUBLIC
    )
    assert proxy.heads == []
    assert (cause(report), reach(report)) == ("", "proxy-verify; error=unknown")


@pytest.mark.parametrize(("version", "expected"), [("20.2.4", ""), (NEW, "proxy-misconfigured")])
def test_an_old_pip_speaks_plainly_to_any_proxy(
    person: Person, lab: Lab, version: str, expected: str
) -> None:
    person.has_pip(version)
    assert cause(person.looks(PUBLIC, HTTPS_PROXY=f"https://{lab.proxy('honest')}")) == expected


@pytest.mark.parametrize(
    ("cert", "paths"), [("public", ["/", "/token/simple/"]), ("corp", ["/"]), ("expired", ["/"])]
)
def test_a_page_is_asked_of_those_only_whom_pip_accepts(
    person: Person, lab: Lab, cert: str, paths: list[str]
) -> None:
    host = Secured(lab, cert)
    report = person.looks(f"https://{host.address}/token/simple/")
    assert [head.split()[1].decode() for head in host.heads] == paths
    answers = [line for line in report["probe"] if line.startswith("pipcert-probe: answer;")]
    assert [f"; page={'yes' if len(paths) > 1 else 'no'}; " in line for line in answers] == [True]


def test_nor_of_a_trusted_host(person: Person, lab: Lab) -> None:
    host = Secured(lab, "corp")
    person.looks(f"https://{host.address}/token/simple/", PIP_TRUSTED_HOST=LOCAL)
    assert [head.split()[1].decode() for head in host.heads] == ["/"]


@pytest.mark.parametrize("password", ["pa#ss", "pa/ss", "12/3", "a?b"])
def test_a_login_that_is_not_percent_encoded_is_named(person: Person, password: str) -> None:
    report = person.looks(https_proxy=f"http://me:{password}@{LOCAL}:3128")
    assert cause(report) == "proxy-misconfigured"
    assert reach(report) == "proxy-url; error=unencoded"
    assert "percent-encoded" in report["causes"][0]["evidence"][0]["why"]
    assert report["remedies"][0]["id"] == "set-proxy-credentials"
    assert "use-http-proxy-scheme" not in [remedy["id"] for remedy in report["remedies"]]
    assert password not in str(report)


def test_the_port_of_a_proxy_that_names_none_is_told(person: Person) -> None:
    report = person.looks(https_proxy="http://proxy.invalid")
    assert cause(report) == "proxy-unreachable"
    assert any(line.endswith("; named=no; used=80") for line in report["probe"])
    assert any("names no port" in item["why"] for item in report["causes"][0]["evidence"])
