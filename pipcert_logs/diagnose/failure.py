"""A failure: what could not be fetched from one endpoint."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from pipcert_logs.diagnose.messages import Message
from pipcert_logs.diagnose.urls import Place, Url
from pipcert_logs.match.hit import Hit
from pipcert_logs.patterns import compiled

_NAME = compiled(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SEPARATORS = compiled(r"[-_.]+")


class Failure(Struct, dict=True, eq=False):
    """What could not be fetched from one endpoint, and all that the log says of it.

    Messages and what was probed are complete before anything is asked of a failure; symptoms are
    added afterwards, and before `hits` or what follows from it is asked for.
    """

    host: str | None = None
    port: int | None = None
    proxy: str | None = None
    """The proxy that was connected to, where a message names it."""
    messages: list[Message] = []
    symptoms: list[Hit] = []
    probed: list[Hit] = []
    """What a look at the host found."""
    asked: Url | None = None
    """The index that was asked, where only symptoms tell of a failure."""
    recovered: bool = False
    later: bool = False
    """Whether it shows only once what else fails at this host is mended."""

    def with_messages_of(self, later: Failure) -> Failure:
        """Return this failure with the messages of one that another run had as well."""
        return Failure(
            self.host,
            self.port or later.port,
            self.proxy or later.proxy,
            [*self.messages, *later.messages],
            recovered=self.recovered,
        )

    @property
    def place(self) -> Place | None:
        """The endpoint, if its host is known."""
        return Place(self.host, self.port) if self.host else None

    @cached_property
    def said(self) -> list[Hit]:
        """The hits of the messages, without warnings that a retry outdid, and what was probed."""
        ends = {hit.signal.id for m in self.messages if not m.is_retry for hit in m.reasons}
        told = [hit for m in self.messages if not _outdone(m, ends) for hit in m.hits]
        return [*told, *self.probed]

    @cached_property
    def frames(self) -> list[Hit]:
        """All hits that say which tool talks about which endpoint."""
        return [hit for message in self.messages for hit in message.frames]

    @cached_property
    def reasons(self) -> frozenset[str]:
        """Ids of the signals that say why."""
        told = [hit for message in self.messages for hit in message.reasons]
        found = [hit for hit in self.probed if hit.signal.role == "reason"]
        return frozenset(hit.signal.id for hit in (*told, *found))

    @cached_property
    def outlives_look(self) -> bool:
        """Whether the log states why, and a look at the host found nothing wrong."""
        stated = bool(self.probed) and any(message.reasons for message in self.messages)
        return stated and not any(hit.signal.role == "reason" for hit in self.probed)

    @property
    def given_up(self) -> bool:
        """Whether the program said that it gave up."""
        return any(hit.signal.final for hit in self.frames)

    @cached_property
    def signals(self) -> frozenset[str]:
        """Ids of all its signals but the symptoms."""
        return frozenset(hit.signal.id for hit in self.said)

    @cached_property
    def wanted(self) -> frozenset[str]:
        """The packages that its messages name."""
        return frozenset(_packages(self.said))

    @cached_property
    def begin(self) -> int:
        """The record of its first message."""
        told = [hit for message in self.messages for hit in message.hits]
        return min(hit.record for hit in told or self.probed)

    @cached_property
    def via_proxy(self) -> bool:
        """Whether it is known that the connection went by a proxy."""
        through = any("proxy" in hit.captures for hit in self.probed)
        return through or bool(self.proxy) or any(message.via_proxy for message in self.messages)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Paths of URLs that the failure names."""
        return tuple(dict.fromkeys(path for message in self.messages for path in message.paths))

    @cached_property
    def hits(self) -> list[Hit]:
        """All hits, in the order of the log."""
        return sorted([*self.said, *self.symptoms], key=lambda hit: (hit.record, hit.start))

    @property
    def speaking(self) -> list[Hit]:
        """The hits that count as evidence: symptoms speak only where nothing explains them."""
        return self.said if self.messages or self.reasons else self.hits

    @cached_property
    def packages(self) -> tuple[str, ...]:
        """Names of the packages that were wanted."""
        return tuple(dict.fromkeys(_packages(self.hits)))

    @property
    def tool(self) -> str | None:
        """The program that reported it, where what it printed there tells."""
        stated = (hit.signal.facts.tool for hit in self.hits)
        return next((tool for tool in stated if tool), None)

    @property
    def last_line(self) -> int:
        """The last line that tells of it."""
        return max(hit.end_line for hit in self.hits)


def _outdone(message: Message, ends: set[str]) -> bool:
    """A retry helped against what a warning told of, if the end came for another reason."""
    return (
        message.is_retry
        and bool(ends)
        and ends.isdisjoint(hit.signal.id for hit in message.reasons)
    )


def _packages(hits: list[Hit]) -> list[str]:
    named = [
        hit.captures.get("package") or project(hit.captures.get("requirement", "")) for hit in hits
    ]
    return [normalised(name) for name in named if name]


def project(requirement: str) -> str:
    """The name at the begin of a requirement."""
    match = _NAME.match(requirement)
    return match[0] if match else ""


def normalised(name: str) -> str:
    """PEP 503."""
    return _SEPARATORS.sub("-", name).lower().strip("-")
