"""What kind of host it is: whose index, and who is expected to have issued its certificate."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from pipcert_logs.diagnose.urls import is_address, is_private_address
from pipcert_logs.knowledge.model import HostFacts, Kind
from pipcert_logs.patterns import compiled


class HostKind(Struct, frozen=True):
    """`kind` says whose index it is, `certificate` who is expected to have signed for the host."""

    kind: Kind
    certificate: Kind
    index: bool


class HostClassifier:
    """Judges hosts and paths by the facts of `rules/hosts.toml`."""

    def __init__(self, facts: HostFacts) -> None:
        self._facts = facts
        self._private_paths = [compiled(pattern) for pattern in facts.private_paths]
        self._index_paths = [compiled(pattern) for pattern in facts.index_paths]

    def classify(self, host: str | None, paths: Iterable[str], *, configured: bool) -> HostKind:
        """Judge a host; `configured` tells that the log names it as an index.

        Without a host, the paths alone may tell: a registry's own form of path is a private one's.
        """
        paths = tuple(paths)
        index = configured or any(p.search(path) for p in self._index_paths for path in paths)
        if host and _listed(host, self._facts.public):
            return HostKind("public", "public", index)
        if host and _listed(host, self._facts.hosted):
            return HostKind("private", "public", index)
        if host and self._looks_internal(host):
            return HostKind("private", "private", index)
        if any(p.search(path) for p in self._private_paths for path in paths):
            return HostKind("private", "private", index)
        if host and index:
            return HostKind("private", "unknown", index)
        return HostKind("unknown", "unknown", index)

    def _looks_internal(self, host: str) -> bool:
        if is_address(host):
            return is_private_address(host)
        if "." not in host or host.endswith(tuple(self._facts.private_suffixes)):
            return True
        return bool(set(host.replace("-", ".").split(".")) & set(self._facts.private_labels))


def _listed(host: str, patterns: Iterable[str]) -> bool:
    return any(
        host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:]))
        for pattern in patterns
    )
