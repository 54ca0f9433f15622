"""The store of `pipcert-logs scan`: what is kept, what is not, and what its page says of it."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pipcert_logs.knowledge.load import Rules
from pipcert_logs.scan.model import Count, Input, Result, Trouble
from pipcert_logs.scan.store import Store, StoreError
from pipcert_logs.scan.summary import summarise
from tests.archives import SELF_SIGNED, recorded

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "store.md").read_text("utf-8")
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


COMMAND = [sys.executable, "-m", "pipcert_logs"]


def scan(store: Path, *words: str | Path, cwd: Path | None = None, code: int = 1) -> dict[str, Any]:
    call = [*COMMAND, "scan", "--jobs", "1", "--format", "json", "--store", store, *words]
    done = subprocess.run(call, capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == code, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_what_could_not_be_read_is_tried_again(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(recorded(SELF_SIGNED))
    given = Input(str(log), log.stat().st_size, log.stat().st_mtime_ns)
    with closing(Store(str(tmp_path / "seen.db"))) as store:
        store.begin()
        trouble = Trouble(str(log), "cannot be read: input/output error")
        store.add([Result(given, Count(), {}, Count(1, given.size), [], [trouble])])
        assert store.unseen([given]) == [given]
        store.add([Result(given, Count(1, given.size), {}, Count(), [], [])])
        assert store.unseen([given]) == []


def test_two_scans_of_one_store_do_not_take_from_each_other(tmp_path: Path) -> None:
    given = Input(str(tmp_path / "a.log"), 9, 9)
    rules = Rules.builtin()
    with (
        closing(Store(str(tmp_path / "seen.db"))) as one,
        closing(Store(str(tmp_path / "seen.db"))) as other,
    ):
        numbers = []
        for store in (one, other):
            numbers.append(store.begin())
            store.add([Result(given, Count(1, 9), {}, Count(), [], [])])
            store.finish()
        for store, number in zip((one, other), numbers, strict=True):
            with store.snapshot() as connection:
                assert summarise(connection, rules, scan=number).totals.seen == Count(1, 9)


def test_files_of_one_name_are_two(tmp_path: Path) -> None:
    store = tmp_path / "seen.db"
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.log").write_bytes(recorded(SELF_SIGNED))
        scan(store, ".", cwd=tmp_path / name)
    with closing(sqlite3.connect(store)) as database:
        assert database.execute("SELECT path FROM inputs").fetchall() == [("a.log",)] * 2
    trends = [*COMMAND, "trends", "--format", "json", str(store)]
    found = json.loads(subprocess.run(trends, capture_output=True, check=True).stdout)
    assert found["totals"]["failures"] == 2


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_names_that_are_shown_alike_are_two(tmp_path: Path) -> None:
    for name in (b"b\xff.log", b"b%FF.log"):
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).write_bytes(recorded(SELF_SIGNED))
    assert scan(tmp_path / "seen.db", tmp_path / "")["totals"]["failures"] == 2


def test_an_input_of_another_name_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a.log").write_bytes(recorded(SELF_SIGNED))
    scan(tmp_path / "seen.db", ".", cwd=tmp_path / "one")
    found = scan(tmp_path / "seen.db", "one", cwd=tmp_path)
    assert found["findings"][0]["example"]["path"] == str(Path("one") / "a.log")
    assert found["totals"]["failures"] == 1


def test_a_broken_store_is_told(store: Path, tmp_path: Path) -> None:
    broken = tmp_path / "seen.db"
    data = bytearray(store.read_bytes())
    data[5000 : len(data) - 100] = b"\xa5" * (len(data) - 5100)
    broken.write_bytes(data)
    for words in (["trends", str(broken)], ["scan", "--store", str(broken), str(tmp_path)]):
        done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert "seen.db" in done.stderr


def test_a_store_to_which_more_belongs_is_not_read_without_it(
    artefact: Path, request: pytest.FixtureRequest
) -> None:
    artefact.parent.chmod(0o755)
    artefact.with_name("seen.db-wal").write_bytes(b"x" * 100)
    artefact.parent.chmod(0o555)
    request.getfixturevalue("as_nobody")
    with pytest.raises(StoreError, match=r"without .*seen\.db-wal"):
        Store(str(artefact), new=False)


def test_urls_that_differ_in_their_secret_are_two_and_it_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "seen.db"
    urls = [f"https://logs.example/a.log?token={secret}" for secret in ("hunter2", "hunter3")]
    given = [Input(url, 9, 9) for url in urls]
    with closing(Store(str(path))) as store:
        store.begin()
        store.add([Result(one, Count(1, 9), {}, Count(), [], []) for one in given])
        assert store.unseen(given) == []
        assert store.connection.execute("SELECT count(*) FROM inputs").fetchone() == (2,)
    assert b"hunter" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_an_address_with_bytes_that_are_no_text_is_told(tmp_path: Path) -> None:
    found = scan(tmp_path / "seen.db", os.fsdecode(b"http://127.0.0.1:9/\xff"), code=2)
    assert [trouble["path"] for trouble in found["troubles"]] == ["http://127.0.0.1:9/%FF"]


def test_a_store_of_the_first_version_keeps_what_it_holds(store: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    first = ROOT / "pipcert_logs" / "scan" / "migrations" / "001.sql"
    with closing(sqlite3.connect(store)) as now, closing(sqlite3.connect(old)) as was:
        was.executescript(f"{first.read_text()} PRAGMA application_id = {0x70697063};")
        was.execute("PRAGMA user_version = 1")
        for table in ("scans", "inputs", "skipped", "troubles", "logs", "findings", "failures"):
            columns = [row[1] for row in was.execute(f"PRAGMA table_info({table})")]
            rows = now.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
            marks = ", ".join("?" * len(columns))
            was.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        was.commit()
    trends = [*COMMAND, "trends", "--format", "json"]
    said = [
        subprocess.run([*trends, str(path)], capture_output=True, check=True).stdout
        for path in (store, old)
    ]
    assert said[0] == said[1]
    with closing(sqlite3.connect(old)) as database:
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("PRAGMA user_version").fetchone() == (2,)


@pytest.mark.parametrize("command", ["scan", "trends"])
def test_what_is_no_store_is_left_as_it_is(tmp_path: Path, command: str) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as database:
        database.execute("CREATE TABLE mine (a)")
    before = other.read_bytes()
    words = ["--store", str(other), str(tmp_path)] if command == "scan" else [str(other)]
    done = subprocess.run([*COMMAND, command, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "database of another program" in done.stderr
    assert other.read_bytes() == before


def test_an_empty_file_is_no_store_to_read(tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    empty.touch()
    done = subprocess.run([*COMMAND, "trends", empty], capture_output=True, text=True, check=False)
    assert (done.returncode, empty.stat().st_size) == (2, 0)
    assert "scan --store FILE" in done.stderr


def test_several_may_be_the_first(tmp_path: Path) -> None:
    script = "import sys; from pipcert_logs.scan.store import Store; Store(sys.argv[1]).close()"
    for number in range(4):
        path = tmp_path / f"{number}.db"
        call = [sys.executable, "-c", script, str(path)]
        started = [subprocess.Popen(call, stderr=subprocess.PIPE) for _ in range(4)]
        for process in started:
            _, said = process.communicate(timeout=60)
            assert (process.returncode, said) == (0, b"")


@pytest.fixture
def as_nobody() -> Iterator[None]:
    """Give up the rights of root, whom no right of a file keeps out."""
    if os.name == "nt" or os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)


@pytest.fixture
def artefact(store: Path) -> Iterator[Path]:
    """A store that nobody may write, in a folder that nobody may write."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "seen.db"
        copy.write_bytes(store.read_bytes())
        copy.chmod(0o444)
        copy.parent.chmod(0o555)
        yield copy
        copy.parent.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="rights are kept otherwise there")
def test_a_store_that_nobody_may_write_can_be_read(
    artefact: Path, request: pytest.FixtureRequest
) -> None:
    rules = Rules.builtin()
    assert rules.hosts
    request.getfixturevalue("as_nobody")
    with closing(Store(str(artefact), new=False)) as store, store.snapshot() as connection:
        assert summarise(connection, rules).totals.failures == 2


def test_a_report_is_of_one_moment(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "seen.db"
    path.write_bytes(store.read_bytes())
    rules = Rules.builtin()
    with closing(Store(str(path), new=False)) as reader, closing(Store(str(path))) as writer:
        with reader.snapshot() as connection:
            before = summarise(connection, rules)
            writer.connection.execute("DELETE FROM inputs")
            writer.connection.commit()
            assert summarise(connection, rules) == before
        with reader.snapshot() as connection:
            assert summarise(connection, rules).totals.failures == 0
