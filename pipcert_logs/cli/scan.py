"""`pipcert-logs scan` and `trends`: archives of logs, and what is kept of them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import NamedTuple

from pipcert_logs.cli.outcome import FINE, FOUND, WRONG, complain
from pipcert_logs.cli.scan_engine import Where, engine
from pipcert_logs.cli.scan_progress import watching
from pipcert_logs.cli.scan_writing import Form, FormError, check, write, written
from pipcert_logs.knowledge.errors import RuleError
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.scan.engine import EngineError
from pipcert_logs.scan.layout import Layout, LayoutError
from pipcert_logs.scan.report import Summary
from pipcert_logs.scan.run import program, run
from pipcert_logs.scan.store import Store, StoreError
from pipcert_logs.scan.summary import summarise


class Wanted(NamedTuple):
    """A call of `scan`, as it was typed."""

    paths: tuple[str, ...]
    files_from: str | None
    layout: str | None
    form: Form
    output: str | None
    store: str | None
    where: Where
    rules: tuple[str, ...]
    exit_zero: bool


def scan(wanted: Wanted) -> int:
    """Scan what was named, write the report, and return the exit code."""
    if not wanted.paths and not wanted.files_from:
        complain("name folders, files or URLs to scan, or --files-from a list of them")
        return WRONG
    if wanted.where.mistake:
        complain(wanted.where.mistake)
        return WRONG
    try:
        check(wanted.form, wanted.output, wanted.store)
        rules = Rules.load(*wanted.rules)
        templates = _templates(wanted.layout, rules)
        with closing(Store(wanted.store, program=program(rules, templates))) as store:
            return _scan(wanted, rules, templates, store)
    except (FormError, RuleError, LayoutError, StoreError, EngineError) as error:
        complain(str(error))
        return WRONG


def _scan(wanted: Wanted, rules: Rules, templates: tuple[str, ...], store: Store) -> int:
    own = written(wanted.output, wanted.store)
    with engine(wanted.where, rules, templates) as work, watching() as watcher:
        number = run(_paths(wanted), work, store, watcher, own)
    with store.snapshot() as connection:
        summary = summarise(connection, rules, scan=number)
        write(summary, connection, rules, wanted.form, wanted.output)
    if wanted.layout and not _is_placed(summary):
        complain(f"--layout {wanted.layout} fits none of the {summary.totals.logs} failing logs")
    if store.trouble:
        complain(f"{wanted.store} {store.trouble}")
    if summary.troubles or store.trouble:
        return WRONG
    return FOUND if summary.totals.failures and not wanted.exit_zero else FINE


def _is_placed(summary: Summary) -> bool:
    """Tell whether a layout says anything of any log in which something failed."""
    return not summary.jobs or any(job.project or job.job or job.builds for job in summary.jobs)


def _templates(layout: str | None, rules: Rules) -> tuple[str, ...]:
    if layout is None:
        return rules.layouts
    Layout(layout)
    return (layout,)


def _paths(wanted: Wanted) -> Iterator[str]:
    yield from wanted.paths
    if wanted.files_from:
        yield from _listed(wanted.files_from)


def _listed(name: str) -> Iterable[str]:
    """Yield the paths of a list: one a line, or separated by NUL as `find -print0` does it."""
    if name == "-":
        data = sys.stdin.buffer.read()
    else:
        with open(name, "rb") as file:  # noqa: PTH123 - pathlib takes a while to load
            data = file.read()
    separator = b"\0" if b"\0" in data else b"\n"
    for path in data.split(separator):
        if text := path.rstrip(b"\r").decode(sys.getfilesystemencoding(), "surrogateescape"):
            yield text


def trends(path: str, form: Form, output: str | None, rules: tuple[str, ...]) -> int:
    """Write the report of all that a store holds."""
    try:
        check(form, output, path)
        with closing(Store(path, new=False)) as store:
            knowledge = Rules.load(*rules)
            with store.snapshot() as connection:
                write(summarise(connection, knowledge), connection, knowledge, form, output)
    except (FormError, RuleError, StoreError) as error:
        complain(str(error))
        return WRONG
    return FINE
