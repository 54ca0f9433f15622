"""From messages to failures: one tool, one endpoint; failed, or recovered by a retry."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

from pipcert_logs.diagnose.attribution import by_endpoint
from pipcert_logs.diagnose.facts import Facts
from pipcert_logs.diagnose.failure import Failure, normalised, project
from pipcert_logs.diagnose.probed import by_place, met_later, with_probed
from pipcert_logs.diagnose.urls import Url
from pipcert_logs.match.hit import Hit

_EXHAUSTED = 3  # so many warnings and none left: what follows comes from elsewhere
_NO_VERSIONS = frozenset({"", "none"})

Explained = Mapping[str, "frozenset[str]"]
"""For each symptom the signals of the causes that explain it."""


def failures(hits: Iterable[Hit], facts: Facts, explained: Explained) -> list[Failure]:
    """Group the hits of a log into failures, in the order of the log."""
    hits = list(hits)
    probed = by_place(hit for hit in hits if hit.signal.probed)
    hits = [hit for hit in hits if not hit.signal.probed]
    told = _merged(failure for run in _runs(hits) for failure in _of_run(run, facts))
    found = with_probed(told, probed, facts.indexes)
    alone = _fold_symptoms(found, hits, explained)
    if not alone.symptoms:
        return [*found, *met_later(probed)]
    alone.asked = _only_index(alone, facts)
    if alone.asked:
        alone.probed = probed.get(alone.asked.place, [])
    return [*found, alone, *met_later(probed)]


def _runs(hits: Iterable[Hit]) -> Iterator[list[Hit]]:
    """Split the hits of a log where another run of a program begins."""
    run: list[Hit] = []
    for hit in hits:
        if hit.signal.begins and run:
            yield run
            run = []
        run.append(hit)
    yield run


def _of_run(hits: list[Hit], facts: Facts) -> list[Failure]:
    found = by_endpoint(hits, facts)
    progress = [(hit.record, hit.start) for hit in hits if hit.signal.role == "progress"]
    for failure in found:
        failure.recovered = _recovered(failure, max(progress, default=(-1, -1)), facts)
    return found


def _merged(found: Iterable[Failure]) -> list[Failure]:
    """Make one failure of those that several runs had at one endpoint for the same reason."""
    merged: list[Failure] = []
    places: dict[str | None, list[int]] = {}
    for failure in found:
        # one whose host the log does not tell is at the host that failed for the same reason
        earlier = places.get(failure.host, ()) if failure.host else range(len(merged))
        same = next((place for place in earlier if _same(merged[place], failure)), None)
        if same is None:
            places.setdefault(failure.host, []).append(len(merged))
            merged.append(failure)
        else:
            merged[same] = merged[same].with_messages_of(failure)
    return merged


def _same(earlier: Failure, later: Failure) -> bool:
    return (
        earlier.recovered == later.recovered
        and (None in (earlier.port, later.port) or earlier.port == later.port)
        and (not later.reasons or not earlier.reasons.isdisjoint(later.reasons))
    )


def _recovered(failure: Failure, progress: tuple[int, int], facts: Facts) -> bool:
    """A retry recovered if no final line followed, tries were left, and the program went on.

    With none left it may have gone on without this index, if there is another. `progress` is the
    place of the run's last progress.
    """
    totals = (hit.captures.get("total", "") for hit in failure.frames)
    left = [int(total) for total in totals if total.isdigit()]
    others = len({url.place for url in facts.indexes}) > 1
    given_up = failure.given_up or (0 in left and (others or len(left) >= _EXHAUSTED))
    if given_up or not failure.frames:
        return False
    return progress > max((hit.record, hit.start) for hit in failure.frames)


def _fold_symptoms(found: list[Failure], hits: list[Hit], explained: Explained) -> Failure:
    """Put each symptom under the failure that explains it; return those that none explains.

    After an error of another kind, such as a failed build, symptoms say nothing new, unless they
    list what the index has.
    """
    alone = Failure()
    errors = (hit.record for hit in hits if hit.signal.role == "other-error")
    broken = min(errors, default=None)
    explaining: dict[tuple[str, bool], _Explaining] = {}
    for hit in hits:
        if hit.signal.role != "symptom":
            continue
        kind = hit.signal.id, hit.captures.get("versions", "none") not in _NO_VERSIONS
        if kind not in explaining:
            explaining[kind] = _Explaining(
                found, explained.get(hit.signal.id, frozenset()), kind[1]
            )
        failure = explaining[kind].of(hit)
        if failure:
            failure.recovered = False
            failure.symptoms.append(hit)
        elif kind[1] or broken is None or hit.record < broken:
            alone.symptoms.append(hit)
    return alone


class _Explaining:
    """The failures that explain one kind of symptom."""

    def __init__(self, found: list[Failure], signals: frozenset[str], answered: bool) -> None:
        """An index that `answered` with versions is no sign that a recovered retry failed."""
        fitting = [f for f in found if not (f.recovered and answered) and f.signals & signals]
        self._lasting = [f for f in fitting if not f.recovered] or fitting
        self._begins = [failure.begin for failure in self._lasting]
        self._wanting = {p: f for f in reversed(fitting) if not f.recovered for p in f.wanted}

    def of(self, symptom: Hit) -> Failure | None:
        """Prefer the failure of the same package, then the last one before the symptom."""
        package = normalised(project(symptom.captures.get("requirement", "")))
        if package in self._wanting:
            return self._wanting[package]
        before = bisect_right(self._begins, symptom.record)
        return self._lasting[max(before - 1, 0)] if self._lasting else None


def _only_index(failure: Failure, facts: Facts) -> Url | None:
    """The only index that was asked is the one that had nothing."""
    answered = any(
        hit.captures.get("versions", "none") not in _NO_VERSIONS for hit in failure.symptoms
    )
    if answered or len({url.place for url in facts.indexes}) != 1:
        return None
    return facts.indexes[0]
