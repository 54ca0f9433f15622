"""One row for each failure as Parquet, for DuckDB, pandas and the like; the extra `parquet`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import pyarrow
from pyarrow import parquet

from pipcert_logs.report.inert import inert
from pipcert_logs.scan.render.data import COLUMNS, rows

_GROUP = 10_000  # rows held in memory at once
_STRINGS = pyarrow.list_(pyarrow.string())
_TYPES = {
    "line": pyarrow.int64(),
    "port": pyarrow.int32(),
    "time": pyarrow.timestamp("s", tz="UTC"),
    "probability": pyarrow.float64(),
    "packages": _STRINGS,
    "remedies": _STRINGS,
    "causes": pyarrow.list_(
        pyarrow.struct([("id", pyarrow.string()), ("probability", pyarrow.float64())])
    ),
}
_SCHEMA = pyarrow.schema([(name, _TYPES.get(name, pyarrow.string())) for name in COLUMNS])


def write_parquet(connection: sqlite3.Connection, path: str) -> None:
    """Write one row for each failure.

    Raises:
        OSError: the file cannot be written.
    """
    found = rows(connection)
    with open(path, "wb") as file, parquet.ParquetWriter(file, _SCHEMA) as writer:  # noqa: PTH123
        for group in _groups(found):
            writer.write_table(pyarrow.Table.from_pylist(group, schema=_SCHEMA))


def _groups(found: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while group := [_typed(row) for row in islice(found, _GROUP)]:
        yield group


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    time = row["time"]
    plain = {key: inert(value) if isinstance(value, str) else value for key, value in row.items()}
    return plain | {
        "time": datetime.fromisoformat(time.replace("Z", "+00:00")) if time else None,
        "causes": [{"id": name, "probability": share} for name, share in row["causes"]],
    }
