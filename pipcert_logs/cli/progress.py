"""A sign on a terminal that something goes on; a pipe or a file gets none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(words: str) -> Iterator[Callable[[str], None]]:
    """Show on standard error what goes on, and give what changes the words."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    from pipcert_logs.report.inert import inert

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    with console.status(inert(words)) as status:
        yield lambda later: status.update(inert(later))
