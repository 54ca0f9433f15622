"""The scores of a corpus as tables and as a JSON document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rich.table import Table

from pipcert_logs.cli.console import console
from pipcert_logs.corpus_check import (
    NONE,
    Outcome,
    Scores,
    Share,
    by_cause,
    confusions,
    misses,
    scores,
)
from pipcert_logs.knowledge.model import Cause

_SHARES = {
    "first": "first cause right",
    "plainly_wrong": "plainly wrong",
    "controls": "controls clean",
    "hosts": "hosts matched",
    "hosts_included": "hosts included",
}
Causes = Mapping[str, Cause]


def groups(found: list[Outcome], causes: Causes) -> dict[str, dict[str, list[Outcome]]]:
    """Group the cases by the family of the label's first cause, and by provenance."""

    def family(outcome: Outcome) -> str:
        first = outcome.case.label.causes[0]
        return "control" if first == NONE else causes[first].family

    return {
        "family": _grouped(found, family),
        "provenance": _grouped(found, lambda outcome: outcome.case.label.provenance),
    }


def _grouped(group: Iterable[Outcome], key: Callable[[Outcome], str]) -> dict[str, list[Outcome]]:
    """Group outcomes by a name, the names in order."""
    found: dict[str, list[Outcome]] = {}
    for outcome in group:
        found.setdefault(key(outcome), []).append(outcome)
    return dict(sorted(found.items()))


def print_scores(found: list[Outcome], causes: Causes) -> None:
    """Print everything, the totals last, where the eye is when the scrolling ends."""
    _print_causes(found)
    _print_confusions(found)
    _print_alarms(found)
    print_misses(found)
    for title, members in groups(found, causes).items():
        _print_groups(f"By {title}", members)
    _print_groups("In all", {"all": found})


def print_misses(found: list[Outcome]) -> None:
    """Print each case whose answer is wrong."""
    table = _table("Misses", "case", "expected", "got", "p")
    for outcome in misses(found):
        wrong = " (plainly wrong)" if outcome.plainly_wrong else ""
        probability = "" if outcome.probability is None else f"{outcome.probability:.2f}"
        expected = ", ".join(outcome.case.label.causes)
        table.add_row(outcome.case.name, expected, f"{outcome.first}{wrong}", probability)
    _print(table)


def _print_causes(found: list[Outcome]) -> None:
    table = _table("By cause", "cause", "cases", "first", "second", "precision", "recall")
    for name, cause in by_cause(found).items():
        counts = (str(cause.cases), str(cause.first), str(cause.second))
        table.add_row(name, *counts, _percent(cause.precision), _percent(cause.recall))
    _print(table)


def _print_confusions(found: list[Outcome]) -> None:
    table = _table("Confusions", "label", "answer", "cases")
    for label, answer, count in confusions(found):
        table.add_row(label, answer, str(count))
    _print(table)


def _print_alarms(found: list[Outcome]) -> None:
    table = _table("False alarms on controls", "case", "verdict", "cause")
    for outcome in filter(lambda outcome: outcome.false_alarm, found):
        table.add_row(outcome.case.name, outcome.report.verdict, outcome.first)
    _print(table)


def _print_groups(title: str, members: Mapping[str, list[Outcome]]) -> None:
    table = _table(title, "", "measure", "share", "of", "95 %")
    for name, group in members.items():
        for field, words in _SHARES.items():
            share: Share = getattr(scores(group), field)
            if share.total:
                low, high = share.interval()
                interval = f"{low:.1%}-{high:.1%}"
                table.add_row(name, words, _percent(share), f"{share.hits}/{share.total}", interval)
                name = ""
    _print(table)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _print(table: Table) -> None:
    """Print a table that has rows; text of cases is no markup."""
    if table.row_count:
        screen = console()
        screen.print(table)
        screen.print()


def _percent(share: Share) -> str:
    return "-" if share.value is None else f"{share.value:.1%}"


def document(found: list[Outcome], causes: Causes) -> dict[str, Any]:
    """Return all scores for JSON."""
    return {
        "cases": len(found),
        "scores": _scores(scores(found)),
        "by": {
            title: {name: _scores(scores(group)) for name, group in members.items()}
            for title, members in groups(found, causes).items()
        },
        "causes": {name: asdict(cause) for name, cause in by_cause(found).items()},
        "confusions": [
            {"label": label, "answer": answer, "cases": count}
            for label, answer, count in confusions(found)
        ],
        "false_alarms": [outcome.case.name for outcome in found if outcome.false_alarm],
        "misses": [_miss(outcome) for outcome in misses(found)],
    }


def _scores(measured: Scores) -> dict[str, Any]:
    return {field: _measured(getattr(measured, field)) for field in _SHARES}


def _measured(share: Share) -> dict[str, Any]:
    return {**asdict(share), "value": share.value, "interval": share.interval()}


def _miss(outcome: Outcome) -> dict[str, Any]:
    return {
        "case": outcome.case.name,
        "expected": outcome.case.label.causes,
        "got": outcome.first,
        "probability": outcome.probability,
        "plainly_wrong": outcome.plainly_wrong,
    }
