"""Worker processes for what takes time: as many as there are cores, off the event loop."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import anyio
from anyio import CapacityLimiter, to_process

from pipcert_logs.server.work import ready

_T = TypeVar("_T")


class BusyError(Exception):
    """So much is being worked on that another request would only wait."""


class Pool:
    """Worker processes, and a bound on what waits for them."""

    def __init__(self, workers: int, in_flight: int, seconds: float) -> None:
        """Set the bounds; `seconds` is the time that an answer may take."""
        self.workers = workers
        self._limiter = CapacityLimiter(workers)
        self._in_flight = in_flight
        self._seconds = seconds
        self.busy = 0
        """Requests that are worked on, or wait."""

    async def begin(self, packs: tuple[str, ...]) -> None:
        """Start all workers, so that no request has to wait for one."""
        async with anyio.create_task_group() as tasks:
            for _ in range(self.workers):
                tasks.start_soon(self._ready, packs)

    async def _ready(self, packs: tuple[str, ...]) -> None:
        await to_process.run_sync(ready, packs, limiter=self._limiter)

    async def do(self, work: Callable[..., _T], *given: object) -> _T:
        """Do some work in a worker; one that takes too long is ended with its process.

        Raises:
            BusyError: enough waits already.
            TimeoutError: it took too long.
        """
        if self.busy >= self._in_flight:
            raise BusyError
        self.busy += 1
        try:
            with anyio.fail_after(self._seconds if self._seconds > 0 else math.inf):
                return await to_process.run_sync(
                    work, *given, cancellable=True, limiter=self._limiter
                )
        finally:
            self.busy -= 1
