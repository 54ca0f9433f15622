"""Prose and commands, laid out for a width."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, chop_cells
from rich.text import Text

from pipcert_logs.patterns import compiled
from pipcert_logs.report.inert import inert_lines

Part = str | tuple[str, str]
"""A piece of a line: text, or text with its style."""

_NARROWEST = 20
_WORD = compiled(r"\s*\S+\s*")


class Paper:
    """Collects lines: prose wrapped, commands never."""

    def __init__(self, width: int) -> None:
        """Start a paper that is `width` cells wide."""
        self._width = width
        self.lines: list[Text] = []

    def line(self, *parts: Part, indent: int = 0, hang: int = 0) -> None:
        """Add prose; its second line and those after it stand `hang` further in."""
        text = Text.assemble(*parts)
        width = max(self._width - indent, _NARROWEST + hang)
        first, *others = text.divide(_breaks(text.plain, width, width - hang))
        self._put(indent, first)
        for line in others:
            self._put(indent + hang, line)

    def heading(self, title: str, *, indent: int = 0) -> None:
        """Add a blank line and a title."""
        self.blank()
        self.line((title, "bold"), indent=indent)

    def blank(self) -> None:
        """Add a blank line."""
        self.lines.append(Text())

    def command(self, command: str, *, indent: int) -> None:
        """Add a command as it is to be pasted: a break that wraps it would change it."""
        for line in inert_lines(command):
            self._put(indent, Text(line, style="green"))

    def _put(self, indent: int, line: Text) -> None:
        line.rstrip()
        line.pad_left(indent)
        self.lines.append(line)


def _breaks(prose: str, room: int, room_after: int) -> Iterator[int]:
    """Yield where lines begin, the first of them aside: between words, within a word that must."""
    used = 0
    for match in _WORD.finditer(prose) if cell_len(prose) > room else ():
        word = match[0].rstrip()
        size = cell_len(word)
        if used and used + size > room:
            yield match.start()
            used, room = 0, room_after
        if used + size > room:
            place = match.start()
            *pieces, word = chop_cells(word, room_after)
            for piece in pieces:
                place += len(piece)
                yield place
            used, room = 0, room_after
        used += cell_len(word) + len(match[0]) - len(match[0].rstrip())
