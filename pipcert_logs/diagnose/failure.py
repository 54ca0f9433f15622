"""A failure: what could not be fetched from one endpoint."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipcert_logs.diagnose.messages import Message
from pipcert_logs.diagnose.urls import Url
from pipcert_logs.match.hit import Hit


@dataclass
class Failure:
    """What could not be fetched from one endpoint, and all that the log says of it."""

    host: str | None = None
    port: int | None = None
    messages: list[Message] = field(default_factory=list)
    symptoms: list[Hit] = field(default_factory=list)
    asked: Url | None = None
    """The index that was asked, where only symptoms tell of a failure."""
    proxy: str | None = None
    """The proxy that was connected to, where a message names it."""
    recovered: bool = False

    @property
    def via_proxy(self) -> bool:
        """Whether it is known that the connection went by a proxy."""
        return bool(self.proxy) or any(message.via_proxy for message in self.messages)

    @property
    def hits(self) -> list[Hit]:
        """All hits, in the order of the log."""
        return sorted([*self._said, *self.symptoms], key=lambda hit: (hit.record, hit.start))

    @property
    def speaking(self) -> list[Hit]:
        """The hits that count as evidence: symptoms speak only where nothing explains them."""
        return self._said or self.symptoms

    @property
    def _said(self) -> list[Hit]:
        return [
            hit for message in self.messages if not self._outdone(message) for hit in message.hits
        ]

    def _outdone(self, message: Message) -> bool:
        """A retry helped against what a warning told of, if the end came for another reason."""
        ends = {hit.signal.id for m in self.messages if not m.is_retry for hit in m.reasons}
        return (
            message.is_retry
            and bool(ends)
            and ends.isdisjoint(h.signal.id for h in message.reasons)
        )

    @property
    def reasons(self) -> frozenset[str]:
        """Ids of the signals that say why."""
        return frozenset(hit.signal.id for message in self.messages for hit in message.reasons)

    @property
    def signals(self) -> frozenset[str]:
        """Ids of all its signals but the symptoms."""
        return frozenset(hit.signal.id for hit in self._said)

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of URLs that the failure names."""
        return tuple(dict.fromkeys(path for message in self.messages for path in message.paths))

    @property
    def urls(self) -> tuple[Url, ...]:
        """URLs that the failure names."""
        return tuple(dict.fromkeys(url for message in self.messages for url in message.urls))

    @property
    def packages(self) -> tuple[str, ...]:
        """Names of the packages that were wanted."""
        named = [hit.captures["package"] for hit in self.hits if hit.captures.get("package")]
        named += [
            project(hit.captures["requirement"])
            for hit in self.hits
            if hit.captures.get("requirement")
        ]
        return tuple(dict.fromkeys(normalised(name) for name in named if name))

    @property
    def tool(self) -> str:
        """The program that reported it."""
        stated = (hit.signal.facts.tool for hit in self.hits)
        return next((tool for tool in stated if tool), "pip")

    @property
    def last_line(self) -> int:
        """The last line that tells of it."""
        return max(hit.end_line for hit in self.hits)


def project(requirement: str) -> str:
    """The name at the begin of a requirement."""
    match = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", requirement)
    return match[0] if match else ""


def normalised(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower().strip("-")
