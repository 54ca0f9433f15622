"""Search raw bytes for the few literals that cover all rules' anchors.

The automaton is fast up to 64 literals and falls to a twentieth with twice as many, so the
literals are chosen: a set of short factors, each of which stands in many anchors, that leaves no
anchor out. Five hundred rules then cost what fifty cost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ahocorasick_rs import BytesAhoCorasick, MatchKind

MAX_LITERALS = 60
_MIN_FACTOR, _MAX_FACTOR = 5, 10


def choose_literals(anchors: Iterable[str]) -> list[bytes]:
    """Return at most about MAX_LITERALS literals such that each anchor holds one of them.

    Greedy cover: the factor that stands in most of the anchors left, then the longest, then the
    first in the alphabet, so that the same rules always give the same set.
    """
    left = {anchor: _factors(anchor) for anchor in set(anchors)}
    chosen: list[bytes] = []
    while left:
        counts = Counter(factor for factors in left.values() for factor in factors)
        best = min(counts, key=lambda factor: (-counts[factor], -len(factor), factor))
        chosen.append(best.encode())
        left = {anchor: factors for anchor, factors in left.items() if best not in factors}
    return chosen


def _factors(anchor: str) -> frozenset[str]:
    """All substrings of a useful length without white space; else the longest word."""
    words = anchor.split()
    factors = {
        word[start : start + length]
        for word in words
        for length in range(_MIN_FACTOR, min(_MAX_FACTOR, len(word)) + 1)
        for start in range(len(word) - length + 1)
    }
    return frozenset(factors or {max(words, key=len)})


class Prefilter:
    """Finds in a block of bytes the places near which a signal may stand."""

    def __init__(self, anchors: Iterable[str]) -> None:
        self.literals = choose_literals(anchors)
        self._automaton = BytesAhoCorasick(self.literals, matchkind=MatchKind.LeftmostFirst)

    def find(self, block: bytes) -> list[tuple[int, int]]:
        """Return (start, end) of the finds, in order."""
        return [(start, end) for _, start, end in self._automaton.find_matches_as_indexes(block)]
