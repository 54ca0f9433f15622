"""Which endpoint a message is about: pip names hosts in some lines, and only paths in others."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from pipcert_logs.diagnose.facts import Facts
from pipcert_logs.diagnose.failure import Failure
from pipcert_logs.diagnose.messages import Message, messages
from pipcert_logs.diagnose.urls import Url, parse_urls
from pipcert_logs.match.collect import near
from pipcert_logs.match.hit import Hit

_INDEX_PORTS = (443, 80, None)
_BESIDE = 4  # so many records apart, two messages are no longer one


def _of_installers(hits: list[Hit]) -> list[Message]:
    """Return the messages, but for everyday ones far from all that an installer printed."""
    installers = sorted(
        hit.offset
        for hit in hits
        if hit.signal.facts.tool or hit.signal.role in ("frame", "symptom")
    )
    return [
        message
        for message in messages(hits)
        if not message.is_everyday or near(message.hits[0].offset, installers)
    ]


class _Asked(NamedTuple):
    """An address that a program said it would fetch, and where in the log it said so."""

    record: int
    url: Url


def _asked_addresses(hits: Iterable[Hit]) -> list[_Asked]:
    return [
        _Asked(hit.record, url)
        for hit in hits
        if hit.signal.role in ("context", "progress")
        for url in parse_urls(hit.captures.get("url", ""))
    ]


def by_endpoint(hits: list[Hit], facts: Facts) -> list[Failure]:
    """Group the messages of a log by the endpoint that they are about, in its order."""
    said, asked = _of_installers(hits), _asked_addresses(hits)
    known = {url.host for url in (*facts.indexes, *facts.links)}
    known |= {message.host for message in said if message.host}
    hosts = _HostsByPath(said, asked, facts)
    grouped: dict[str | None, Failure] = {}
    homeless: list[Message] = []
    for message in said:
        host = (
            _in_full(message, known)
            or _index_at(message, facts)
            or _redirected_to(message, facts)
            or hosts.of(message)
            or _only_index_with(message.paths, facts)
            or _peer_host(message, known)
        )
        if host is None and not message.peer:
            homeless.append(message)
            continue
        failure = grouped.setdefault(host, Failure(host))
        failure.port = failure.port or (message.port if message.peer in (None, host) else None)
        failure.proxy = failure.proxy or _proxy(message, host)
        failure.messages.append(message)
    _house(homeless, grouped, asked, facts)
    return sorted(grouped.values(), key=lambda failure: failure.begin)


def _in_full(message: Message, known: set[str]) -> str | None:
    """A log that was cut in the middle of a URL means the host that it names in full elsewhere."""
    cut = {url.host for url in message.urls if not url.path}
    if message.host not in cut:
        return message.host
    whole = [host for host in known if host.startswith(message.host) and host not in cut]
    return whole[0] if len(whole) == 1 else message.host


def _index_at(message: Message, facts: Facts) -> str | None:
    """The other end of the connection, where the log names an index there: so it is no proxy."""
    if message.via_proxy or message.peer is None:
        return None
    ports = {url.port_in_use for url in facts.indexes if url.host == message.peer}
    return message.peer if message.port in ports else None


def _redirected_to(message: Message, facts: Facts) -> str | None:
    """The other end of a plain connection where all indexes are https: one sent the program there.

    On the way to an https index the connection to a proxy is no plain one to urllib3.
    """
    secured = facts.indexes and all(url.scheme == "https" for url in facts.indexes)
    return message.peer if secured and message.is_plain and not message.via_proxy else None


def _peer_host(message: Message, known: set[str]) -> str | None:
    """urllib3 2 names the other end of a connection, which behind a proxy is the proxy.

    It is the endpoint if the log names it as one, or if its port is the one that indexes have.
    """
    if message.via_proxy or not (message.peer in known or message.port in _INDEX_PORTS):
        return None
    return message.peer


def _proxy(message: Message, host: str | None) -> str | None:
    if message.peer is None or message.peer == host:
        return None
    return f"{message.peer}:{message.port}" if message.port else message.peer


class _HostsByPath:
    """Retry warnings name a path only; a line that names it with a host tells whose.

    Such a line, if it is a message, follows the warnings; indexes may have the path in common.
    """

    def __init__(self, said: Iterable[Message], asked: Iterable[_Asked], facts: Facts) -> None:
        self._facts = facts
        self._said: dict[str, list[tuple[int, str]]] = {}
        self._asked: dict[str, str] = {}
        for message in said:
            for path in message.paths if message.host else ():
                place = message.hits[0].record, message.host or ""
                self._said.setdefault(path, []).append(place)
        for address in asked:
            self._asked.setdefault(address.url.path, address.url.host)

    def of(self, message: Message) -> str | None:
        """Return whose path a message names: the next one's that names it too, if there is one."""
        for path in message.paths:
            named = self._said.get(path)
            if named:
                following = bisect_left(named, (message.hits[0].record, ""))
                return named[following][1] if following < len(named) else self._left(path)
            if path in self._asked:
                return self._asked[path]
        return None

    def _left(self, path: str) -> str | None:
        """Of the indexes that have a path, the one that no message named; the last, if all were."""
        said = [host for _, host in self._said[path]]
        left = _indexes_with([path], self._facts) - set(said)
        if not left:
            return said[-1]
        return left.pop() if len(left) == 1 else None


