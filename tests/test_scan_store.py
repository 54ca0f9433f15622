"""The store of `pipcert-logs scan`: what is kept, what is not, and what its page says of it."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pipcert_logs.scan.store import Store, StoreError
from tests.archives import SELF_SIGNED, recorded

PAGE = (Path(__file__).parent.parent / "docs" / "store.md").read_text("utf-8")
SECRET = b"hunter2secret"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two builds, whose logs hold a password."""
    folder = tmp_path_factory.mktemp("logs")
    log = recorded(SELF_SIGNED)
    index = b"Looking in indexes: https://joe:" + SECRET + b"@pypi.org/simple/\n"
    log = index + log.replace(b": /simple/", b": https://joe:" + SECRET + b"@pypi.org/simple/")
    for name in ("1.log", "2.log"):
        (folder / name).write_bytes(log)
    (folder / "empty.log").touch()
    call = [sys.executable, "-m", "pipcert_logs", "scan", "--jobs", "1"]
    done = subprocess.run(
        [*call, "--store", str(folder / "seen.db"), str(folder)], capture_output=True, check=False
    )
    assert done.returncode == 1
    assert SECRET not in done.stdout + done.stderr
    return folder / "seen.db"


@pytest.fixture
def database(store: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(store)) as connection:
        yield connection


def test_no_secret_is_kept(store: Path) -> None:
    for file in store.parent.glob("seen.db*"):
        assert SECRET not in file.read_bytes()


@pytest.mark.parametrize("query", re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL))
def test_the_queries_of_the_page_answer(database: sqlite3.Connection, query: str) -> None:
    assert database.execute(query).fetchall()


def test_the_page_names_every_table(database: sqlite3.Connection) -> None:
    tables = {
        name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == tables


def test_rows_belong_together(database: sqlite3.Connection) -> None:
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    assert database.execute("SELECT count(*) FROM failures").fetchone() == (2,)
    assert database.execute("SELECT count(*) FROM findings").fetchone() == (1,)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_store_of_a_later_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "later.db"
    Store(str(path)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="later version"):
        Store(str(path))
