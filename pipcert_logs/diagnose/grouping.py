"""From messages to failures: one tool, one endpoint; failed, or recovered by a retry."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pipcert_logs.diagnose.facts import Facts
from pipcert_logs.diagnose.failure import Failure, normalised, project
from pipcert_logs.diagnose.messages import Message, messages
from pipcert_logs.diagnose.urls import Url, parse_urls
from pipcert_logs.match.collect import near
from pipcert_logs.match.hit import Hit

_PORTS = {"https": 443, "http": 80}
_INDEX_PORTS = (*_PORTS.values(), None)
_EXHAUSTED = 3  # so many warnings and none left: what follows comes from elsewhere
_BESIDE = 4  # so many records apart, two messages are no longer one
_NO_VERSIONS = frozenset({"", "none"})

Explained = Mapping[str, "frozenset[str]"]
"""For each symptom the signals of the causes that explain it."""


def failures(hits: Iterable[Hit], facts: Facts, explained: Explained) -> list[Failure]:
    """Group the hits of a log into failures, in the order of the log."""
    hits = list(hits)
    found = _by_endpoint(_of_installers(hits), _asked_addresses(hits), facts)
    progress = [(hit.record, hit.start) for hit in hits if hit.signal.role == "progress"]
    for failure in found:
        failure.recovered = _recovered(failure, max(progress, default=(-1, -1)), facts)
    alone = _fold_symptoms(found, hits, explained)
    if not alone.symptoms:
        return found
    alone.asked = _only_index(alone, facts)
    return [*found, alone]


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


def _by_endpoint(said: list[Message], asked: list[_Asked], facts: Facts) -> list[Failure]:
    known = {url.host for url in (*facts.indexes, *facts.links)}
    known |= {message.host for message in said if message.host}
    hosts = _hosts_by_path(said, asked)
    grouped: dict[str | None, Failure] = {}
    homeless: list[Message] = []
    for message in said:
        host = (
            _in_full(message, known)
            or _index_at(message, facts)
            or _host_of(message, hosts, facts)
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
    ports = {url.port or _PORTS[url.scheme] for url in facts.indexes if url.host == message.peer}
    return message.peer if message.port in ports else None


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


def _hosts_by_path(said: Iterable[Message], asked: Iterable[_Asked]) -> dict[str, str]:
    """Retry warnings name a path only; a line that names it with a host tells whose."""
    hosts: dict[str, str] = {}
    for message in said:
        if message.host:
            for path in message.paths:
                hosts.setdefault(path, message.host)
    for address in asked:
        hosts.setdefault(address.url.path, address.url.host)
    return hosts


def _host_of(message: Message, hosts: dict[str, str], facts: Facts) -> str | None:
    for path in message.paths:
        if path in hosts:
            return hosts[path]
    named = [
        (len(url.path.rstrip("/")), url.host)
        for url in (*facts.indexes, *facts.links)
        for path in message.paths
        if path.startswith(url.path.rstrip("/") or "/")
    ]
    longest = max(named, default=(0, ""))[0]
    candidates = {host for length, host in named if length == longest}
    return candidates.pop() if len(candidates) == 1 else None


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
    for message in homeless:
        why = [hit.signal.id for hit in message.reasons]
        same = next((endpoints[reason] for reason in why if reason in endpoints), [])
        if same and not (message.paths and len(same) > 1):
            same[0].messages.append(message)
        elif why or message.frames:
            host = None if message.paths else _asked_last(message, asked) or alone
            near = _nearest(message, grouped.values()) if not message.frames else None
            failure = near or grouped.setdefault(host, Failure(host))
            failure.messages.append(message)


def _nearest(message: Message, found: Iterable[Failure]) -> Failure | None:
    """A reason that stands beside a failure, and says nothing of a place, is part of it."""
    begin = message.hits[0].record
    distances = {
        abs(hit.record - begin): failure
        for failure in found
        for other in failure.messages
        for hit in other.hits
    }
    closest = min(distances, default=_BESIDE)
    return distances[closest] if closest < _BESIDE else None


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


def _recovered(failure: Failure, progress: tuple[int, int], facts: Facts) -> bool:
    """A retry recovered if no final line followed, tries were left, and the program went on.

    With none left it may have gone on without this index, if there is another. `progress` is the
    place of the log's last progress.
    """
    totals = (hit.captures.get("total", "") for hit in failure.frames)
    left = [int(total) for total in totals if total.isdigit()]
    others = len({url.host for url in facts.indexes}) > 1
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
        return self._lasting[before - 1] if self._lasting else None


def _only_index(failure: Failure, facts: Facts) -> Url | None:
    """The only index that was asked is the one that had nothing."""
    answered = any(
        hit.captures.get("versions", "none") not in _NO_VERSIONS for hit in failure.symptoms
    )
    if answered or len({url.host for url in facts.indexes}) != 1:
        return None
    return facts.indexes[0]
