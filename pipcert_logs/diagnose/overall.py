"""From the cases of a log to what holds for the log as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from pipcert_logs.diagnose.ranking import Case, Ranked
from pipcert_logs.diagnose.urls import Url

Verdict = Literal["failed", "recovered", "clean", "unexplained"]
State = Literal["failed", "answered", "silent"]

_SHOWN = 0.02  # a cause less likely than this is left out
_TOLD = 0.25  # a stated reason explains a failure if a cause is at least as likely
_EXPLAINED = 0.8  # without a stated reason, only a cause as likely as this explains a failure


class Shared(NamedTuple):
    """A cause of one or more cases; the one in which it is likeliest speaks for it."""

    ranked: Ranked
    speaker: Case
    cases: tuple[Case, ...]


def failed(cases: Iterable[Case]) -> list[Case]:
    """Return the cases that no retry mended."""
    return [case for case in cases if not case.failure.recovered]


def verdict(cases: Iterable[Case]) -> Verdict:
    """Say how the log ended."""
    cases = list(cases)
    if not cases:
        return "clean"
    unmended = failed(cases)
    if not unmended:
        return "recovered"
    explained = any(
        cause.probability >= (_TOLD if case.failure.reasons else _EXPLAINED)
        for case in unmended
        for cause in case.causes[:1]
    )
    return "failed" if explained else "unexplained"


def shown(case: Case) -> list[Ranked]:
    """Return the causes of a case that are likely enough to be told."""
    return [cause for cause in case.causes if cause.probability >= _SHOWN]


def ranking(cases: Iterable[Case]) -> list[Shared]:
    """Rank the causes of all cases that failed, best first; what is met later comes after."""
    found: dict[str, Shared] = {}
    for case in failed(cases):
        for ranked in shown(case):
            name = ranked.cause.id
            best = found.get(name, Shared(ranked, case, ()))
            here = (case.failure.later, -ranked.probability)
            better = here < (best.speaker.failure.later, -best.ranked.probability)
            speaks = (ranked, case) if better else (best.ranked, best.speaker)
            found[name] = Shared(*speaks, (*best.cases, case))
    return sorted(
        found.values(),
        key=lambda s: (
            s.speaker.failure.later,
            -round(s.ranked.probability, 6),
            s.ranked.cause.id,
        ),
    )


def index_states(cases: Iterable[Case], indexes: Iterable[Url]) -> list[tuple[Url, State]]:
    """Say of each index that the log names whether it failed; of each host, its first address.

    Where pip warns of retries it warns of every index that it cannot reach, and keeps silent about
    much else. So an index without a warning answered, unless a reason is stated without a host.
    """
    cases = list(cases)
    lost = {case.failure.host for case in failed(cases)}
    with_reason = {case.failure.host for case in cases if case.failure.reasons}
    warned = any(message.is_retry for case in cases for message in case.failure.messages)
    unplaced = any(case.failure.reasons and not case.failure.host for case in failed(cases))
    by_host: dict[str, Url] = {}
    for url in indexes:
        by_host.setdefault(url.host, url)
    others: State = "answered" if warned and with_reason and not unplaced else "silent"
    return [
        (url, "failed" if host in lost & with_reason else others) for host, url in by_host.items()
    ]
