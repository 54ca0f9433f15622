"""What was seen, kept in SQLite: for the report, for the next run, and for whoever queries it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from pipcert_logs.scan.model import Input, Log, Result, Trouble

VERSION = 1
_APPLICATION = 0x70697063  # "pipc", as `file` and SQLite's own tools show it
_BUSY = 30.0  # seconds that another writer may take
# Logs come in any order, and may say different things of a finding's host: the most telling counts.
_ADD_FINDING = """
INSERT INTO findings (fingerprint, cause, host, port, kind) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (fingerprint) DO UPDATE
SET port = coalesce(port, excluded.port), kind = min(kind, excluded.kind)
WHERE port IS NOT coalesce(port, excluded.port) OR kind > excluded.kind
"""
_T = TypeVar("_T")


class StoreError(Exception):
    """A store that cannot be used; the message says what to do."""


class _UnfitError(Exception):
    """A database that is no store of this version; the message goes on from its name."""


class Store:
    """A store that is open for one scan, or for reading."""

    def __init__(self, path: str | None, *, program: str = "", new: bool = True) -> None:
        """Open a store; without a path, one that is gone when it is closed.

        Args:
            path: the file.
            program: what reads logs now; what another program read is read again.
            new: whether it may be made.

        Raises:
            StoreError: it is no store, of a later version, or cannot be opened.
        """
        self.path = path
        self.trouble: str | None = None
        """Why the file takes no more, once it does not."""
        self._program = program
        self._scan = 0
        try:
            self.connection = _connect(path, new=new)
            _prepare(self.connection, keep=path is not None)
        except sqlite3.Error as error:
            raise StoreError(f"{path} cannot be used as a store: {error}") from error
        except _UnfitError as error:
            raise StoreError(f"{path} {error}") from error

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def begin(self) -> int:
        """Begin a scan and return its number."""
        values = _now(), self._program
        insert = "INSERT INTO scans (started, program) VALUES (?, ?)"
        self._scan = self._write(lambda database: database.execute(insert, values).lastrowid or 0)
        return self._scan

    def finish(self) -> None:
        """Note that the scan came to its end."""
        values = _now(), self._scan
        update = "UPDATE scans SET finished = ? WHERE id = ?"
        self._write(lambda database: database.execute(update, values))

    def unseen(self, inputs: Sequence[Input]) -> list[Input]:
        """Return those that are new or changed; the others count as seen by this scan."""
        paths = json.dumps([given.shown for given in inputs])
        rows = self.connection.execute(
            "SELECT path, size, modified, version, id FROM inputs"
            " WHERE program = ? AND path IN (SELECT value FROM json_each(?))",
            (self._program, paths),
        )
        known = {path: (Input(path, *rest), number) for path, *rest, number in rows}
        fresh, same = [], []
        for given in inputs:
            before, number = known.get(given.shown, (None, 0))
            if before and before.is_like(given):
                same.append((self._scan, number))
            else:
                fresh.append(given)
        if same:
            update = "UPDATE inputs SET scan = ? WHERE id = ?"
            self._write(lambda database: database.executemany(update, same))
        return fresh

    def add(self, results: Iterable[Result]) -> None:
        """Keep what was found, all of it or nothing."""
        kept = list(results)

        def work(database: sqlite3.Connection) -> None:
            for result in kept:
                self._add(database, result)

        self._write(work)

    def note(self, trouble: Trouble) -> None:
        """Keep what could not even be opened."""
        values = self._scan, trouble.path, trouble.text
        insert = "INSERT INTO troubles (scan, path, text) VALUES (?, ?, ?)"
        self._write(lambda database: database.execute(insert, values))

    def _add(self, database: sqlite3.Connection, result: Result) -> None:
        given = result.input
        database.execute("DELETE FROM inputs WHERE path = ?", (given.shown,))
        number = database.execute(
            "INSERT INTO inputs (path, size, modified, version, program, scan, scanned_files,"
            " scanned_bytes, failed_files, failed_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                given.shown,
                given.size,
                given.modified,
                given.version,
                self._program,
                self._scan,
                result.scanned.files,
                result.scanned.bytes,
                result.failed.files,
                result.failed.bytes,
            ),
        ).lastrowid
        database.executemany(
            "INSERT INTO skipped VALUES (?, ?, ?, ?)",
            [(number, why, count.files, count.bytes) for why, count in result.skipped.items()],
        )
        database.executemany(
            "INSERT INTO troubles (input, path, text) VALUES (?, ?, ?)",
            [(number, trouble.path, trouble.text) for trouble in result.troubles],
        )
        for log in result.logs:
            _add_log(database, number or 0, log)

    def _write(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do some work in a transaction; where the disk is full, go on in memory."""
        try:
            with self.connection:
                return work(self.connection)
        except sqlite3.OperationalError as error:
            if self.path is None or self.trouble or not _is_full(error):
                raise StoreError(f"{self.path or 'temporary file'}: {error}") from error
            self._leave_file(error)
            with self.connection:
                return work(self.connection)

    def _leave_file(self, error: sqlite3.OperationalError) -> None:
        """Go on with a copy that is gone afterwards: what was kept in the file stays there."""
        copy = _connect(None, new=True)
        self.connection.backup(copy)
        self.connection.close()
        self.connection = copy
        self.trouble = (
            f"takes no more ({error}): what it holds is whole, and the next run goes on from there"
        )


