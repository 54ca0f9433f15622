"""One sentence for a report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipcert_logs.diagnose.overall import Verdict
from pipcert_logs.report import model
from pipcert_logs.report.words import endpoint

_SURE, _EVEN = 0.65, 0.5  # below them, the sentence says that it is a guess
_NAMED = 3


EMPTY = "The log is empty, nothing to explain."


def summary(verdict: Verdict, failures: Sequence[model.Failure], success: int | None = None) -> str:
    """Say in one sentence what was found.

    Args:
        verdict: how the log ended.
        failures: what failed, or recovered.
        success: the line that says that the install succeeded all the same.
    """
    if verdict == "clean":
        return "No download by a Python installer failed over TLS or the network in this log."
    if verdict == "recovered":
        hosts = _hosts(failures)
        return f"A connection{f' to {hosts}' if hosts else ''} failed, and a retry succeeded."
    failed = [failure for failure in failures if failure.outcome == "failed"]
    if verdict == "unexplained":
        where = _hosts(failed)
        at = f" at {where}" if where else ""
        return f"An install failed{at}, and the log does not say enough to tell why."
    groups = _by_cause(failed)
    said = "; ".join([groups[0] if ": " in groups[0] else _sentence(groups[0]), *groups[1:]])
    return (
        f"{said}. The install succeeded all the same (line {success})." if success else f"{said}."
    )


def _by_cause(failed: Iterable[model.Failure]) -> list[str]:
    """Say of each first cause at which hosts it is; the surest first."""
    found: dict[tuple[bool, str], list[model.Failure]] = {}
    for failure in failed:
        for cause in failure.causes[:1]:
            found.setdefault((bool(failure.later), cause.id), []).append(failure)
    groups = sorted(found.values(), key=lambda group: (bool(group[0].later), -_probability(group)))
    return [_group(group) for group in groups[:_NAMED]] + (
        [f"and {len(groups) - _NAMED} more causes"] if len(groups) > _NAMED else []
    )


def _group(failures: list[model.Failure]) -> str:
    title = failures[0].causes[0].title.rstrip(".")
    probability = _probability(failures)
    guessed = "" if probability >= _SURE else "probably " if probability >= _EVEN else "possibly "
    hosts = _hosts(failures)
    then = "once that is mended, " if failures[0].later else ""
    return f"{hosts}: {then}{guessed}{title}" if hosts else guessed + title


def _probability(failures: Iterable[model.Failure]) -> float:
    return max(failure.causes[0].probability for failure in failures)


def _hosts(failures: Iterable[model.Failure]) -> str:
    hosts = list(dict.fromkeys(filter(None, map(endpoint, failures))))
    more = f" and {len(hosts) - _NAMED} more" if len(hosts) > _NAMED else ""
    return ", ".join(hosts[:_NAMED]) + more


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
