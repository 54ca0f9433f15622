"""A whole scan: find the inputs, leave out what is known, scan, keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol

from pipcert_logs import __version__
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.scan.engine import Batch, Engine
from pipcert_logs.scan.inputs import Found, find
from pipcert_logs.scan.model import Count, Input, Result, Special, Survey, Trouble, shown
from pipcert_logs.scan.parts import Assembly, cut
from pipcert_logs.scan.store import Store

_BATCH_FILES = 64
_BATCH_BYTES = 4 << 20
_ASKED = 1000
"""The store is asked for so many inputs at once."""


class Watcher(Protocol):
    """Who is told how a scan gets on."""

    def found(self, given: Input) -> None:
        """There is one more input."""

    def known(self, given: Input) -> None:
        """An input is in the store as it is."""

    def done(self, results: list[Result]) -> None:
        """Inputs were scanned."""

    def trouble(self, trouble: Trouble) -> None:
        """Something could not be read."""


def program(rules: Rules, templates: Iterable[str]) -> str:
    """Return what tells results of one program and its rules from those of others."""
    return "/".join((__version__, rules.digest, *templates))


def run(
    paths: Iterable[str],
    engine: Engine,
    store: Store,
    watcher: Watcher,
    own: Iterable[str] = (),
) -> int:
    """Scan all that is new or changed, and return the number of the scan.

    Args:
        paths: what to scan.
        engine: who does it.
        store: where what is found is kept.
        watcher: who is told how it gets on.
        own: files that the scan itself writes, and so are none of its inputs.

    Raises:
        StoreError: the store cannot be written.
        EngineError: the engine cannot go on.
    """
    number = store.begin()
    fresh = _batches(_fresh(_inputs(find(paths, own), store, watcher), store, watcher))
    assembly = Assembly()
    for outcomes in engine(_tasks(fresh, assembly)):
        for outcome in outcomes:
            if isinstance(outcome, Survey):
                assembly.take(outcome)
        _keep([outcome for outcome in outcomes if isinstance(outcome, Result)], store, watcher)
    if large := list(assembly.surveyed()):
        for outcomes in engine([task] for task in large):
            _keep([found for found in outcomes if isinstance(found, Result)], store, watcher)
    store.finish()
    return number


def _keep(results: list[Result], store: Store, watcher: Watcher) -> None:
    store.add(results)
    watcher.done(results)
    for result in results:
        for trouble in result.troubles:
            watcher.trouble(trouble)


def _tasks(batches: Iterable[list[Input]], assembly: Assembly) -> Iterator[Batch]:
    """Cut large logs into parts; leave the others as they are.

    A large log is read as soon as it was searched, so that what was done is soon kept.
    """
    for batch in batches:
        for large in assembly.surveyed():
            yield [large]
        whole: Batch = []
        for given in batch:
            if parts := cut(given):
                assembly.expect(parts)
                for part in parts:
                    yield [part]
            else:
                whole.append(given)
        if whole:
            yield whole


def _inputs(all_found: Iterable[Found], store: Store, watcher: Watcher) -> Iterator[Input]:
    for found in all_found:
        if isinstance(found, Input):
            watcher.found(found)
            yield found
        elif isinstance(found, Special):
            store.add([_passed_over(found)])
        else:
            trouble = Trouble(shown(found.path), found.text)
            store.note(trouble)
            watcher.trouble(trouble)


def _passed_over(found: Special) -> Result:
    return Result(Input(found.path, 0, 0), Count(), {found.kind: Count(1)}, Count(), [], [])


def _batches(inputs: Iterable[Input]) -> Iterator[list[Input]]:
    """Put small inputs together, so that to hand them out costs little."""
    batch: list[Input] = []
    size = 0
    for given in inputs:
        batch.append(given)
        size += given.size
        if len(batch) >= _BATCH_FILES or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _fresh(inputs: Iterator[Input], store: Store, watcher: Watcher) -> Iterator[Input]:
    """Leave out what the store knows as it is."""
    while some := list(islice(inputs, _ASKED)):
        fresh = store.unseen(some)
        left = {given.path for given in fresh}
        for given in some:
            if given.path not in left:
                watcher.known(given)
        yield from fresh
