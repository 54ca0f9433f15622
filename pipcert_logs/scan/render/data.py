"""The report of a scan for programs: JSON, and one row for each failure."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from typing import IO, Any

import msgspec

from pipcert_logs.report.inert import inert, inert_json
from pipcert_logs.scan.report import Summary

COLUMNS = (
    "path",
    "line",
    "project",
    "job",
    "build",
    "time",
    "timed_by",
    "verdict",
    "outcome",
    "cause",
    "probability",
    "host",
    "port",
    "kind",
    "tool",
    "tool_version",
    "python",
    "packages",
    "fingerprint",
    "text",
    "causes",
    "remedies",
)
"""What is told of each failure, in this order."""
_LISTS = frozenset({"packages", "causes", "remedies"})
# A spreadsheet takes what begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_json(summary: Summary, out: IO[str]) -> None:
    """Write the whole report as one JSON document."""
    encoded = msgspec.json.format(msgspec.json.encode(summary), indent=2)
    out.write(inert_json(encoded.decode()) + "\n")


def rows(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Yield each failure of what was summed up last, in the order of paths and lines."""
    columns = ", ".join(COLUMNS)
    for row in connection.execute(f"SELECT {columns} FROM seen ORDER BY path, line, fingerprint"):
        yield {
            name: json.loads(value) if name in _LISTS else value
            for name, value in zip(COLUMNS, row, strict=True)
        }


def write_jsonl(connection: sqlite3.Connection, out: IO[str]) -> None:
    """Write one JSON object a line for each failure."""
    for row in rows(connection):
        out.write(inert_json(json.dumps(row, ensure_ascii=False)) + "\n")


def write_csv(connection: sqlite3.Connection, out: IO[str]) -> None:
    """Write one row for each failure; nothing in it is a formula to a spreadsheet."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows(connection):
        writer.writerow([_cell(row[name]) for name in COLUMNS])


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = " ".join(
            item if isinstance(item, str) else f"{item[0]}={item[1]}" for item in value
        )
    if not isinstance(value, str):
        return value
    text = inert(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
