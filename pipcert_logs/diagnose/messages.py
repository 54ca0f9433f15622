"""From signals to messages: what one program said of one endpoint at one place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec import Struct

from pipcert_logs.diagnose.urls import Place, Url, parse_urls, valid_host, valid_port
from pipcert_logs.match.hit import Hit

_GAP = 200  # squeezed characters between reasons of one message that no frame spans


class Message(Struct, dict=True, eq=False):
    """Frames and reasons that overlap: the frames say who and where, the reasons why.

    All hits are there before anything is asked of a message.
    """

    hits: list[Hit] = []

    @cached_property
    def frames(self) -> list[Hit]:
        """The hits that say which tool talks about which endpoint."""
        return [hit for hit in self.hits if hit.signal.role == "frame"]

    @cached_property
    def reasons(self) -> list[Hit]:
        """The hits that say why."""
        return [hit for hit in self.hits if hit.signal.role == "reason"]

    @cached_property
    def is_everyday(self) -> bool:
        """Whether a program that installs nothing may have printed it."""
        return all(hit.signal.everyday for hit in self.hits)

    @cached_property
    def is_retry(self) -> bool:
        """Whether it only warns that a request will be tried again."""
        return any("total" in hit.captures for hit in self.frames)

    @cached_property
    def urls(self) -> list[Url]:
        """The URLs that the message names, without credentials."""
        return [
            url for hit in self._frames_first() for url in parse_urls(hit.captures.get("url", ""))
        ]

    @cached_property
    def host(self) -> str | None:
        """The endpoint's host; what a frame says of it counts before what a reason says."""
        for hit in self._frames_first():
            host = valid_host(hit.captures.get("host"))
            for url in parse_urls(hit.captures.get("url", "")):
                host = host or url.host
            if host:
                return host
        return None

    @cached_property
    def place(self) -> Place | None:
        """The endpoint, where the message names its host; the port that stands beside it counts."""
        if self.host is None:
            return None
        beside = (
            valid_port(hit.captures.get("port"))
            for hit in self._frames_first()
            if valid_host(hit.captures.get("host")) == self.host
        )
        asked = (url.port_in_use for url in self.urls if url.host == self.host)
        connected = self.port if self.peer in (None, self.host) else None
        return Place(self.host, next((port for port in (*beside, *asked, connected) if port), None))

    @cached_property
    def port(self) -> int | None:
        """The port of the connection, where the message names it."""
        stated = (valid_port(hit.captures.get("port")) for hit in self._frames_first())
        return next((port for port in stated if port), None)

    @cached_property
    def retries_left(self) -> int | None:
        """How often the request will be tried again, where it is a warning that says so."""
        total = next(iter(self.captures("total")), "")
        return int(total) if total.isdigit() else None

    @cached_property
    def peer(self) -> str | None:
        """The other end of the connection: the host, or the proxy that stands for it."""
        return next((host for text in self.captures("peer") if (host := valid_host(text))), None)

    @cached_property
    def is_plain(self) -> bool:
        """Whether the connection was made for an http:// URL."""
        return self.captures("scheme") == ["HTTP"]

    @cached_property
    def via_proxy(self) -> bool:
        """Whether the message says that it is about a proxy."""
        return any(hit.signal.facts.via_proxy or "proxy" in hit.captures for hit in self.hits)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The paths of URLs that the message names."""
        named = [hit.captures["path"] for hit in self.hits if "path" in hit.captures]
        return tuple(dict.fromkeys([*named, *(url.path for url in self.urls if url.path)]))

    def _frames_first(self) -> list[Hit]:
        return sorted(self.hits, key=lambda hit: hit.signal.role != "frame")

    def captures(self, name: str) -> list[str]:
        """Return the values of one capture, in order, each once."""
        return list(dict.fromkeys(hit.captures[name] for hit in self.hits if name in hit.captures))


def messages(hits: Iterable[Hit]) -> Iterator[Message]:
    """Group the frames and reasons of a log, in its order, into messages."""
    current: Message | None = None
    end = record = -1
    for hit in hits:
        if hit.signal.role not in ("frame", "reason"):
            continue
        joins = (
            current is not None
            and hit.record == record
            and (
                hit.start < end
                or (not current.frames and hit.signal.role == "reason" and hit.start < end + _GAP)
            )
        )
        if not joins:
            if current:
                yield current
            current, end = Message(), -1
        assert current is not None
        current.hits.append(hit)
        end, record = max(end, hit.end), hit.record
    if current:
        yield current
