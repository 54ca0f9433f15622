"""Worker processes for what takes time: as many as there are cores, off the event loop."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import anyio
from anyio import BrokenWorkerProcess, CapacityLimiter, to_process

from pipcert_logs.server.work import ready

_T = TypeVar("_T")
_STIR = 120  # seconds


class UndoneError(Exception):
    """Work that was not done: a title, and what to do about it."""

    def __init__(self, title: str, detail: str) -> None:
        super().__init__(f"{title}. {detail}")
        self.title = title
        self.detail = detail


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

    async def keep(self, packs: tuple[str, ...]) -> None:
        """Keep all workers for ever: anyio ends those that had nothing to do for five minutes."""
        while True:
            await anyio.sleep(_STIR)
            with suppress(Exception):  # what is wrong with them the next request is told
                await self.begin(packs)

    async def _ready(self, packs: tuple[str, ...]) -> None:
        await to_process.run_sync(ready, packs, limiter=self._limiter)

    async def do(self, work: Callable[..., _T], *given: object) -> _T:
        """Do some work in a worker; one that takes too long is ended with its process.

        Raises:
            UndoneError: enough waits already, it took too long, or its process was ended.
        """
        if self.busy >= self._in_flight:
            raise UndoneError("Too much to do", "Ask again in a moment.")
        self.busy += 1
        try:
            with anyio.fail_after(self._seconds):
                return await to_process.run_sync(
                    work, *given, cancellable=True, limiter=self._limiter
                )
        except TimeoutError:
            raise UndoneError(
                "The log takes too long to explain",
                f"It may take {self._seconds:g} seconds. Send the part around the failure.",
            ) from None
        except BrokenWorkerProcess:  # by a system that is out of memory, most likely
            raise UndoneError(
                "The process that explained the log was ended",
                "Ask again; if it ends again, send the part around the failure.",
            ) from None
        finally:
            self.busy -= 1
