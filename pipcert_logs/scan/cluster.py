"""The engine for many machines: the workers of a Dask cluster that is running already."""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import pkgutil
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from pipcert_logs import __version__
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.scan.engine import Batch, EngineError, given_up, keep_freed_memory
from pipcert_logs.scan.layout import Layouts
from pipcert_logs.scan.model import Outcome, Task
from pipcert_logs.scan.scanner import Scanner

if TYPE_CHECKING:
    from distributed import Client, Future

_WAITING = 4  # shares for each thread of a worker: enough that none waits, few enough for memory
_LOOK = 5.0  # seconds after which the workers are counted anew, as they come and go
_SAME = "install the same version of pipcert-logs for the scheduler, all workers and this command"


@contextmanager
def connected(address: str, rules: Rules, templates: Iterable[str]) -> Iterator[Cluster]:
    """Give the cluster of the scheduler at an address; what is not done at the end is given up.

    Raises:
        EngineError: it cannot be reached.
    """
    try:
        from distributed import Client
    except ImportError as error:
        install = f"{sys.executable} -m pip install distributed"
        raise EngineError(f"a cluster takes the package distributed: {install}") from error
    # What goes wrong is told where it is handled; Dask would tell it once more, with a traceback.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        asyncio.run(_knock(address))
        client = Client(address, name="pipcert-logs", set_as_default=False)
    except (OSError, TypeError, ValueError) as error:
        raise EngineError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        _check_workers(client)
        yield Cluster(client, rules, templates)


def _check_workers(client: Client) -> None:
    """Make sure that the workers have this program: what they cannot import, they would die of."""
    try:
        client.run(pkgutil.resolve_name, "pipcert_logs:__version__")
    except ImportError as error:
        raise _worded(error) from error


async def _knock(address: str) -> None:
    """See whether it is a scheduler: a client finds out as well, but then takes long to give up."""
    from distributed.comm import connect
    from distributed.security import Security

    how = Security().get_connection_args("client")
    comm = await connect(address, **how)
    comm.abort()


class Parcel:
    """Something for a worker, which unpacks it only if it has the same version of this program.

    Dask writes what a task is given into its logs where it fails, so a parcel does not show what
    is in it: URLs may hold credentials.
    """

    def __init__(self, content: object) -> None:
        self._version = __version__
        self.packed = pickle.dumps(content)

    def content(self) -> Any:
        """Return what was packed.

        Raises:
            EngineError: by another version.
        """
        if self._version != __version__:
            raise EngineError(
                f"a worker has pipcert-logs {__version__}, and this is {self._version}: {_SAME}"
            )
        return pickle.loads(self.packed)


class Cluster:
    """A cluster, and what all its workers need to know."""

    def __init__(self, client: Client, rules: Rules, templates: Iterable[str]) -> None:
        self._client = client
        known = Parcel((rules, tuple(templates), os.getcwd()))  # noqa: PTH109 - paths are text
        # A task's result, not scattered data: it is made again where a worker dies with it.
        self._known: Future = client.submit(_handed_out, known, key=_key("rules"))
        self._counted = 0.0
        self._threads = 0

    def scan(self, batches: Iterable[Batch]) -> Iterator[list[Outcome]]:
        """Scan on the workers; results come as they are ready.

        What a worker had when it died, Dask gives to others. Where those die too, a batch is tried
        again at the end, task by task, with nothing else running that could be the reason; one on
        which workers still die has failed.

        Raises:
            EngineError: the scheduler is gone, or the workers cannot do it.
        """
        from distributed import KilledWorker, as_completed

        batches = iter(batches)
        running: dict[Future, Batch] = {}
        lost: list[Batch] = []
        done = as_completed(with_results=True, raise_errors=False, loop=self._client.loop)
        while True:
            while len(running) < self._most() and (batch := next(batches, None)):
                future = self._submit(batch)
                running[future] = batch
                done.add(future)
            if not running:
                break
            future, outcome = next(done)
            batch = running.pop(future)
            error = _error(outcome)
            if error is None:
                yield outcome
            elif isinstance(error, KilledWorker):
                lost.append(batch)
            else:
                raise _worded(error)
        for batch in lost:
            for task in batch:
                yield [self._alone(task)]

    def _alone(self, task: Task) -> Outcome:
        from distributed import KilledWorker

        try:
            (outcome,) = self._submit([task]).result()
        except KilledWorker:
            return given_up(task)
        except Exception as error:
            raise _worded(error) from error
        return cast(Outcome, outcome)

    def _submit(self, batch: Batch) -> Future:
        return self._client.submit(_scan, self._known, Parcel(batch), key=_key("share"))

    def _most(self) -> int:
        """Return how many shares may be under way."""
        if time.monotonic() > self._counted + _LOOK:
            self._counted = time.monotonic()
            self._threads = sum(self._client.nthreads().values())
        return max(self._threads, 1) * _WAITING


def _key(what: str) -> str:
    """Return a name that no other task has; Dask takes the same name for the same work."""
    return f"pipcert-logs-{what}-{uuid4().hex}"


def _error(outcome: Any) -> BaseException | None:
    """Return why there is no result: what was raised, or that Dask gave up."""
    if isinstance(outcome, tuple):
        return cast(BaseException, outcome[1])
    return outcome if isinstance(outcome, BaseException) else None


def _worded(error: BaseException) -> BaseException:
    """Say what is wrong with a cluster; anything else that a task raised is a defect of ours."""
    from distributed.client import CancelledError

    if isinstance(error, ImportError | AttributeError):
        return EngineError(f"the cluster cannot do this work ({error}): {_SAME}")
    if isinstance(error, CancelledError | OSError):
        return EngineError(f"the Dask scheduler is gone, or gave up the scan: {error}")
    return error


def _handed_out(known: Parcel) -> Parcel:
    return known


def _scan(known: Parcel, share: Parcel) -> list[Outcome]:
    batch: Batch = share.content()
    scanner = _scanner(known.packed)
    return [scanner.do(task) for task in batch]


@lru_cache(maxsize=2)
def _scanner(packed: bytes) -> Scanner:
    """Return the scanner of a worker; its rules take a while to load."""
    keep_freed_memory()
    rules, templates, folder = pickle.loads(packed)
    return Scanner(rules, Layouts(templates), folder)
