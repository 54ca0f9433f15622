"""Text without its white space, and the way back.

Terminals, boxes and CI systems wrap messages at any column, and reflow them with blanks of their
own. Matching without white space makes all of these one text.
"""

from __future__ import annotations

from bisect import bisect_right
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
        self._kept, pieces = (_words if _is_plain(source) else _pieces)(source)
        self.text = "".join(pieces)
        self._starts = [0, *accumulate([len(piece) for piece in pieces])]

    def origin(self, index: int) -> int:
        """Return where the character at `index` of `text` stands in the source."""
        piece = bisect_right(self._starts, index) - 1
        piece = min(piece, len(self._kept) - 1)
        return self._kept[piece] + index - self._starts[piece]


def _pieces(source: str) -> tuple[list[int], list[str]]:
    """Return what counts: where it stands, and its text."""
    kept, pieces = [], []
    position = 0
    for gap in _IGNORED.finditer(source):
        if gap.start() > position:
            kept.append(position)
            pieces.append(source[position : gap.start()])
        position = gap.end()
    if position < len(source):
        kept.append(position)
        pieces.append(source[position:])
    return kept, pieces


def _words(source: str) -> tuple[list[int], list[str]]:
    """Return the same where only white space is left out."""
    kept = []
    words = source.split()
    position = 0
    for word in words:
        position = source.index(word, position)
        kept.append(position)
        position += len(word)
    return kept, words


def squeeze(source: str) -> str:
    """Return `source` without what does not count when matching."""
    return "".join(source.split()) if _is_plain(source) else _IGNORED.sub("", source)


def _is_plain(source: str) -> bool:
    """Tell whether only white space is to be left out, which str does ten times as fast."""
    return "\\" not in source and "\x00" not in source and source.isascii()
