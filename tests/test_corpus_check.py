"""`pipcert-logs corpus check` on a corpus of a handful of logs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipcert_logs import Rules
from pipcert_logs.corpus_check import Share, find_cases

ROOT = Path(__file__).parent.parent
NO_SSL = (
    "WARNING: pip is configured with locations that require TLS/SSL, however the ssl module in "
    "Python is not available.\n"
    "Could not fetch URL https://pypi.corp.example/simple/demo/: There was a problem confirming "
    "the ssl certificate: HTTPSConnectionPool(host='pypi.corp.example', port=443): Max retries "
    "exceeded with url: /simple/demo/ (Caused by SSLError(\"Can't connect to HTTPS URL because the "
    'SSL module is not available.")) - skipping\n'
    "ERROR: No matching distribution found for demo\n"
)
CLEAN = "Collecting demo\nSuccessfully installed demo-1.0\n"


def case(folder: Path, name: str, log: str, **label: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.log").write_text(log, encoding="utf-8")
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in label.items()]
    (folder / f"{name}.toml").write_text("".join(lines), encoding="utf-8")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    host = ["PyPI.corp.example"]
    case(folder, "right", NO_SSL, causes=["no-ssl-module"], hosts=host)
    case(
        folder / "deeper",
        "wrong",
        NO_SSL,
        causes=["dns-failure"],
        not_causes=["no-ssl-module"],
        hosts=["other.example"],
        provenance="recorded",
    )
    case(folder, "alarm", NO_SSL, causes=["none"])
    case(folder, "quiet", CLEAN, causes=["none"], note="nothing wrong", ci="")
    return folder


def check(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipcert_logs", "corpus", "check", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


@pytest.fixture
def scores(corpus: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(check("--format", "json", corpus).stdout)
    return document


def hits(share: dict[str, Any]) -> tuple[int, int]:
    return share["hits"], share["total"]


def test_totals(scores: dict[str, Any]) -> None:
    assert scores["cases"] == 4
    totals = scores["scores"]
    assert hits(totals["first"]) == (2, 4)
    assert hits(totals["plainly_wrong"]) == (1, 4)
    assert hits(totals["controls"]) == (1, 2)
    assert hits(totals["hosts"]) == (2, 4)
    assert hits(totals["hosts_included"]) == (3, 4)


def test_by_cause(scores: dict[str, Any]) -> None:
    causes = scores["causes"]
    assert causes["no-ssl-module"]["cases"] == causes["no-ssl-module"]["first"] == 1
    assert hits(causes["no-ssl-module"]["precision"]) == (1, 3)
    assert hits(causes["no-ssl-module"]["recall"]) == (1, 1)
    assert hits(causes["dns-failure"]["recall"]) == (0, 1)


def test_confusions_alarms_and_misses(scores: dict[str, Any]) -> None:
    assert {(c["label"], c["answer"], c["cases"]) for c in scores["confusions"]} == {
        ("dns-failure", "no-ssl-module", 1),
        ("none", "no-ssl-module", 1),
    }
    assert scores["false_alarms"] == ["alarm"]
    missed = {miss["case"]: miss for miss in scores["misses"]}
    assert set(missed) == {"alarm", "wrong"}
    assert missed["wrong"]["got"] == "no-ssl-module"
    assert missed["wrong"]["expected"] == ["dns-failure"]
    assert missed["wrong"]["plainly_wrong"]
    assert 0 < missed["wrong"]["probability"] <= 1


def test_by_family_and_provenance(scores: dict[str, Any]) -> None:
    assert set(scores["by"]["family"]) == {"control", "network", "runtime"}
    assert hits(scores["by"]["provenance"]["recorded"]["first"]) == (0, 1)
    assert hits(scores["by"]["provenance"]["field"]["first"]) == (2, 3)


def test_the_tables_name_everything(corpus: Path) -> None:
    shown = check(corpus).stdout
    for words in ("no-ssl-module", "dns-failure", "alarm", "wrong", "By family", "By provenance"):
        assert words in shown
    assert "50.0%" in shown
    assert "2/4" in shown


def test_misses_only(corpus: Path) -> None:
    shown = check("--misses", corpus).stdout
    assert "wrong" in shown
    assert "By family" not in shown


@pytest.mark.parametrize(
    ("floor", "value", "below"),
    [
        ("--min-first", 0.5, False),
        ("--min-first", 0.51, True),
        ("--max-not", 0.25, False),
        ("--max-not", 0.24, True),
        ("--min-controls", 0.6, True),
        ("--min-hosts", 0.5, False),
        ("--min-hosts", 0.95, True),
    ],
)
def test_floors(corpus: Path, floor: str, value: float, below: bool) -> None:
    result = check(floor, str(value), corpus)
    assert result.returncode == (1 if below else 0)
    assert (f"{floor} {value:g} is missed" in result.stderr) is below


def test_cases_that_cannot_be_used_are_told(corpus: Path, rules: Rules) -> None:
    (corpus / "alone.log").write_text("x")
    (corpus / "lonely.log").write_text("x")
    case(corpus, "unknown", CLEAN, causes=["no-such-cause"])
    case(corpus, "typed", CLEAN, causes="none")
    case(corpus, "empty", CLEAN, causes=[])
    (corpus / "broken.log").write_text("x")
    (corpus / "broken.toml").write_text("causes = [")
    cases, errors = find_cases([corpus, corpus / "missing"], rules.causes)
    assert len(cases) == 4
    assert any("2 of 10 logs have no label" in error for error in errors)
    for name in ("unknown.toml", "typed.toml", "empty.toml", "broken.toml"):
        assert sum(name in error for error in errors) == 1
    assert any(str(corpus / "missing") in error for error in errors)
    assert check(corpus).returncode == 2


def test_wilson_interval() -> None:
    low, high = Share(93, 100, 100).interval()
    assert (round(low, 3), round(high, 3)) == (0.863, 0.966)
    assert Share(0, 0, 0).interval() == (0.0, 1.0)
    assert Share(0, 0, 0).value is None
