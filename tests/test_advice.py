"""No advice that was measured to do nothing, over every recorded log and the client that made it.

What does nothing where comes from runs of real pips, as docs/accuracy.md tells, and not from the
rules: each entry here repeats a measurement.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import tomli

from pipcert_logs import Rules, explain
from pipcert_logs.report.model import Remedy
from tests.corpus_logs import LOGS


class Run(NamedTuple):
    """What was run: the fault's name, and the client's versions."""

    fault: str
    tool: str
    pip: tuple[int, ...]
    python: tuple[int, ...]

    @property
    def reads_system_store(self) -> bool:
        """Whether this pip looks into the system's store and at SSL_CERT_FILE."""
        return self.pip >= (24, 2) and self.python >= (3, 10)


CA_REMEDIES = {
    "trust-corporate-ca",
    "trust-private-index-ca",
    "trust-self-signed-certificate",
    "bundle-intermediate",
    "add-ca-to-system-store",
    "use-current-ca-bundle",
    "reinstall-pip",
}
WAITING = {"raise-timeout", "raise-retries", "wait-and-retry"}
TELLS_NO_REASON = {(2, 7), (3, 6)}  # Pythons that end after "certificate verify failed"

Measured = Callable[[Run], bool]
USELESS_IN_FIRST_PLACE: list[tuple[str, set[str], Measured]] = [
    (
        "the system's store is not read",
        {"add-ca-to-system-store", "trust-ca-by-ssl-cert-file", "install-system-certificates"},
        lambda run: not run.reads_system_store,
    ),
    (
        "truststore is the default, does not exist, or does not work through a proxy",
        {"use-truststore-feature"},
        lambda run: (
            run.reads_system_store or run.pip < (22, 2) or run.fault.startswith(("09", "14"))
        ),
    ),
    (
        "legacy-certs mends only the defect with addresses and the one with proxies",
        {"use-legacy-certs"},
        lambda run: not run.fault.startswith("07-address"),
    ),
    (
        "no store mends an expired, not yet valid or misnamed certificate",
        CA_REMEDIES,
        lambda run: run.fault[:2] in ("04", "05", "06", "07") and run.python not in TELLS_NO_REASON,
    ),
    (
        "waiting mends no certificate",
        WAITING,
        lambda run: run.fault[:2] in ("01", "02", "03", "04", "05", "06", "07", "08", "09", "11"),
    ),
    (
        "without its own bundle this pip does not start, whatever is set",
        CA_REMEDIES - {"reinstall-pip"},
        lambda run: run.fault == "12-vendored-deleted" and run.reads_system_store,
    ),
    (
        "REQUESTS_CA_BUNDLE is not looked at with --proxy",
        {"share-ca-by-requests-ca-bundle"},
        lambda run: run.fault == "09-proxy-resigns-flag" and run.reads_system_store,
    ),
]
NOWHERE = re.compile(
    r"install\s.*--upgrade\s+certifi|(?<!pip\._vendor import certifi; print\()certifi\.where\(\)"
    r"|PYTHONHTTPSVERIFY|(?:CA_BUNDLE|PIP_CERT)=[\"']{2}"
    r"|trusted-host\s+\S+:443|--default-timeout"
)


def recorded(path: Path) -> Run:
    """Read from the side file what was run."""
    facts = tomli.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
    versions = (facts["tool_version"], facts["python"])
    pip, python = (tuple(int(part) for part in re.findall(r"\d+", text)) for text in versions)
    return Run(facts["fault"], facts["tool"], pip, python)


@pytest.fixture(scope="module")
def advice(rules: Rules) -> dict[Path, tuple[Run, tuple[Remedy, ...]]]:
    found = {path: (recorded(path), explain(path.read_bytes(), rules=rules)) for path in LOGS}
    return {path: (run, report.remedies) for path, (run, report) in found.items()}


@pytest.mark.parametrize(
    ("why", "remedies", "useless"),
    USELESS_IN_FIRST_PLACE,
    ids=[e[0] for e in USELESS_IN_FIRST_PLACE],
)
def test_what_does_nothing_is_not_advised_first(
    advice: dict[Path, tuple[Run, tuple[Remedy, ...]]],
    why: str,
    remedies: set[str],
    useless: Measured,
) -> None:
    concerned = {
        path: offered
        for path, (run, offered) in advice.items()
        if run.tool == "pip" and useless(run)
    }
    assert concerned, f"no recorded run in which {why}"
    assert not {path.stem: o[0].id for path, o in concerned.items() if o and o[0].id in remedies}


def test_what_does_nothing_anywhere_is_in_no_command(rules: Rules) -> None:
    commands = [s.command or "" for remedy in rules.remedies.values() for s in remedy.steps]
    assert len(commands) > 100
    assert not [command for command in commands if NOWHERE.search(command)]


def test_the_last_resort_names_bare_hosts_and_both_public_ones(
    advice: dict[Path, tuple[Run, tuple[Remedy, ...]]],
) -> None:
    commands = {
        step.command
        for _, remedies in advice.values()
        for remedy in remedies
        if remedy.id == "trusted-host"
        for step in remedy.steps
        if step.command
    }
    assert commands
    for command in commands:
        assert not re.search(r":\d|//", command)
        assert ("pypi.org" in command) == ("files.pythonhosted.org" in command)
