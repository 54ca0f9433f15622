"""Where lines that are laid out go: to rich on a terminal, as plain text elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Protocol

from rich.text import Text

from pipcert_logs.cli.streams import tolerate_any_text

_USUAL = 80
_WIDEST = 100  # longer lines of prose are hard to read


class Screen(Protocol):
    """Standard output, so many cells wide."""

    width: int

    def put(self, lines: Iterable[Text]) -> None:
        """Write lines.

        Raises:
            BrokenPipeError: the reader has gone away.
        """


def screen() -> Screen:
    """Return standard output as it is to be written to."""
    if sys.stdout.isatty() or os.environ.get("FORCE_COLOR"):
        return _Terminal()
    return _Plain()


def _columns() -> int:
    """Return how wide the reader says the screen is that a pipe hides."""
    stated = os.environ.get("COLUMNS", "")
    return int(stated) if stated.isdigit() and stated != "0" else _USUAL


class _Terminal:
    def __init__(self) -> None:
        from pipcert_logs.cli.console import console

        self._console = console()
        self.width = min(self._console.width, _WIDEST)

    def put(self, lines: Iterable[Text]) -> None:
        """Write all at once: line by line would take rich several times as long."""
        self._console.print(Text("\n").join(lines), soft_wrap=True)


class _Plain:
    """A file or a pipe: to load rich's console takes as long as to explain a small log."""

    def __init__(self) -> None:
        tolerate_any_text()
        self.width = min(_columns(), _WIDEST)

    def put(self, lines: Iterable[Text]) -> None:
        sys.stdout.write("".join(f"{line.plain}\n" for line in lines))
