"""The report of a scan, in the form and to the place asked for."""

from __future__ import annotations

import io
import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from importlib.util import find_spec
from typing import IO

from pipcert_logs.knowledge.load import Rules
from pipcert_logs.scan.report import Summary


class Form(str, Enum):
    """How the report of a scan is written."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MARKDOWN = "markdown"
    HTML = "html"
    SARIF = "sarif"
    PARQUET = "parquet"


_PACKAGES = {Form.HTML: ("jinja2", "pygal"), Form.PARQUET: ("pyarrow",)}
"""What a form takes beside what is always installed."""


class FormError(Exception):
    """A form that cannot be written; the message says what to do."""


def written(output: str | None, store: str | None) -> tuple[str, ...]:
    """Return the files that a scan writes: its report, and those of its store."""
    report = () if output is None else (output,)
    return report if store is None else (*report, store, f"{store}-wal", f"{store}-shm")


def check(form: Form, output: str | None, store: str | None) -> None:
    """Make sure, before a scan, that its report can be written.

    Raises:
        FormError: it lacks a file to go to, or a package, or would take the place of the store.
    """
    if form is Form.PARQUET and output is None:
        raise FormError("--format parquet is no text; name its file with --output FILE")
    if output is not None:
        _check_place(output)
        if any(_is_same(output, other) for other in written(None, store)):
            raise FormError(f"{output} is the store's: name another file with --output")
    if missing := [name for name in _PACKAGES.get(form, ()) if find_spec(name) is None]:
        install = f"{sys.executable} -m pip install {' '.join(missing)}"
        raise FormError(f"--format {form.value} takes {' and '.join(missing)}: {install}")


def _check_place(output: str) -> None:
    """Make sure that a file can be written: who finds out after a long scan has lost it."""
    folder = os.path.dirname(output) or os.curdir  # noqa: PTH120 - pathlib takes a while to load
    if os.path.isdir(output) or not os.path.isdir(folder):  # noqa: PTH112
        raise FormError(f"{output} cannot be written: name a file in a folder that exists")
    if not os.access(output if os.path.exists(output) else folder, os.W_OK):  # noqa: PTH110
        raise FormError(f"{output} cannot be written: you may not; name another file")


def _is_same(path: str, other: str) -> bool:
    """Tell whether two names are of one file, which need not be there yet."""
    if os.path.exists(path) and os.path.exists(other):  # noqa: PTH110
        return os.path.samefile(path, other)  # noqa: PTH121
    return os.path.realpath(path) == os.path.realpath(other)


def write(
    summary: Summary,
    connection: sqlite3.Connection,
    rules: Rules,
    form: Form,
    output: str | None,
) -> None:
    """Write a report to a file, or to standard output.

    Raises:
        OSError: it cannot be written.
    """
    if output is not None:
        with _once_whole(output) as path:
            _write_file(summary, connection, rules, form, path)
    elif form is Form.TEXT:
        _show(summary)
    else:
        out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
        _write(summary, connection, rules, form, out)
        out.flush()
        out.detach()


@contextmanager
def _once_whole(output: str) -> Iterator[str]:
    """Give the name of a file that takes the place of another once it is whole.

    A report that breaks off leaves the one before it as it was.
    """
    path = os.path.realpath(output)  # a link stays one
    if not _can_be_replaced(output, path):
        yield output
        return
    name = f".pipcert-{os.urandom(8).hex()}.tmp"
    new = os.path.join(os.path.dirname(path), name)  # noqa: PTH118, PTH120
    try:
        yield new
        _replace(path, new)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(new)  # noqa: PTH108


def _replace(path: str, new: str) -> None:
    if os.path.exists(path):  # noqa: PTH110
        os.chmod(new, stat.S_IMODE(os.stat(path).st_mode))  # noqa: PTH101, PTH116
    try:
        os.replace(new, path)  # noqa: PTH105
    except OSError:
        # It may be written but not replaced: a mount, as containers have them, or another user's.
        import shutil

        shutil.copyfile(new, path)


def _can_be_replaced(output: str, path: str) -> bool:
    """Tell whether a name is of a file, or of none yet, in a folder where another can be made.

    Pipes and devices are written to as they are, and so is what is open already (`/dev/stdout`),
    which others go on with.
    """
    if os.path.abspath(output).startswith(("/dev/", "/proc/")):  # noqa: PTH100
        return False
    folder = os.path.dirname(path)  # noqa: PTH120
    is_file = os.path.isfile(path) or not os.path.lexists(path)  # noqa: PTH113
    return is_file and os.access(folder, os.W_OK)


def _write_file(
    summary: Summary, connection: sqlite3.Connection, rules: Rules, form: Form, path: str
) -> None:
    if form is Form.PARQUET:
        from pipcert_logs.scan.render.parquet import write_parquet

        write_parquet(connection, path)
    else:
        with open(path, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
            _write(summary, connection, rules, form, file)


def _write(
    summary: Summary, connection: sqlite3.Connection, rules: Rules, form: Form, out: IO[str]
) -> None:
    from pipcert_logs.scan.render import data

    if form is Form.JSON:
        data.write_json(summary, out)
    elif form is Form.JSONL:
        data.write_jsonl(connection, out)
    elif form is Form.CSV:
        data.write_csv(connection, out)
    elif form is Form.MARKDOWN:
        from pipcert_logs.scan.render.markdown import render as in_markdown

        out.write(in_markdown(summary))
    elif form is Form.HTML:
        from pipcert_logs.scan.render.html import write_html

        write_html(summary, connection, out)
    elif form is Form.SARIF:
        from pipcert_logs.scan.render.sarif import write_sarif

        write_sarif(summary, rules, out)
    else:
        from rich.console import Console

        from pipcert_logs.scan.render.text import render

        Console(file=out, width=_FILE_WIDTH, markup=False).print(render(summary, terminal=False))


_FILE_WIDTH = 120
"""Where no terminal says how wide it is."""


def _show(summary: Summary) -> None:
    from pipcert_logs.cli.console import console
    from pipcert_logs.scan.render.text import render

    shown = console()
    if not shown.is_terminal:
        shown.width = _FILE_WIDTH
    shown.print(render(summary, terminal=shown.is_terminal))
