"""Text without its white space, and the way back.

Terminals, boxes and CI systems wrap messages at any column, and reflow them with blanks of their
own. Matching without white space makes all of these one text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from pipcert_logs.patterns import compiled

# A wrapped line inside a string that was escaped (JSON, repr) ends in backslash-n; quotes carry
# backslashes there, one for each level. Markdown escapes the underscore. NUL and the zero-width
# marks print nothing.
_IGNORED = compiled(
    r"(?:\s|\\{1,8}(?:[nrt]|(?=['\"_\[\]()<>]))|[\x00\u200b\u200c\u200d\u2060\ufeff])+"
)


class Squeezed:
    r"""A text without white space, and for each of its characters the place it came from.

    >>> s = Squeezed("certi\\nficate verify failed")
    >>> s.text, s.origin(0), s.origin(5)
    ('certificateverifyfailed', 0, 6)
    """

    __slots__ = ("_kept", "_starts", "text")

    def __init__(self, source: str) -> None:
        pieces = list(_plain_pieces(source) if _is_plain(source) else _pieces(source))
        self.text = "".join(piece for _, piece in pieces)
        self._kept = [position for position, _ in pieces]
        self._starts = [0, *accumulate(len(piece) for _, piece in pieces)]

    def origin(self, index: int) -> int:
        """Return where the character at `index` of `text` stands in the source."""
        piece = bisect_right(self._starts, index) - 1
        piece = min(piece, len(self._kept) - 1)
        return self._kept[piece] + index - self._starts[piece]


def _pieces(source: str) -> Iterator[tuple[int, str]]:
    """Yield what counts, and where it stands."""
    position = 0
    for gap in _IGNORED.finditer(source):
        if gap.start() > position:
            yield position, source[position : gap.start()]
        position = gap.end()
    if position < len(source):
        yield position, source[position:]


def _plain_pieces(source: str) -> Iterator[tuple[int, str]]:
    """Yield the same where only white space is left out."""
    position = 0
    for piece in source.split():
        position = source.index(piece, position)
        yield position, piece
        position += len(piece)


def squeeze(source: str) -> str:
    """Return `source` without what does not count when matching."""
    return "".join(source.split()) if _is_plain(source) else _IGNORED.sub("", source)


def _is_plain(source: str) -> bool:
    """Tell whether only white space is to be left out, which str does ten times as fast."""
    return "\\" not in source and "\x00" not in source and source.isascii()
