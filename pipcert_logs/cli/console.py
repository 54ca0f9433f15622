"""rich's console on standard output: on any encoding, and a reader may go away."""

from __future__ import annotations

import rich.console

from pipcert_logs.cli.streams import tolerate_any_text


class _Console(rich.console.Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command, for which a reader that goes away is no error."""
        raise  # the BrokenPipeError that rich is handling


def console() -> rich.console.Console:
    """Return the console on standard output."""
    tolerate_any_text()
    return _Console(highlight=False, markup=False, emoji=False)
