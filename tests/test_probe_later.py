"""What else is wrong with a certificate than what pip meets first: named, and named as second."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipcert_logs import Report, Rules, explain
from pipcert_logs.probe.client import Pip
from pipcert_logs.probe.examine import examine
from pipcert_logs.probe.lines import written
from pipcert_logs.probe.target import Target
from tests.probe_lab import LOCAL, Lab, probe

PRIVATE = "private-ca-not-configured"


@pytest.fixture
def stranger(lab: Lab, tmp_path: Path) -> Lab:
    """Give a lab whose client trusts none of its public certificates."""
    other = tmp_path / "other.pem"
    other.write_bytes(lab.certificates.authorities["newer"].pem("root"))
    tls = lab.client.tls.__class__("present", cafile=str(other))
    lab.client = lab.client.__class__("3.11.7", tls, Pip("26.3", str(other)), None, False)
    return lab


def look(lab: Lab, rules: Rules, cert: str) -> Report:
    target = Target(LOCAL, lab.site(cert=cert))
    return explain(written(examine(target, lab.client, rules, seconds=2)), rules=rules)


@pytest.mark.parametrize(
    ("cert", "causes"),
    [
        ("public", [PRIVATE]),
        ("expired", [PRIVATE, "expired-certificate"]),
        ("future", [PRIVATE, "not-yet-valid"]),
        ("other-name", [PRIVATE, "hostname-mismatch"]),
    ],
)
def test_what_an_unknown_issuer_hides(
    stranger: Lab, rules: Rules, cert: str, causes: list[str]
) -> None:
    report = look(stranger, rules, cert)
    assert [failure.causes[0].id for failure in report.failures] == causes
    assert [bool(failure.later) for failure in report.failures] == [False, True][: len(causes)]
    assert [c.id for c in report.causes if c.probability > 0.9] == causes
    assert report.remedies[0].id == "trust-private-index-ca"
    assert ("once that is mended, " in report.summary) == (len(causes) > 1)


def test_what_a_wrong_name_hides(lab: Lab, rules: Rules) -> None:
    report = look(lab, rules, "other-name-expired")
    found = [failure.causes[0].id for failure in report.failures]
    assert found == ["hostname-mismatch", "expired-certificate"]


def test_each_later_one_is_met(stranger: Lab, rules: Rules) -> None:
    report = look(stranger, rules, "other-name-expired")
    assert {c.id for c in report.causes} >= {PRIVATE, "hostname-mismatch", "expired-certificate"}
    assert report.causes[0].id == PRIVATE


def test_the_command_says_what_is_met_first(lab: Lab) -> None:
    port = lab.site(cert="expired")
    nowhere = {"SSL_CERT_FILE": "/no/such/file", "SSL_CERT_DIR": "/no/such/folder"}
    call = (f"{LOCAL}:{port}", "--format")
    report = json.loads(probe(*call, "json", **nowhere).stdout)
    assert [failure.get("later", False) for failure in report["failures"]] == [False, True]
    shown = probe(*call, "text", **nowhere).stdout
    assert f"{LOCAL}:{port}, once what fails there first is mended" in shown
    assert "once what fails there first" in probe(*call, "markdown", **nowhere).stdout


@pytest.mark.parametrize(("cert", "offered"), [("corp", True), ("corp-with-root", False)])
def test_a_whole_chain_needs_no_completing(
    lab: Lab, rules: Rules, cert: str, offered: bool
) -> None:
    remedies = [remedy.id for remedy in look(lab, rules, cert).remedies]
    assert ("complete-chain-at-server" in remedies) == offered
