"""What was seen, kept in SQLite: for the report, for the next run, and for whoever queries it."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from pipcert_logs.scan.keys import keys
from pipcert_logs.scan.model import Input, Log, Result, Trouble

VERSION = 2
_APPLICATION = 0x70697063  # "pipc", as `file` and SQLite's own tools show it
_BUSY = 30.0  # seconds that another writer may take
# Logs come in any order, and may say different things of a finding's host: the most telling counts.
_ADD_FINDING = """
INSERT INTO findings (fingerprint, cause, host, port, kind) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (fingerprint) DO UPDATE
SET port = coalesce(port, excluded.port), kind = min(kind, excluded.kind)
WHERE port IS NOT coalesce(port, excluded.port) OR kind > excluded.kind
"""
_TEMPORARY = "the folder for temporary files"
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
            self.connection = _opened(path) if new else _to_read(path or "")
        except sqlite3.Error as error:
            raise StoreError(f"{path} {_unusable(path or '', error)}") from error
        except _UnfitError as error:
            raise StoreError(f"{path} {error}") from error

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def begin(self) -> int:
        """Begin a scan and return its number.

        Raises:
            StoreError: the store cannot be written.
        """
        values = _now(), self._program
        insert = "INSERT INTO scans (started, program) VALUES (?, ?)"
        self._scan = self._write(lambda database: database.execute(insert, values).lastrowid or 0)
        return self._scan

    def finish(self) -> None:
        """Note that the scan came to its end.

        Raises:
            StoreError: the store cannot be written.
        """
        values = _now(), self._scan
        update = "UPDATE scans SET finished = ? WHERE id = ?"
        self._write(lambda database: database.execute(update, values))

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Give what is asked, so that nothing changes between two questions of a report.

        Raises:
            StoreError: the store is broken.
        """
        self.connection.execute("BEGIN")
        try:
            yield self.connection
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.path} cannot be read: {error}") from error
        finally:
            self.connection.execute("ROLLBACK")

    def unseen(self, inputs: Sequence[Input]) -> list[Input]:
        """Return those that are new or changed; the others count as seen by this scan.

        What could not be read is tried again: that may have been the network's fault, or a right
        that was granted since.

        Raises:
            StoreError: the store cannot be read or written.
        """
        found = dict(zip(keys(given.path for given in inputs), inputs, strict=True))
        rows = self._write(
            lambda database: database.execute(
                "SELECT key, path, size, modified, version FROM inputs WHERE program = ?"
                " AND failed_files = 0 AND key IN (SELECT value FROM json_each(?))",
                (self._program, json.dumps(list(found))),
            ).fetchall()
        )
        known = {key: Input(*rest) for key, *rest in rows}
        same = {key for key, given in found.items() if key in known and _same(known[key], given)}
        if same:
            update = "UPDATE inputs SET scan = ? WHERE key = ?"

            def work(database: sqlite3.Connection) -> None:
                database.executemany(update, [(self._scan, key) for key in same])
                _sight(database, same)

            self._write(work)
        return [given for key, given in found.items() if key not in same]

    def add(self, results: Iterable[Result]) -> None:
        """Keep what was found, all of it or nothing.

        Raises:
            StoreError: the store cannot be written.
        """
        kept = list(results)

        def work(database: sqlite3.Connection) -> None:
            for result in kept:
                self._add(database, result)

        self._write(work)

    def note(self, trouble: Trouble) -> None:
        """Keep what could not even be opened.

        Raises:
            StoreError: the store cannot be written.
        """
        values = self._scan, trouble.path, trouble.text
        insert = "INSERT INTO troubles (scan, path, text) VALUES (?, ?, ?)"
        self._write(lambda database: database.execute(insert, values))

    def _add(self, database: sqlite3.Connection, result: Result) -> None:
        given = result.input
        (key,) = keys([given.path])
        # stores of the first version knew inputs by the name that is shown
        database.execute("DELETE FROM inputs WHERE key IN (?, ?)", (key, given.shown))
        _sight(database, [key])
        number = database.execute(
            "INSERT INTO inputs (key, path, size, modified, version, program, scan, scanned_files,"
            " scanned_bytes, failed_files, failed_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key,
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
        except sqlite3.Error as error:
            if self.path is None or self.trouble or not _is_full(error):
                raise StoreError(f"{self.path or _TEMPORARY}: {error}") from error
            self._leave_file(error)
            with self.connection:
                return work(self.connection)

    def _leave_file(self, error: sqlite3.Error) -> None:
        """Go on with a copy that is gone afterwards: what was kept in the file stays there."""
        copy = _opened(None)
        try:
            self.connection.backup(copy)
            _sight(copy, [key for (key,) in self.connection.execute("SELECT key FROM sighted")])
            copy.commit()
        except sqlite3.Error as another:
            raise StoreError(
                f"{self.path} takes no more, nor does {_TEMPORARY}: {another}"
            ) from error
        self.connection.close()
        self.connection = copy
        self.trouble = (
            f"takes no more ({error}): what it holds is whole, and the next run goes on from there"
        )


def _unusable(path: str, error: sqlite3.Error) -> str:
    """Say why a file cannot be opened as a store: SQLite says the same of much."""
    place = Path(path)
    if place.is_dir():
        return "is a folder; name a file"
    if not place.absolute().parent.is_dir():
        return "is in a folder that does not exist"
    if not os.access(place if place.exists() else place.absolute().parent, os.W_OK):
        return "may not be written by you; name another file"
    return f"cannot be used as a store: {error}"


def _same(before: Input, now: Input) -> bool:
    """Tell whether what is kept of an input holds: by another name its log may be another job's."""
    return before.path == now.shown and before.is_like(now)


def _sight(database: sqlite3.Connection, keys: Iterable[str]) -> None:
    """Note that this scan saw inputs: another one at the same store may see them as well."""
    insert = "INSERT OR IGNORE INTO sighted VALUES (?)"
    database.executemany(insert, [(key,) for key in keys])


def _is_full(error: sqlite3.Error) -> bool:
    if not isinstance(error, sqlite3.OperationalError):
        return False
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


def _opened(path: str | None) -> sqlite3.Connection:
    """Open a store to write, made or brought up to this version where need be.

    Raises:
        _UnfitError: it is something else, or of a later version.
        sqlite3.Error: it is no database, or cannot be opened.
    """
    if path is None:
        connection = sqlite3.connect("")
        connection.execute("PRAGMA synchronous = OFF")
    else:
        connection = _connect(path, "mode=rwc")
        _check(connection)
        if not os.access(path, os.W_OK):
            raise sqlite3.OperationalError("attempt to write a readonly database")
        _keep_log_ahead(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
    _migrate(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("CREATE TEMP TABLE sighted (key TEXT PRIMARY KEY) WITHOUT ROWID")
    connection.commit()
    return connection


def _to_read(path: str) -> sqlite3.Connection:
    """Open a store to read, though nobody may write to it or to its folder.

    Raises:
        _UnfitError: it is no store, or one of another version.
        sqlite3.Error: it cannot be read.
    """
    if not Path(path).exists():
        raise _UnfitError("does not exist; `pipcert-logs scan --store FILE` makes one")
    connection = _connect(path, "mode=ro")
    try:
        version = _check(connection)
    except sqlite3.OperationalError:  # there is no place for the files that go with it
        connection.close()
        _make_sure_it_is_whole(path)
        connection = _connect(path, "mode=ro&immutable=1")
        version = _check(connection)
    if not version:
        raise _UnfitError("is empty; `pipcert-logs scan --store FILE` makes a store")
    if version < VERSION:
        connection.close()
        try:
            return _opened(path)
        except sqlite3.OperationalError as error:
            raise _UnfitError(
                f"is of an older version, and cannot be brought up to date here ({error})."
                " Copy it to where you may write, and name the copy"
            ) from error
    return connection


def _make_sure_it_is_whole(path: str) -> None:
    """Refuse a store to which more belongs than its file, where that cannot be read.

    Raises:
        _UnfitError: it is one.
    """
    ahead = Path(f"{path}-wal")
    if ahead.exists() and ahead.stat().st_size:
        raise _UnfitError(
            f"cannot be read here without {ahead}, which a scan left when it was ended."
            " Copy both to where you may write, and name the copy"
        )


def _connect(path: str, how: str) -> sqlite3.Connection:
    uri = f"{Path(path).absolute().as_uri()}?{how}"
    return sqlite3.connect(uri, uri=True, timeout=_BUSY)


def _check(connection: sqlite3.Connection) -> int:
    """Return the version of a store, 0 of a new one, before anything in it is changed.

    Raises:
        _UnfitError: it is something else, or of a later version.
        sqlite3.Error: it is no database.
    """
    # in one statement: another process may make the store at this moment
    version, application, tables = connection.execute(
        "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_master)"
        " FROM pragma_user_version, pragma_application_id"
    ).fetchone()
    if tables and application != _APPLICATION:
        raise _UnfitError("is a database of another program. Name another file")
    if version > VERSION:
        raise _UnfitError("was written by a later version of pipcert-logs. Use that one")
    return int(version)


def _keep_log_ahead(connection: sqlite3.Connection) -> None:
    """Set WAL mode, once; nobody else may have the file open for that, so it may take a while."""
    end = time.monotonic() + _BUSY
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring a database up to this version, unless another process does it at this moment."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(_check(connection), VERSION):
            for statement in _statements(number + 1):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _statements(number: int) -> Iterator[str]:
    """Yield the statements of a migration: a script as a whole would not be one transaction."""
    path = files("pipcert_logs.scan").joinpath("migrations", f"{number:03}.sql")
    statement = ""
    for line in path.read_text("utf-8").splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
