"""From lines to records: undo what a terminal, a box or a CI system wrapped.

Whether a line is the rest of the one before cannot be told from its length: boxes, loggers and
people wrap anywhere. So a line goes on until the next one begins like a message of its own, which
`rules/records.toml` describes. Joining too much costs nothing, as patterns have bounded gaps.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from pipcert_logs.knowledge.model import RecordFacts
from pipcert_logs.patterns import compiled
from pipcert_logs.read.decoration import undecorated
from pipcert_logs.read.lines import Line
from pipcert_logs.read.terminal import plain

MAX_LINES = 96
OVERLAP = 48
"""A record that grows over MAX_LINES is handed on, and its last OVERLAP lines begin the next."""
_CONSOLES = frozenset((72, 79, 80, 99, 100, 119, 120, 131, 132, 159, 160, 200))
RAGGED = 3
"""By so many characters lines that were wrapped at one column differ: a blank, a time's digits."""
_LONGEST_HEAD = 512  # more than any head takes
_NEVER = "(?!)"
WRITTEN_NEWLINE = compiled(r"(?:\\{1,8}r)?\\{1,8}n")


class Piece(NamedTuple):
    """A line's text without control characters and decoration, its number, and where it begins."""

    number: int
    text: str
    offset: int = 0
    width: int = 0
    """How many characters the line had, decoration and all."""
    decoration: str = ""
    """What others put before the line, such as a time stamp."""


class Record(NamedTuple):
    """Pieces that may be one message; `continued` if its first OVERLAP lines were in the last."""

    pieces: tuple[Piece, ...]
    continued: bool
    widest: int = 0
    """How many characters the longest line had, of its own, those before and the one after."""

    def may_be_wrapped(self, piece: Piece) -> bool:
        """Tell whether the next piece may be the rest of a line.

        It may if no line nearby is longer, if the line is as long as consoles are wide, or if words
        were wrapped in a list or at a hyphen.
        """
        return (
            piece.width >= self.widest - RAGGED
            or piece.width in _CONSOLES
            or piece.text.rstrip().endswith((",", "-"))
            or not piece.text.isascii()
        )


@lru_cache(maxsize=8)
def _by_first_letter(heads: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the few heads that are worth looking for where a text begins with a letter."""
    found: dict[str, list[str]] = {}
    for head in heads:
        found.setdefault(head[:1], []).append(head)
    return {letter: tuple(some) for letter, some in found.items()}


class Assembler:
    """Puts lines together to records, one line at a time."""

    def __init__(self, facts: RecordFacts) -> None:
        self._heads = _by_first_letter(facts.heads)
        self._head_pattern = compiled("|".join(facts.head_patterns) or _NEVER)
        self._pieces: list[Piece] = []
        self._continued = False
        self._widest = 0

    def add(self, line: Line) -> Iterator[Record]:
        """Take a line; yield the records that it ends."""
        if not line.adjacent:
            yield from self.flush()
            self._widest = 0
        whole = plain(line.text)
        self._widest = max(self._widest, len(whole))
        bare, decoration = undecorated(whole)
        for part in self._messages(bare):
            if not part.strip():
                yield from self.flush()
                continue
            if self._pieces and self._begins_message(part):
                yield from self.flush()
            self._pieces.append(Piece(line.number, part, line.offset, len(whole), decoration))
            if len(self._pieces) >= MAX_LINES:
                yield self._overflow()

    def flush(self) -> Iterator[Record]:
        """Yield the record that is open, if any."""
        if self._pieces:
            yield Record(tuple(self._pieces), self._continued, self._widest)
            self._widest = max(piece.width for piece in self._pieces)
            self._pieces.clear()
        self._continued = False

    def _begins_message(self, text: str) -> bool:
        bare = text.lstrip()
        heads = self._heads.get(bare[:1], ())
        return bare.startswith(heads) or bool(self._head_pattern.match(bare))

    def _overflow(self) -> Record:
        record = Record(tuple(self._pieces), self._continued, self._widest)
        del self._pieces[:-OVERLAP]
        self._continued = True
        return record

    def _messages(self, text: str) -> Iterator[str]:
        """Split where a written-out newline is followed by the begin of a message."""
        start = 0
        if "\\n" in text:
            for gap in WRITTEN_NEWLINE.finditer(text):
                if self._begins_message(text[gap.end() : gap.end() + _LONGEST_HEAD]):
                    yield text[start : gap.start()]
                    start = gap.end()
        yield text[start:]
