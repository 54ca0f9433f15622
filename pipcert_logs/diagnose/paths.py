"""Whose path it is: retry warnings of pip name a path only, and indexes may have it in common."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pipcert_logs.diagnose.facts import Facts
from pipcert_logs.diagnose.messages import Message
from pipcert_logs.diagnose.urls import Place, Url, parse_urls
from pipcert_logs.match.hit import Hit


class Asked(NamedTuple):
    """An address that a program said it would fetch, and where in the log it said so."""

    record: int
    url: Url


def asked_addresses(hits: Iterable[Hit]) -> list[Asked]:
    """Return the addresses that a log says were to be fetched, in its order."""
    return [
        Asked(hit.record, url)
        for hit in hits
        if hit.signal.role in ("context", "progress") and "url" in hit.captures
        for url in parse_urls(hit.captures["url"])
    ]


class Source(NamedTuple):
    """Where a program downloads from, as a record says; None where that may be several places."""

    record: int
    place: Place | None


def sources(hits: Iterable[Hit]) -> Iterator[Source]:
    """Yield what a log says of where downloads come from, in its order."""
    for hit in hits:
        if hit.signal.role in ("context", "progress"):
            for url in parse_urls(hit.captures["url"]) if "url" in hit.captures else ():
                yield Source(hit.record, url.place)
            index = hit.captures.get("index")
            if listed := {url.place for url in parse_urls(index)} if index else None:
                yield Source(hit.record, listed.pop() if len(listed) == 1 else None)


class _Named(NamedTuple):
    record: int
    place: Place


class PlacesByPath:
    """Where a path is: a line that names it with a host tells, and so do the indexes' addresses.

    Such a line, if it is a message, follows the warnings of the same request.
    """

    def __init__(self, said: Iterable[Message], asked: Iterable[Asked], facts: Facts) -> None:
        self._facts = facts
        self._named: dict[str, list[_Named]] = {}
        self._asked: dict[str, Place] = {}
        self._begins: dict[str, list[int]] = {}
        left: dict[str, int] = {}
        for message in said:
            for path in message.paths:
                self._follow(message, path, left)
        for address in asked:
            self._asked.setdefault(address.url.path, address.url.place)

    def _follow(self, message: Message, path: str, left: dict[str, int]) -> None:
        """Note where a path is named, and where another request for it begins.

        The tries that are left only go down while it is one request.
        """
        record, tries = message.hits[0].record, message.retries_left
        if tries is not None and left.get(path, tries + 1) <= tries:
            self._begins.setdefault(path, []).append(record)
        if tries is not None:
            left[path] = tries
        if message.place:
            self._named.setdefault(path, []).append(_Named(record, message.place))
        if message.place and tries is None:
            left.pop(path, None)

    def of(self, message: Message) -> Place | None:
        """Return whose path a message names: the next one's that names it too, if there is one."""
        for path in message.paths:
            if path in self._named:
                return self._next(path, message.hits[0].record) or self._left(path)
            if path in self._asked:
                return self._asked[path]
        return only_index_with(message.paths, self._facts)

    def _next(self, path: str, record: int) -> Place | None:
        """The next message that names the path; of several indexes' only if the request is one."""
        named = self._named[path]
        following = bisect_left(named, record, key=lambda found: found.record)
        if following == len(named):
            return None
        begins = self._begins.get(path, [])
        another = bisect_right(begins, record)
        if another < len(begins) and begins[another] <= named[following].record:
            return named[following].place if len(indexes_with([path], self._facts)) < 2 else None
        return named[following].place

    def _left(self, path: str) -> Place | None:
        """Of the indexes that have a path, the one that no message named; the last, if all were."""
        said = [found.place for found in self._named[path]]
        left = indexes_with([path], self._facts) - set(said)
        if not left:
            return said[-1]
        return left.pop() if len(left) == 1 else None


def only_index_with(paths: Iterable[str], facts: Facts) -> Place | None:
    """Return the only index that has a path; without its port if only its host is certain."""
    candidates = indexes_with(paths, facts)
    hosts = {place.host for place in candidates}
    if len(hosts) != 1:
        return None
    return candidates.pop() if len(candidates) == 1 else Place(hosts.pop(), None)


def indexes_with(paths: Iterable[str], facts: Facts) -> set[Place]:
    """Return where the addresses lead that have most of a path in common."""
    named = [
        (len(url.path.rstrip("/")), url.place)
        for url in (*facts.indexes, *facts.links)
        for path in paths
        if path.startswith(url.path.rstrip("/") or "/")
    ]
    longest = max(named, default=(0, None))[0]
    return {place for length, place in named if length == longest}
