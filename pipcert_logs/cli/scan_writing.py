"""The report of a scan, in the form and to the place asked for."""

from __future__ import annotations

import io
import os
import sqlite3
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


def check(form: Form, output: str | None, store: str | None = None) -> None:
    """Make sure, before a scan, that its report can be written.

    Raises:
        FormError: it lacks a file to go to, or a package; or that file is the store.
    """
    if output and store and os.path.realpath(output) == os.path.realpath(store):  # noqa: PTH
        raise FormError(f"{output} cannot be both the report and the store; name two files")
    if form is Form.PARQUET and output is None:
        raise FormError("--format parquet is no text; name its file with --output FILE")
    if output is not None:
        _check_place(output)
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
    if output is None:
        if form is Form.TEXT:
            _show(summary)
        else:
            out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
            _write(summary, connection, rules, form, out)
            out.flush()
            out.detach()
    else:
        with _replacing(output) as path:
            if form is Form.PARQUET:
                from pipcert_logs.scan.render.parquet import write_parquet

                write_parquet(connection, path)
            else:
                with open(path, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
                    _write(summary, connection, rules, form, file)


@contextmanager
def _replacing(output: str) -> Iterator[str]:
    """Give the name to write under: what was there stays until the report is whole."""
    if os.path.exists(output) and not os.path.isfile(output):  # noqa: PTH110, PTH113
        yield output  # a pipe or a device
        return
    path = f"{os.path.realpath(output)}.part"
    try:
        yield path
        os.replace(path, os.path.realpath(output))  # noqa: PTH105
    finally:
        with suppress(FileNotFoundError):
            os.remove(path)  # noqa: PTH107


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