def _only_index_with(paths: Iterable[str], facts: Facts) -> str | None:
    candidates = _indexes_with(paths, facts)
    return candidates.pop() if len(candidates) == 1 else None


def _indexes_with(paths: Iterable[str], facts: Facts) -> set[str]:
    """Return the hosts whose addresses have most of a path in common."""
    named = [
        (len(url.path.rstrip("/")), url.host)
        for url in (*facts.indexes, *facts.links)
        for path in paths
        if path.startswith(url.path.rstrip("/") or "/")
    ]
    longest = max(named, default=(0, ""))[0]
    return {host for length, host in named if length == longest}


def _house(
    homeless: list[Message],
    grouped: dict[str | None, Failure],
    asked: list[_Asked],
    facts: Facts,
) -> None:
    """Give messages without a host to the endpoint that failed for the same reason, if any.

    A traceback without any host is about the address that was asked for last, or about the only
    index that the log names.
    """
    indexes = {url.host for url in facts.indexes}
    alone = indexes.pop() if len(indexes) == 1 and not grouped else None
    endpoints = _endpoints_by_reason(grouped.values())
    neighbours = _Neighbours(grouped.values())
    for message in homeless:
        why = [hit.signal.id for hit in message.reasons]
        same = next((endpoints[reason] for reason in why if reason in endpoints), [])
        if same and not (message.paths and len(same) > 1):
            same[0].messages.append(message)
        elif why or message.frames:
            host = None if message.paths else _asked_last(message, asked) or alone
            beside = neighbours.nearest(message) if not message.frames else None
            failure = beside or grouped.setdefault(host, Failure(host))
            failure.messages.append(message)


class _Neighbours:
    """The failures of a log by the records that tell of them."""

    def __init__(self, found: Iterable[Failure]) -> None:
        self._failures = list(found)
        self._records = sorted(
            (hit.record, number)
            for number, failure in enumerate(self._failures)
            for message in failure.messages
            for hit in message.hits
        )

    def nearest(self, message: Message) -> Failure | None:
        """A reason that stands beside a failure, and says nothing of a place, is part of it."""
        begin = message.hits[0].record
        place = bisect_right(self._records, (begin, len(self._failures)))
        around = self._records[max(place - 1, 0) : place + 1]
        distance, number = min(
            ((abs(record - begin), number) for record, number in around), default=(_BESIDE, 0)
        )
        return self._failures[number] if distance < _BESIDE else None


def _asked_last(message: Message, asked: list[_Asked]) -> str | None:
    before = bisect_right(asked, message.hits[0].record, key=lambda address: address.record)
    return asked[before - 1].url.host if before else None


def _endpoints_by_reason(found: Iterable[Failure]) -> dict[str, list[Failure]]:
    endpoints: dict[str, list[Failure]] = {}
    for failure in found:
        reasons = {hit.signal.id for message in failure.messages for hit in message.reasons}
        for reason in reasons if failure.host else ():
            endpoints.setdefault(reason, []).append(failure)
    return endpoints
