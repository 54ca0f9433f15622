"""Keeps what a log's signals say, in memory that does not grow with the log."""

from __future__ import annotations

from bisect import bisect_left

from pipcert_logs.match.hit import Hit
from pipcert_logs.match.matcher import Matcher
from pipcert_logs.read.records import Record

NEAR = 4096
"""So many bytes apart, two lines still speak of the same thing."""
MAX_HITS = 5_000
"""So many different hits are kept, the first and the latest: the end of a log says most."""


class Collector:
    """Matches records and keeps their hits, of equal ones the first and the last."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._records = 0
        self._runs = 0
        self._first: dict[object, list[Hit]] = {}
        self._last: dict[object, list[Hit]] = {}
        self._latest: dict[object, list[Hit]] = {}

    def add(self, record: Record) -> None:
        """Match a record."""
        hits = self._matcher.hits(record, self._records)
        if not hits:
            return
        self._records += 1
        self._runs += any(hit.signal.begins for hit in hits)
        key = self._runs, *((hit.signal.id, *sorted(hit.captures.items())) for hit in hits)
        if key in self._first:
            self._last[key] = hits
        elif len(self._first) < MAX_HITS // 2:
            self._first[key] = hits
        else:
            self._latest.pop(key, None)
            self._latest[key] = hits
            if len(self._latest) > MAX_HITS // 2:
                del self._latest[next(iter(self._latest))]

    @property
    def hits(self) -> list[Hit]:
        """The hits kept, in the order of the log.

        What a log is not searched for counts near what it is searched for, and nowhere else.
        """
        groups = [*self._first.values(), *self._last.values(), *self._latest.values()]
        hits = [hit for group in sorted(groups, key=lambda g: g[0].record) for hit in group]
        found = sorted(hit.offset for hit in hits if _speaks_for_itself(hit))
        return [hit for hit in hits if _speaks_for_itself(hit) or near(hit.offset, found)]


def _speaks_for_itself(hit: Hit) -> bool:
    return bool(hit.signal.sought) or hit.signal.role in ("frame", "reason", "symptom")


def near(offset: int, found: list[int]) -> bool:
    """Tell whether one of some offsets, in their order, is near an offset."""
    place = bisect_left(found, offset)
    return any(abs(offset - other) <= NEAR for other in found[max(place - 1, 0) : place + 1])
