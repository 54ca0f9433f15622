"""What a pip does with its settings, as real ones were measured to: the probe has to know it.

The command is run as a person runs it, against servers on this machine; what it asks is a package
that says that it is some version of pip.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.probe_lab import HERE, LOCAL, NEW, PUBLIC, Person, cause, free_port

OLD = "20.3.4"
NO_FILE = "/no/such/file.pem"
PRIVATE = "private-ca-not-configured"
ABSENT = "ca-bundle-not-found"
SYSTEM = {"SSL_CERT_FILE"}


def verdict(report: dict[str, Any]) -> str:
    """Give the outcome of verification by what pip goes by."""
    line = next(line for line in report["probe"] if "; by=used; " in line)
    return str(line.partition("outcome=")[2].partition(";")[0])


def used(report: dict[str, Any]) -> set[str]:
    """Name the settings that pip is said to use, but for those of the system's store."""
    return _said_to_be_used(report) - SYSTEM


def _said_to_be_used(report: dict[str, Any]) -> set[str]:
    head = "pipcert-probe: setting; used=yes; "
    lines = (line for line in report["probe"] if line.startswith(head))
    return {line.removeprefix(head).partition("=")[0] for line in lines}


def test_without_any_setting(person: Person) -> None:
    assert cause(person.looks()) == PRIVATE


@pytest.mark.parametrize("version", [OLD, NEW])
def test_pip_knows_the_home_directory(person: Person, version: str) -> None:
    person.has_pip(version)
    assert verdict(person.looks(PIP_CERT="~/corp.pem")) == "accepted"
    assert cause(person.looks(REQUESTS_CA_BUNDLE="~/corp.pem")) == ABSENT
    person.has_pip(version, "global.cert='~/corp.pem'")
    assert verdict(person.looks()) == "accepted"
    person.has_pip("19.3.1")
    assert cause(person.looks(PIP_CERT="~/corp.pem")) == ABSENT


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("entry", ["localhost", "LOCALHOST", "a.example localhost", "{address}"])
def test_a_trusted_host_is_not_verified(person: Person, version: str, entry: str) -> None:
    person.has_pip(version)
    trusted = entry.format(address=f"{LOCAL}:{person.port}")
    report = person.looks(PIP_TRUSTED_HOST=trusted, PIP_CERT=NO_FILE)
    assert (cause(report), verdict(report)) == ("", "not-verified")
    assert used(report) == {"PIP_TRUSTED_HOST"}
    assert "pip does not verify it: PIP_TRUSTED_HOST names it" in report["summary"]
    assert any("; by=system; outcome=refused;" in line for line in report["probe"])


@pytest.mark.parametrize(
    ("version", "entry"),
    [
        (NEW, "localhost:1"),
        (NEW, "*"),
        (NEW, "other.example"),
        (NEW, "other.example,localhost"),
        ("19.2.3", "localhost"),
    ],
)
def test_a_host_that_is_not_the_trusted_one_is_verified(
    person: Person, version: str, entry: str
) -> None:
    person.has_pip(version)
    assert cause(person.looks(PIP_TRUSTED_HOST=entry)) == PRIVATE


def test_the_variable_takes_the_place_of_the_settings_file(person: Person) -> None:
    person.has_pip(NEW, "global.trusted-host='other.example\\nlocalhost'")
    assert verdict(person.looks()) == "not-verified"
    assert cause(person.looks(PIP_TRUSTED_HOST="other.example")) == PRIVATE


def test_an_own_proxy_hides_the_ca_variables(person: Person) -> None:
    given = {"PIP_PROXY": f"http://{person.lab.proxy('honest')}", "REQUESTS_CA_BUNDLE": NO_FILE}
    report = person.looks(PUBLIC, **given)
    assert (cause(report), used(report)) == ("", {"PIP_PROXY"})
    person.has_pip("24.0")
    assert cause(person.looks(PUBLIC, **given)) == ABSENT


@pytest.mark.parametrize(
    ("version", "variable", "chosen"),
    [
        (NEW, "HTTPS_PROXY", "PIP_PROXY"),
        ("22.1", "HTTPS_PROXY", "PIP_PROXY"),
        ("22.0.4", "HTTPS_PROXY", "HTTPS_PROXY"),
        (OLD, "https_proxy", "https_proxy"),
        (OLD, "ALL_PROXY", "PIP_PROXY"),
    ],
)
def test_two_proxies(person: Person, version: str, variable: str, chosen: str) -> None:
    person.has_pip(version)
    given = {"PIP_PROXY": f"http://{person.lab.proxy('honest')}"}
    given[variable] = f"http://{person.lab.proxy('honest')}"
    report = person.looks(PUBLIC, **given)
    assert (cause(report), used(report)) == ("", {chosen})
    assert any(f"; proxy={given[chosen][7:]}; stage=done;" in line for line in report["probe"])


