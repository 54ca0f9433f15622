"""The reports of the whole corpus, held as snapshots, and the floors that it is held to."""

from __future__ import annotations

import pytest
import tomli
from pytest_regressions.data_regression import DataRegressionFixture
from pytest_regressions.file_regression import FileRegressionFixture

from pipcert_logs import Report, Rules, explain
from pipcert_logs.report.markdown import render
from pipcert_logs.report.text import lines
from tests.corpus_logs import LOGS

FAULTS = sorted({path.stem.split("__")[0] for path in LOGS})
WHOLE = [
    "01-unknown-issuer-private__pip-24.2-py3.11",
    "02-root-in-chain-public__pip-26.3-py3.11",
    "11-no-ssl-module__pip-23.3.2-py3.11",
    "12-requests-missing__pip-25.3-py3.11",
    "14-proxy-407__pip-26.3-py3.11",
    "19-extra-private-ca__pip-20.3.4-py3.11",
    "21-page-403__pip-25.3-py3.11",
    "23-reset-once__pip-24.2-py3.11",
]


def outline(report: Report) -> dict[str, object]:
    """What must not change unseen, without what is the same in all logs of a cause."""
    return {
        "verdict": report.verdict,
        "failures": [
            {
                "host": failure.endpoint.host,
                "kind": failure.endpoint.kind,
                "outcome": failure.outcome,
                "packages": list(failure.packages),
            }
            for failure in report.failures
        ],
        "causes": [f"{cause.id} {cause.probability:.2f}" for cause in report.causes],
        "remedies": [f"{r.id} ({r.verification})" for r in report.remedies],
        "indexes": [f"{index.host} {index.state}" for index in report.indexes],
        "other_error": report.other_error.text if report.other_error else None,
    }


@pytest.mark.parametrize("fault", FAULTS)
def test_reports(fault: str, rules: Rules, data_regression: DataRegressionFixture) -> None:
    grouped: dict[str, dict[str, object]] = {}
    for path in LOGS:
        name, _, client = path.stem.partition("__")
        if name == fault:
            result = outline(explain(path.read_bytes(), rules=rules, source=path.name))
            entry = grouped.setdefault(repr(result), {"clients": [], **result})
            entry["clients"].append(client)  # type: ignore[attr-defined]
    data_regression.check({"reports": list(grouped.values())}, basename=fault)


@pytest.mark.parametrize("name", WHOLE)
def test_whole_report(name: str, rules: Rules, file_regression: FileRegressionFixture) -> None:
    path = next(path for path in LOGS if path.stem == name)
    report = explain(path.read_bytes(), rules=rules, source=path.name)
    file_regression.check(report.to_json(), extension=".json", basename=f"whole-{name}")
    shown = "".join(f"{line.plain}\n" for line in lines(report, width=80))
    file_regression.check(shown, extension=".txt", basename=f"whole-{name}")
    file_regression.check(render(report), extension=".md", basename=f"whole-{name}")


def test_recorded_logs_are_explained(rules: Rules) -> None:
    """At least 99 of 100 recorded logs get an acceptable first cause."""
    wrong = []
    for path in LOGS:
        label = tomli.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
        report = explain(path.read_bytes(), rules=rules)
        first = report.causes[0].id if report.causes else "none"
        if first not in label["causes"]:
            wrong.append(f"{path.stem}: {first}")
    assert len(wrong) <= len(LOGS) * 0.01, wrong


def test_verification_stays_on_in_first_place(rules: Rules) -> None:
    for path in LOGS:
        remedies = explain(path.read_bytes(), rules=rules).remedies
        order = [("keeps", "weakens", "off").index(r.verification) for r in remedies]
        assert order == sorted(order), path.stem
        assert not remedies or remedies[0].verification == "keeps", path.stem


def test_every_log_says_how_it_was_made() -> None:
    for path in LOGS:
        label = tomli.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
        assert label["provenance"] == "recorded", path.stem
        assert label["command"], path.stem


def test_no_path_of_a_machine_in_the_corpus() -> None:
    for path in LOGS:
        text = path.read_text(encoding="utf-8", errors="replace")
        assert ".pyenv" not in text, path.stem
        assert "/work/" not in text, path.stem
