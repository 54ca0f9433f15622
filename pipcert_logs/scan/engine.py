"""What all engines share: an engine is who does the tasks of a scan, here or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pipcert_logs.scan.model import Count, Outcome, Part, Result, Surveyed, Task, Trouble
from pipcert_logs.scan.parts import unsearched

Batch = list[Task]
Engine = Callable[[Iterable[Batch]], Iterable[list[Outcome]]]
"""Does batches of tasks, and gives the outcomes in whatever order they are ready."""

_FREED = 24 << 20


class EngineError(Exception):
    """An engine that cannot be used; the message says what to do."""


def given_up(task: Task) -> Outcome:
    """Return what is told of a task of which worker after worker died."""
    if isinstance(task, Part):
        return unsearched(task)
    given = task.input if isinstance(task, Surveyed) else task
    text = "ended the process that read it; please report this file"
    return Result(given, Count(), {}, Count(1, given.size), [], [Trouble(given.shown, text)])


def keep_freed_memory() -> None:
    """Teach glibc to keep blocks that are freed, as the next block needs them at once.

    It raises its threshold for giving memory back to the size of a block once freed; to have pages
    back for each block read takes longer than to search it.
    """
    bytes(_FREED)