def test_a_host_that_needs_no_proxy_gets_the_own_one_all_the_same(person: Person) -> None:
    person.has_pip(OLD)
    own = f"http://{person.lab.proxy('honest')}"
    dead = f"http://{HERE}:{free_port()}"
    report = person.looks(PUBLIC, PIP_PROXY=own, HTTPS_PROXY=dead, NO_PROXY=PUBLIC)
    assert (cause(report), used(report)) == ("", {"PIP_PROXY"})


@pytest.mark.parametrize("value", ["1", "true", "YES"])
def test_the_switch_that_hides_variables(person: Person, value: str) -> None:
    dead = f"http://{HERE}:{free_port()}"
    given = {"HTTPS_PROXY": dead, "REQUESTS_CA_BUNDLE": NO_FILE, "PIP_CERT": str(person.authority)}
    report = person.looks(PIP_NO_PROXY_ENV=value, **given)
    assert (cause(report), used(report)) == ("", {"PIP_NO_PROXY_ENV", "PIP_CERT"})
    del given["REQUESTS_CA_BUNDLE"]
    assert cause(person.looks(PIP_NO_PROXY_ENV="0", **given)) == "proxy-unreachable"
    person.has_pip("26.1.2")
    assert cause(person.looks(PIP_NO_PROXY_ENV=value, **given)) == "proxy-unreachable"


@pytest.fixture
def hashed(person: Person) -> Path:
    """Give a folder of certificates, as OpenSSL reads it."""
    folder = person.folder / "authorities"
    folder.mkdir()
    shutil.copy(person.authority, folder)
    subprocess.run(["openssl", "rehash", folder], check=True, capture_output=True, timeout=20)
    return folder


@pytest.mark.parametrize(
    ("file", "folders"),
    [
        ("public.pem", "authorities"),
        ("public.pem", "packages:authorities"),
        ("empty.pem", "authorities"),
        ("missing.pem", "authorities"),
    ],
)
def test_the_file_and_the_folder_of_the_system_are_one_store(
    person: Person, hashed: Path, file: str, folders: str
) -> None:
    (hashed.parent / "empty.pem").touch()
    several = os.pathsep.join(str(hashed.parent / name) for name in folders.split(":"))
    given = {"SSL_CERT_FILE": str(hashed.parent / file), "SSL_CERT_DIR": several}
    report = person.looks(**given)
    assert (cause(report), verdict(report)) == ("", "accepted")
    person.has_pip("23.3.2")
    assert cause(person.looks(**given)) == PRIVATE


def test_a_folder_that_openssl_finds_nothing_in(person: Person, hashed: Path) -> None:
    shutil.copytree(hashed, person.folder / "unhashed", ignore=shutil.ignore_patterns("*.0"))
    given = {"PIP_CERT": str(person.folder / "unhashed")}
    person.has_pip("23.3.2")
    assert verdict(person.looks(PIP_CERT=str(hashed))) == "accepted"
    assert cause(person.looks(**given)) == "ca-bundle-unreadable"
    person.has_pip(NEW)
    assert verdict(person.looks(SSL_CERT_FILE=str(person.authority), **given)) == "accepted"


@pytest.mark.parametrize(("version", "looked_into"), [(OLD, False), (NEW, True)])
def test_the_systems_variables_count_for_a_pip_that_looks_there(
    person: Person, version: str, looked_into: bool
) -> None:
    person.has_pip(version)
    known = {"SSL_CERT_FILE": str(person.authority), "PIP_CERT": str(person.authority)}
    assert (_said_to_be_used(person.looks(**known)) >= SYSTEM) == looked_into
    trusted = person.looks(**known, PIP_TRUSTED_HOST=LOCAL)
    assert not _said_to_be_used(trusted) & SYSTEM


def test_a_client_certificate_is_looked_at(person: Person) -> None:
    known = {"PIP_CERT": str(person.authority)}
    whole = str(person.lab.certificates.served("corp", LOCAL))
    for file, state in ((whole, "good"), (NO_FILE, "missing"), (str(person.authority), "unusable")):
        report = person.looks(PIP_CLIENT_CERT=file, **known)
        assert "PIP_CLIENT_CERT" in used(report)
        assert any("client-cert;" in line and f"state={state};" in line for line in report["probe"])
        assert cause(report) == ("" if state == "good" else "ca-bundle-unreadable")
        remedies = [remedy["id"] for remedy in report["remedies"]]
        assert remedies[:1] == ([] if state == "good" else ["give-client-certificate"])
