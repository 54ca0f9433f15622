"""Prose and commands on a console."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from pipcert_logs.report.inert import inert_lines

Part = str | tuple[str, str]
"""A piece of a line: text, or text with its style."""

_NARROWEST = 20


class Paper:
    """Collects lines for a console, prose wrapped and commands never, and prints them at once.

    To print each by itself would take rich several times as long.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = console.width
        self._lines: list[Text] = []

    def print(self) -> None:
        """Print what was collected."""
        self._console.print(Text("\n").join(self._lines), soft_wrap=True)
        self._lines.clear()

    def line(self, *parts: Part, indent: int = 0, hang: int = 0) -> None:
        """Add prose; its second line and those after it stand `hang` further in."""
        text = Text.assemble(*parts)
        width = max(self._width - indent, _NARROWEST + hang)
        lines = list(text.wrap(self._console, width)) if text else [text]
        if hang and len(lines) > 1:
            rest = text[len(lines[0]) :]
            rest = rest[len(rest.plain) - len(rest.plain.lstrip()) :]
            lines[1:] = rest.wrap(self._console, width - hang)
        for number, line in enumerate(lines):
            self._put(indent + (hang if number else 0), line)

    def heading(self, title: str, *, indent: int = 0) -> None:
        """Add a blank line and a title."""
        self.blank()
        self.line((title, "bold"), indent=indent)

    def blank(self) -> None:
        """Add a blank line."""
        self._lines.append(Text())

    def command(self, command: str, *, indent: int) -> None:
        """Add a command as it is to be pasted: a break that wraps it would change it."""
        for line in inert_lines(command):
            self._put(indent, Text(line, style="green"))

    def _put(self, indent: int, line: Text) -> None:
        line.rstrip()  # in place
        self._lines.append(Text(" " * indent) + line)
