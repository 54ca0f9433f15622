"""Is a condition of a rule true, false or unknown here?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from pipcert_logs.diagnose.endpoints import HostKind
from pipcert_logs.diagnose.facts import Facts
from pipcert_logs.diagnose.urls import is_address
from pipcert_logs.diagnose.versions import VersionRange
from pipcert_logs.knowledge.model import ALWAYS, Condition
from pipcert_logs.patterns import compiled

_LOOPBACK = compiled(r"localhost|127\..*|::1")


class Situation(Struct, frozen=True, dict=True):
    """A failure as conditions see it."""

    host: str | None
    port: int | None
    kind: HostKind
    tool: str
    signals: frozenset[str]
    captures: Mapping[str, tuple[str, ...]]
    via_proxy: bool | None
    reason_known: bool
    facts: Facts
    traits: Mapping[str, Condition]

    def holds(self, condition: Condition) -> bool | None:
        """True if all holds, False if anything does not, None if that is unknown."""
        if condition is ALWAYS:
            return True
        results = list(self._parts(condition))
        if False in results:
            return False
        return None if None in results else True

    def _has(self, trait: str) -> bool | None:
        if trait not in self._known:
            self._known[trait] = self.holds(self.traits[trait])
        return self._known[trait]

    @cached_property
    def _known(self) -> dict[str, bool | None]:
        """The traits that were asked for, as most are again and again."""
        return {}

    def _parts(self, condition: Condition) -> Iterator[bool | None]:
        yield from self._endpoint_parts(condition)
        yield from self._client_parts(condition)
        seen = self.signals | self.facts.signals
        if condition.all_signals:
            yield seen.issuperset(condition.all_signals)
        if condition.any_signal:
            yield not seen.isdisjoint(condition.any_signal)
        if condition.no_signal:
            yield seen.isdisjoint(condition.no_signal)
        for name, pattern in condition.captures.items():
            yield any(compiled(pattern).fullmatch(value) for value in self.captures.get(name, ()))
        for name in condition.traits:
            yield self._has(name)

    def _endpoint_parts(self, condition: Condition) -> Iterator[bool | None]:
        if condition.kind:
            yield self.kind.kind in condition.kind
        if condition.certificate:
            yield self.kind.certificate in condition.certificate
        if condition.index is not None:
            yield self.kind.index == condition.index
        if condition.host_known is not None:
            yield (self.host is not None) == condition.host_known
        if condition.address is not None:
            yield None if self.host is None else is_address(self.host) == condition.address
        if condition.loopback is not None:
            yield (
                None
                if self.host is None
                else bool(_LOOPBACK.fullmatch(self.host)) == condition.loopback
            )
        if condition.several_indexes is not None:
            servers = {url.place for url in self.facts.indexes}
            yield (len(servers) > 1) == condition.several_indexes
        if condition.via_proxy is not None:
            yield None if self.via_proxy is None else self.via_proxy == condition.via_proxy

    def _client_parts(self, condition: Condition) -> Iterator[bool | None]:
        if condition.reason_known is not None:
            yield self.reason_known == condition.reason_known
        if condition.tool:
            yield self.tool in condition.tool
        if condition.pip:
            yield self.facts.pip.within(VersionRange.parse(condition.pip))
        if condition.python:
            yield self.facts.python.within(VersionRange.parse(condition.python))
        if condition.os:
            yield _among(self.facts.os, condition.os)
        if condition.ci:
            yield _among(self.facts.ci, condition.ci)


def _among(value: str | None, accepted: Iterable[str]) -> bool | None:
    return None if value is None else value in accepted
