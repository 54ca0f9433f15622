"""Search raw bytes for the places near which a signal may stand.

First fast automata look for the literals that cover all anchors. Where one finds any, a slower one
looks for whole anchors in the bytes around it, white space and boxes aside, so that a wrapped or
reflowed anchor is seen too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from pipcert_logs.match.literals import cover
from pipcert_logs.read.squeeze import squeeze

FAST = 60
"""An automaton takes 2.4 GB/s up to 64 literals, a fifth with one more: so several smaller ones."""
AROUND = 256
"""How many bytes around a literal are looked through for a whole anchor."""
_BETWEEN = b" \t\r\n\x0b\x0c\x00\\|>#" + "│┃".encode()
"""What wrapping and boxes put between the letters of a message, byte by byte."""


class Prefilter:
    """Finds in a block of bytes the places near which a signal may stand."""

    def __init__(self, anchors: Iterable[str], literals: Iterable[str] = ()) -> None:
        """Prepare the search for `anchors`, with a choice of literals made earlier."""
        anchors = list(anchors)
        self.literals = [literal.encode() for literal in cover(anchors, literals)]
        self._literals = [
            BytesAhoCorasick(self.literals[start : start + FAST], matchkind=MatchKind.LeftmostFirst)
            for start in range(0, len(self.literals), FAST)
        ]
        whole = sorted({_dense(squeeze(anchor).encode()) for anchor in anchors})
        self._anchors = BytesAhoCorasick(whole)

    def find(self, block: memoryview, begin: int, stop: int) -> list[tuple[int, int]]:
        """Return (start, end) of the finds that start in `block[begin:stop]`, in order.

        What lies before `begin` and from `stop` on is looked at, as far as AROUND reaches.
        """
        found = sorted(
            (start, end)
            for automaton in self._literals
            for _, start, end in automaton.find_matches_as_indexes(block)
            if begin <= start < stop
        )
        return [
            place
            for crowd in _crowds(found)
            if len(crowd) == 1 or self._near_anchor(block, crowd[0][0], crowd[-1][1])
            for place in crowd
            if self._near_anchor(block, *place)
        ]

    def _near_anchor(self, block: memoryview, start: int, end: int) -> bool:
        return self.holds_anchor(bytes(block[max(start - AROUND, 0) : end + AROUND]))

    def holds_anchor(self, window: bytes) -> bool:
        """Tell whether some bytes hold an anchor, wrapped or not."""
        return bool(self._anchors.find_matches_as_indexes(_dense(window)))


def _crowds(found: Iterable[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Put together what is found close by, so that a crowd in vain is looked at once."""
    crowd: list[tuple[int, int]] = []
    for place in found:
        if crowd and place[0] - crowd[-1][1] > AROUND:
            yield crowd
            crowd = []
        crowd.append(place)
    if crowd:
        yield crowd


def _dense(text: bytes) -> bytes:
    """Return a text without what may stand between its letters, ends of lines written out too."""
    return text.replace(b"\\n", b"").replace(b"\\r", b"").translate(None, _BETWEEN)
