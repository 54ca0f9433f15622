"""What a scan runs on: this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pipcert_logs.knowledge.load import Rules
    from pipcert_logs.scan.engine import Engine


class EngineName(str, Enum):
    """Who does the work."""

    LOCAL = "local"
    DASK = "dask"


class Where(NamedTuple):
    """What was typed of it."""

    engine: EngineName
    scheduler: str | None
    jobs: int | None

    @property
    def mistake(self) -> str | None:
        """What does not fit together."""
        if self.engine is EngineName.LOCAL:
            return "--scheduler takes --engine dask" if self.scheduler else None
        if not self.scheduler:
            return "--engine dask takes --scheduler ADDRESS, such as tcp://10.0.0.5:8786"
        return "--jobs is for this machine: a cluster has its own workers" if self.jobs else None


@contextmanager
def engine(where: Where, rules: Rules, templates: tuple[str, ...]) -> Iterator[Engine]:
    """Give what scans.

    Raises:
        EngineError: it cannot be used.
    """
    if where.scheduler:
        from pipcert_logs.scan.cluster import connected

        with connected(where.scheduler, rules, templates) as cluster:
            yield cluster.scan
        return
    from pipcert_logs.scan.local import Work, cores, scan_here, scan_in_processes

    work = Work(rules, templates)
    jobs = where.jobs or cores()
    if jobs == 1:
        yield lambda batches: scan_here(batches, work)
    else:
        yield lambda batches: scan_in_processes(batches, work, jobs)
