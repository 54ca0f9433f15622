"""The screen: rich, on any encoding, without breaking off when the reader goes away."""

from __future__ import annotations

import io
import sys

import rich.console

_WIDEST = 100  # longer lines of prose are hard to read


class _Console(rich.console.Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command, for which a reader that goes away is no error."""
        raise  # the BrokenPipeError that rich is handling


def console() -> rich.console.Console:
    """Return the console on standard output."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a legacy code page lacks what a log may hold
    screen = _Console(highlight=False, markup=False, emoji=False)
    screen.width = min(screen.width, _WIDEST)
    return screen
