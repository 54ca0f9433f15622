"""How a scan gets on: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipcert_logs.report.inert import inert
from pipcert_logs.scan.model import Input, Result, Trouble
from pipcert_logs.scan.words import amount, size

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_EVERY = 30.0  # seconds between lines where no terminal shows a bar


class _Counts:
    """How far a scan is; sizes in bytes, as stored."""

    def __init__(self) -> None:
        self.files = self.bytes = 0
        self.done_files = self.done_bytes = 0
        self.failures = 0
        self._started = time.monotonic()

    def found(self, given: Input) -> None:
        self.files += 1
        self.bytes += given.size

    def known(self, given: Input) -> None:
        self.done_files += 1
        self.done_bytes += given.size

    def done(self, results: list[Result]) -> None:
        for result in results:
            self.known(result.input)
            self.failures += sum(
                failure.outcome == "failed" for log in result.logs for failure in log.failures
            )

    def told(self) -> str:
        """Return it all in a line."""
        rate = self.done_bytes / max(time.monotonic() - self._started, 0.001)
        return (
            f"{amount(self.done_files, 'file')} of {self.files:,}, {size(self.done_bytes)},"
            f" {size(rate)}/s, {amount(self.failures, 'failure')} found"
        )


class _Lines(_Counts):
    """Says how far it is every half a minute, and what cannot be read at once."""

    def __init__(self) -> None:
        super().__init__()
        self._last = time.monotonic()

    def done(self, results: list[Result]) -> None:
        super().done(results)
        if time.monotonic() - self._last > _EVERY:
            self._last = time.monotonic()
            self._say(f"scanned {self.told()}")

    def trouble(self, trouble: Trouble) -> None:
        self._say(f"{trouble.path}: {trouble.text}")

    def _say(self, text: str) -> None:
        print(f"pipcert-logs: {inert(text)}", file=sys.stderr, flush=True)


class _Bar(_Counts):
    """Shows a bar."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress
        self._task: TaskID = progress.add_task("", total=None, told="")

    def found(self, given: Input) -> None:
        super().found(given)
        if self.files % 100 == 1:
            self._show()

    def done(self, results: list[Result]) -> None:
        super().done(results)
        self._show()

    def trouble(self, trouble: Trouble) -> None:
        self._progress.console.print(f"{inert(trouble.path)}: {inert(trouble.text)}")

    def _show(self) -> None:
        self._progress.update(
            self._task, completed=self.done_bytes, total=self.bytes, told=self.told()
        )


@contextmanager
def watching() -> Iterator[_Lines | _Bar]:
    """Give who is told how a scan gets on; it speaks on standard error."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), TextColumn("{task.fields[told]}"), TimeRemainingColumn())
    console = Console(stderr=True, markup=False, highlight=False)
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bar(progress)
