"""From the cases of a log to what holds for the log as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple

from pipcert_logs.diagnose.ranking import Case, Ranked
from pipcert_logs.diagnose.urls import Place, Url

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
    """Say of each index that the log names whether it failed; of each server, its first address.

    Where pip warns of retries it warns of every index that it cannot reach, and keeps silent about
    much else. So an index without a warning answered, unless a reason is stated that may be its.
    """
    cases = list(cases)
    by_place: dict[Place, Url] = {}
    for url in indexes:
        by_place.setdefault(url.place, url)
    lost = {case.failure.place for case in failed(cases) if case.failure.reasons}
    warned = any(message.is_retry for case in cases for message in case.failure.messages)
    with_reason = any(case.failure.reasons for case in cases)
    servers = Counter(place.host for place in by_place)
    unplaced = any(place is None or (not place.port and servers[place.host] > 1) for place in lost)
    others: State = "answered" if warned and with_reason and not unplaced else "silent"

    lost_hosts = {place.host for place in lost if place}

    def is_lost(place: Place) -> bool:
        return place in lost or (servers[place.host] == 1 and place.host in lost_hosts)

    return [(url, "failed" if is_lost(place) else others) for place, url in by_place.items()]
