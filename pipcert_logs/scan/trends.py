"""What gets better and what gets worse: the last seven days, compared with the seven before.

The last day is that of the last failure of all, so that an old archive has trends as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from pipcert_logs.scan.report import Span, Summary, Trend
from pipcert_logs.scan.words import cause_name

_RISING, _FALLING = 1.5, 1 / 1.5
_TOLD: tuple[Trend, ...] = ("new", "rising", "gone", "falling")


class Change(NamedTuple):
    """A cause or a host that has become more or less of a trouble."""

    trend: Trend
    kind: str
    """`cause` or `host`."""
    name: str
    port: int | None
    before: int
    """Failures in the seven days before the last ones."""
    now: int
    """Failures in the last seven days."""
    first: str
    """The time of the first failure of all: ISO 8601, UTC."""


class Days(NamedTuple):
    """Some days: the first and the last."""

    first: str
    last: str

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


def week(last: str) -> Days:
    """Return the last seven days, up to that of a time."""
    return Days(_begin(last, 0), last[:10])


def week_before(last: str) -> Days:
    """Return the seven days before the last ones."""
    return Days(_begin(last, 1), _day(date.fromisoformat(_begin(last, 0)), -1))


def trend(days: Mapping[str, int], first: str, last: str) -> Trend:
    """Tell how it goes with something.

    Args:
        days: its failures of each day.
        first: the time of the first failure of all.
        last: the time of the last failure of all.
    """
    if not days or first[:10] >= _begin(last, 0):
        return "unknown"  # there is no week to compare with
    before, now = _counts(days, last)
    if not now:
        return "gone"
    if min(days) >= _begin(last, 0):
        return "new"
    expected = before * 7 / _days_known(first, last)
    if now >= expected * _RISING:
        return "rising"
    return "falling" if now <= expected * _FALLING else "steady"


def changes(summary: Summary) -> list[Change]:
    """Return what is new, then what is rising, gone and falling, the most failures first.

    What had gone before these two weeks is no news; failures that name no host are told as causes
    only. The names of causes are those of `cause_name`.
    """
    found = [change for change in _all(summary) if change.before or change.now]
    return sorted(found, key=lambda c: (_TOLD.index(c.trend), c.kind, -max(c.before, c.now)))


def _all(summary: Summary) -> Iterator[Change]:
    last = summary.totals.last

    def change(kind: str, name: str, port: int | None, span: Span) -> Iterator[Change]:
        if span.trend in _TOLD:
            yield Change(span.trend, kind, name, port, *_counts(span.days, last), span.first)

    for cause in summary.causes:
        yield from change("cause", cause_name(cause.id), None, cause.span)
    for host in summary.hosts:
        if host.host:
            yield from change("host", host.host, host.port, host.span)


def _counts(days: Mapping[str, int], last: str) -> tuple[int, int]:
    """Return the failures in the week before, and in the last one."""
    before, now = _begin(last, 1), _begin(last, 0)
    return (
        sum(count for day, count in days.items() if before <= day < now),
        sum(count for day, count in days.items() if day >= now),
    )


def _days_known(first: str, last: str) -> int:
    """Return how many days of the week before the logs cover: of a younger archive not all."""
    now = date.fromisoformat(_begin(last, 0))
    return min(7, (now - date.fromisoformat(first[:10])).days)


def _begin(last: str, weeks_ago: int) -> str:
    """Return the day with which the last week begins, or an earlier one."""
    return _day(date.fromisoformat(last[:10]), -6 - 7 * weeks_ago)


def _day(of: date, later: int) -> str:
    return (of + timedelta(days=later)).isoformat()
