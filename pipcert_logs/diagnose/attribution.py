"""Which endpoint a message is about: pip names hosts in some lines, and only paths in others."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from pipcert_logs.diagnose.facts import Facts
from pipcert_logs.diagnose.failure import Failure
from pipcert_logs.diagnose.messages import Message, messages
from pipcert_logs.diagnose.paths import (
    PlacesByPath,
    Source,
    asked_addresses,
    indexes_with,
    sources,
)
from pipcert_logs.diagnose.urls import Place
from pipcert_logs.match.collect import near
from pipcert_logs.match.hit import Hit

_INDEX_PORTS = (443, None)
_PLAIN_PORT = 80
_BESIDE = 4  # so many records apart, two messages are no longer one

_Grouped = dict["Place | None", Failure]
"""Failures by their endpoint, as far as it is known."""


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


def by_endpoint(hits: list[Hit], facts: Facts) -> list[Failure]:
    """Group the messages of a log by the endpoint that they are about, in its order."""
    said, asked = _of_installers(hits), asked_addresses(hits)
    known = {url.host for url in (*facts.indexes, *facts.links)}
    known |= {message.host for message in said if message.host}
    by_path = PlacesByPath(said, asked, facts)
    homeless: list[Message] = []
    placed: list[tuple[Place | None, Message]] = []
    for message in said:
        place = (
            _in_full(message, known)
            or _index_at(message, facts)
            or _redirected_to(message, facts)
            or by_path.of(message)
            or _peer_place(message, known)
        )
        if place is None and not message.peer:
            homeless.append(message)
        else:
            placed.append((_connected(place, message), message))
    grouped = _grouped(placed)
    _house(homeless, grouped, list(sources(hits)), facts)
    return sorted(grouped.values(), key=lambda failure: failure.begin)


def _connected(place: Place | None, message: Message) -> Place | None:
    """What a message says of the connection counts before what an address says."""
    if place and message.peer == place.host and message.port:
        return place._replace(port=message.port)
    return place


def _grouped(placed: Iterable[tuple[Place | None, Message]]) -> _Grouped:
    """Put messages of one endpoint together; one without a port is about the host's only one."""
    placed = list(placed)
    ports: dict[str, set[int]] = {}
    for place, _ in placed:
        if place and place.port:
            ports.setdefault(place.host, set()).add(place.port)
    grouped: _Grouped = {}
    for place, message in placed:
        if place and not place.port and len(ports.get(place.host, ())) == 1:
            place = place._replace(port=min(ports[place.host]))
        host, port = place or (None, None)
        failure = grouped.setdefault(place, Failure(host, port))
        failure.proxy = failure.proxy or _proxy(message, host)
        failure.messages.append(message)
    return grouped


def _in_full(message: Message, known: set[str]) -> Place | None:
    """A log that was cut in the middle of a URL means the host that it names in full elsewhere."""
    cut = {url.host for url in message.urls if not url.path}
    if message.host not in cut:
        return message.place
    whole = [host for host in known if host.startswith(message.host) and host not in cut]
    return Place(whole[0], None) if len(whole) == 1 else message.place


def _index_at(message: Message, facts: Facts) -> Place | None:
    """The other end of the connection, where the log names an index there: so it is no proxy."""
    if message.via_proxy or message.peer is None:
        return None
    peer = Place(message.peer, message.port)
    return peer if any(url.place == peer for url in facts.indexes) else None


def _redirected_to(message: Message, facts: Facts) -> Place | None:
    """The other end of a plain connection where all indexes are https: one sent the program there.

    On the way to an https index the connection to a proxy is no plain one to urllib3.
    """
    secured = facts.indexes and all(url.scheme == "https" for url in facts.indexes)
    if not (secured and message.is_plain and message.peer) or message.via_proxy:
        return None
    return Place(message.peer, message.port)


def _peer_place(message: Message, known: set[str]) -> Place | None:
    """urllib3 2 names the other end of a connection, which behind a proxy is the proxy.

    It is the endpoint if the log names it as one, or if its port is the one that indexes have. At
    the port of plain HTTP nobody has an https index: it is the proxy's, whose URL names none.
    """
    if message.via_proxy or message.peer is None:
        return None
    ports = (*_INDEX_PORTS, _PLAIN_PORT) if message.is_plain else _INDEX_PORTS
    believed = message.peer in known or message.port in ports
    return Place(message.peer, message.port) if believed else None


def _proxy(message: Message, host: str | None) -> str | None:
    if message.peer is None or message.peer == host:
        return None
    return f"{message.peer}:{message.port}" if message.port else message.peer


def _house(
    homeless: list[Message],
    grouped: _Grouped,
    said: list[Source],
    facts: Facts,
) -> None:
    """Give messages without a host to the endpoint that failed for the same reason, if any.

    A traceback without any host is about the address or the index that was named last before it, or
    about the only index that the log names.
    """
    indexes = {url.place for url in facts.indexes}
    alone = indexes.pop() if len(indexes) == 1 and not grouped else None
    endpoints = _endpoints_by_reason(grouped.values())
    neighbours = _Neighbours(grouped.values())
    for message in homeless:
        why = [hit.signal.id for hit in message.reasons]
        same = next((endpoints[reason] for reason in why if reason in endpoints), [])
        if same and not (message.paths and (len(same) > 1 or indexes_with(message.paths, facts))):
            same[0].messages.append(message)
        elif why or message.frames:
            place = None if message.paths else _named_last(message, said, alone)
            beside = neighbours.nearest(message) if not message.frames else None
            failure = beside or grouped.setdefault(place, Failure(*(place or ())))
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


def _named_last(message: Message, said: list[Source], otherwise: Place | None) -> Place | None:
    before = bisect_right(said, message.hits[0].record, key=lambda source: source.record)
    return said[before - 1].place if before else otherwise


def _endpoints_by_reason(found: Iterable[Failure]) -> dict[str, list[Failure]]:
    endpoints: dict[str, list[Failure]] = {}
    for failure in found:
        reasons = {hit.signal.id for message in failure.messages for hit in message.reasons}
        for reason in reasons if failure.host else ():
            endpoints.setdefault(reason, []).append(failure)
    return endpoints
