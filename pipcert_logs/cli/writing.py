"""Reports on standard output, in the format asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipcert_logs.cli.request import Format
from pipcert_logs.report.model import Report

Writer = Callable[[Report], None]


@contextmanager
def writing(form: Format, *, several: bool) -> Iterator[Writer]:
    """Give the writer of reports; what it needs is imported at once, before any log is read.

    Args:
        form: the format of the reports.
        several: more than one log was named, so that JSON is an array.
    """
    if form is Format.JSON and several:
        yield from _json_array()
    elif form is Format.TEXT:
        yield _text()
    elif form is Format.MARKDOWN:
        yield _markdown()
    else:
        indent = 2 if form is Format.JSON else 0
        yield lambda report: _put(report.to_json(indent=indent))


def _put(text: str) -> None:
    """Write for programs: UTF-8, whatever the console's encoding is."""
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def _json_array() -> Iterator[Writer]:
    separator = "[\n"

    def write(report: Report) -> None:
        nonlocal separator
        _put(separator + report.to_json().rstrip("\n"))
        separator = ",\n"

    yield write
    _put("\n]\n" if separator == ",\n" else "[]\n")


def _text() -> Writer:
    from rich.text import Text

    from pipcert_logs.cli.screen import screen
    from pipcert_logs.report.text import lines

    shown = screen()
    separator: list[Text] = []

    def write(report: Report) -> None:
        nonlocal separator
        shown.put([*separator, *lines(report, shown.width)])
        separator = [Text()]
        sys.stdout.flush()

    return write


def _markdown() -> Writer:
    from pipcert_logs.report.markdown import render

    separator = ""

    def write(report: Report) -> None:
        nonlocal separator
        _put(separator + render(report))
        separator = "\n"

    return write