def _is_full(error: sqlite3.OperationalError) -> bool:
    return "full" in str(error) or "disk I/O" in str(error)


def _add_log(database: sqlite3.Connection, number: int, log: Log) -> None:
    place = log.place
    row = database.execute(
        "INSERT INTO logs (input, path, project, job, build, date, verdict)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (number, log.path, place.project, place.job, place.build, place.date, log.verdict),
    ).lastrowid
    for failure in log.failures:
        database.execute(
            _ADD_FINDING,
            (failure.fingerprint, failure.cause, failure.host, failure.port, failure.kind),
        )
        database.execute(
            "INSERT INTO failures (log, finding, outcome, probability, causes, tool, tool_version,"
            " python, packages, line, text, time, timed_by, remedies)"
            " SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM findings WHERE fingerprint = ?",
            (
                row,
                failure.outcome,
                failure.probability,
                json.dumps(failure.causes),
                failure.tool,
                failure.tool_version,
                failure.python,
                json.dumps(failure.packages),
                failure.line,
                failure.text,
                failure.time,
                failure.timed_by,
                json.dumps(failure.remedies),
                failure.fingerprint,
            ),
        )


def _connect(path: str | None, *, new: bool) -> sqlite3.Connection:
    if path is None:
        return sqlite3.connect("")
    if not new and not Path(path).exists():
        raise _UnfitError("does not exist; `pipcert-logs scan --store FILE` makes one")
    mode = "rwc" if new else "rw"
    uri = f"{Path(path).absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=_BUSY)


def _prepare(connection: sqlite3.Connection, *, keep: bool) -> None:
    """Bring a database up to this version.

    Raises:
        _UnfitError: it is something else, or of a later version.
        sqlite3.Error: it is no database.
    """
    connection.execute("PRAGMA foreign_keys = ON")
    if keep:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    else:
        connection.execute("PRAGMA synchronous = OFF")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != _APPLICATION:
        raise _UnfitError("is a database of another program. Name another file")
    if version > VERSION:
        raise _UnfitError("was written by a later version of pipcert-logs. Use that one")
    for number in range(version, VERSION):
        connection.executescript(_migration(number + 1))


def _migration(number: int) -> str:
    script = (
        files("pipcert_logs.scan").joinpath("migrations", f"{number:03}.sql").read_text("utf-8")
    )
    return (
        f"BEGIN; {script} PRAGMA application_id = {_APPLICATION};"
        f" PRAGMA user_version = {number}; COMMIT;"
    )


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
