"""One sentence for a report."""

from __future__ import annotations

from pipcert_logs.diagnose.overall import Verdict
from pipcert_logs.report import model

_SURE = 0.65  # below it, the sentence says that it is a guess
_NAMED = 3


def summary(
    verdict: Verdict, failures: tuple[model.Failure, ...], causes: tuple[model.Cause, ...]
) -> str:
    """Say in one sentence what was found."""
    if verdict == "clean":
        return "Nothing of TLS or the network failed in this log."
    if verdict == "recovered":
        hosts = _hosts(failures)
        return f"A connection{f' to {hosts}' if hosts else ''} failed, and a retry succeeded."
    failed = tuple(failure for failure in failures if failure.outcome == "failed")
    where = _hosts(failed)
    at = f" at {where}" if where else ""
    if verdict == "unexplained":
        return f"An install failed{at}, and the log does not say why."
    title = causes[0].title.rstrip(".")
    if causes[0].probability < _SURE:
        return f"Probably {title}{at}."
    return f"{_sentence(title)}{at}."


def _hosts(failures: tuple[model.Failure, ...]) -> str:
    hosts = list(dict.fromkeys(f.endpoint.host for f in failures if f.endpoint.host))
    more = f" and {len(hosts) - _NAMED} more" if len(hosts) > _NAMED else ""
    return ", ".join(hosts[:_NAMED]) + more


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
