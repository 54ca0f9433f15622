"""The engine for one machine: worker processes, as many as it has cores."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import chain

from pipcert_logs.knowledge.load import Rules
from pipcert_logs.scan.engine import Batch, given_up, keep_freed_memory
from pipcert_logs.scan.layout import Layouts
from pipcert_logs.scan.model import Outcome, Task
from pipcert_logs.scan.scanner import Scanner

_WAITING = 4  # batches for each worker: enough that none waits, few enough to keep memory flat

_METHOD = "fork" if sys.platform == "linux" else "spawn"

_scanner: Scanner | None = None
"""What a worker scans with."""


class Work:
    """What every worker needs to know."""

    def __init__(self, rules: Rules, templates: Sequence[str]) -> None:
        self.rules = rules
        self.templates = tuple(templates)

    def scanner(self) -> Scanner:
        """Return a scanner that is ready."""
        keep_freed_memory()
        return Scanner(self.rules, Layouts(self.templates))


def scan_here(batches: Iterable[Batch], work: Work) -> Iterator[list[Outcome]]:
    """Scan in this process."""
    scanner = work.scanner()
    for batch in batches:
        yield [scanner.do(task) for task in batch]


def scan_in_processes(batches: Iterable[Batch], work: Work, jobs: int) -> Iterator[list[Outcome]]:
    """Scan in `jobs` processes; results come as they are ready.

    Where a worker dies, its batch is tried again, input by input, each in a process of its own; an
    input on which that one dies too has failed.
    """
    global _scanner
    batches = iter(batches)
    first = next(batches, None)
    if first is None:  # nothing is new, so no worker has to be there
        return
    batches = chain([first], batches)
    if _METHOD == "fork":  # workers begin with what this process has ready
        _scanner = work.scanner()
    lost: list[Batch] = []
    while True:
        try:
            yield from _pool(batches, work, jobs, lost)
            break
        except BrokenProcessPool:
            continue
    for batch in lost:
        for task in batch:
            yield [_alone(task, work)]


def _pool(
    batches: Iterator[Batch], work: Work, jobs: int, lost: list[Batch]
) -> Iterator[list[Outcome]]:
    running: dict[Future[list[Outcome]], Batch] = {}
    with ProcessPoolExecutor(jobs, _context(), _begin, (work,)) as pool:
        try:
            more = True
            while more or running:
                while more and len(running) < jobs * _WAITING:
                    batch = next(batches, None)
                    if batch is None:
                        more = False
                    else:
                        running[_submitted(pool, batch, lost)] = batch
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    results = done.result()
                    del running[done]
                    yield results
        except BrokenProcessPool:
            lost += running.values()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, batch: Batch, lost: list[Batch]) -> Future[list[Outcome]]:
    """Hand a batch in; a pool that broke in the meantime takes none, and the batch is lost."""
    try:
        return pool.submit(_scan, batch)
    except BrokenProcessPool:
        lost.append(batch)
        raise


def _alone(task: Task, work: Work) -> Outcome:
    try:
        with ProcessPoolExecutor(1, _context(), _begin, (work,)) as pool:
            return pool.submit(_scan, [task]).result()[0]
    except BrokenProcessPool:
        return given_up(task)


def _context() -> multiprocessing.context.BaseContext:
    return multiprocessing.get_context(_METHOD)


def _begin(work: Work) -> None:
    global _scanner
    _scanner = _scanner or work.scanner()


def _scan(batch: Batch) -> list[Outcome]:
    assert _scanner is not None
    return [_scanner.do(task) for task in batch]


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
