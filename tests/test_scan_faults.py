"""`pipcert-logs scan` where something goes wrong beside the logs: workers, disks, interruptions."""

from __future__ import annotations

import json
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from msgspec import structs

from pipcert_logs.knowledge.load import Rules
from pipcert_logs.scan.inputs import find
from pipcert_logs.scan.layout import Layouts
from pipcert_logs.scan.local import Work, scan_in_processes
from pipcert_logs.scan.model import Input, Outcome, Result, Task, Trouble
from pipcert_logs.scan.run import run
from pipcert_logs.scan.scanner import Scanner
from pipcert_logs.scan.store import Store
from pipcert_logs.scan.summary import summarise
from tests.archives import EXPIRED, SELF_SIGNED, clean, recorded, zipped

COMMAND = [sys.executable, "-m", "pipcert_logs", "scan", "--format", "json"]


class Silent:
    """Is told how a scan gets on, and says nothing."""

    def found(self, given: Input) -> None: ...

    def known(self, given: Input) -> None: ...

    def done(self, results: list[Result]) -> None: ...

    def trouble(self, trouble: Trouble) -> None: ...


class Deadly(Scanner):
    """Dies of a certain file, each time or once."""

    once = False

    def do(self, task: Task) -> Outcome:
        assert isinstance(task, Input)
        path = Path(task.path)
        if path.name == "killer.log" and not path.with_name("died").exists():
            if self.once:
                path.with_name("died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().do(task)


class DeadlyWork(Work):
    """Workers that die."""

    def __init__(self, *, once: bool) -> None:
        super().__init__(Rules.builtin(), ())
        self.once = once

    def scanner(self) -> Scanner:

        deadly = Deadly(self.rules, Layouts(self.templates))
        deadly.once = self.once
        return deadly


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    for number in range(200):
        log = recorded(SELF_SIGNED) if number % 10 == 0 else clean(20_000, number)
        (folder / f"{number:03}.log").write_bytes(log)
    (folder / "killer.log").write_bytes(recorded(EXPIRED))
    return folder


@pytest.mark.skipif(os.name == "nt", reason="kills by a signal")
@pytest.mark.parametrize("once", [True, False])
def test_a_worker_that_dies_costs_no_more_than_the_file_that_it_dies_of(
    logs: Path, once: bool
) -> None:
    work = DeadlyWork(once=once)
    batches = [[given] for given in find([str(logs)]) if isinstance(given, Input)]
    outcomes: list[Outcome] = []
    for found in scan_in_processes(batches, work, 2):
        outcomes += found
        time.sleep(0.005)  # as keeping them takes a while
    assert sorted(out.input.path for out in outcomes if isinstance(out, Result)) == sorted(
        given.path for batch in batches for given in batch
    )
    results = [out for out in outcomes if isinstance(out, Result)]
    assert sum(len(result.logs) for result in results) == (21 if once else 20)
    troubles = [trouble.path for result in results for trouble in result.troubles]
    assert troubles == ([] if once else [str(logs / "killer.log")])


@pytest.mark.parametrize("changed", [False, True])
def test_a_disk_that_is_full_loses_nothing_of_the_report(
    logs: Path, tmp_path: Path, changed: bool
) -> None:
    rules = Rules.builtin()
    work = Work(rules, rules.layouts)
    summaries = []
    for pages in (10_000, 28):
        with closing(Store(str(tmp_path / f"{pages}.db"))) as store:
            if changed:  # what it holds of a log has to go when the log is read again
                old = Input(str(logs / "199.log"), 1, 1)
                found = Scanner(rules, Layouts(())).do(Input(str(logs / "000.log"), 1, 1))
                assert isinstance(found, Result)
                store.begin()
                store.add([structs.replace(found, input=old)])
            store.connection.execute(f"PRAGMA max_page_count = {pages}")
            number = run(
                [str(logs)], lambda batches: scan_in_processes(batches, work, 1), store, Silent()
            )
            summaries.append(summarise(store.connection, rules, scan=number))
            assert (store.trouble is None) == (pages == 10_000)
    assert summaries[0] == summaries[1]
    with closing(sqlite3.connect(tmp_path / "28.db")) as kept:
        assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.skipif(os.name == "nt", reason="kills by a signal")
def test_a_scan_that_is_killed_goes_on_where_it_was(logs: Path, tmp_path: Path) -> None:
    for number in range(1000):
        (logs / f"more-{number}.log").write_bytes(clean(30_000, number))
    store = tmp_path / "seen.db"
    call = [*COMMAND, "--jobs", "1", "--store", str(store), str(logs)]
    with subprocess.Popen(call, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while _kept(store) == 0 and time.monotonic() < deadline:
            time.sleep(0.002)
        process.kill()
    before = _kept(store)
    assert before > 0
    done = subprocess.run(call, capture_output=True, check=False)
    alone = subprocess.run([*COMMAND, "--jobs", "1", str(logs)], capture_output=True, check=False)
    assert json.loads(done.stdout) == json.loads(alone.stdout)
    assert _kept(store) == 1201


def _kept(store: Path) -> int:
    if not store.exists():
        return 0
    with closing(sqlite3.connect(store)) as database:
        try:
            return int(database.execute("SELECT count(*) FROM inputs").fetchone()[0])
        except sqlite3.Error:
            return 0


def test_a_file_that_grows_is_read_again(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_bytes(clean(5000))
    call = [*COMMAND, "--jobs", "1", "--store", str(tmp_path / "seen.db"), str(log)]
    assert subprocess.run(call, capture_output=True, check=False).returncode == 0
    with log.open("ab") as file:
        file.write(recorded(SELF_SIGNED))
    assert subprocess.run(call, capture_output=True, check=False).returncode == 1


def test_a_file_that_vanishes_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(recorded(SELF_SIGNED))
    given = [found for found in find([str(tmp_path)]) if isinstance(found, Input)]
    (tmp_path / "a.log").unlink()
    rules = Rules.builtin()

    result = Scanner(rules, Layouts(rules.layouts)).do(given[0])
    assert isinstance(result, Result)
    assert [trouble.path for trouble in result.troubles] == [str(tmp_path / "a.log")]
    assert result.failed.files == 1


def test_an_archive_of_failures_weighs_little(tmp_path: Path) -> None:
    """Its result is sent whole: what logs say alike is in it once."""
    members = {f"job__{number}": recorded(SELF_SIGNED) for number in range(500)}
    (tmp_path / "a.zip").write_bytes(zipped(**members))
    (given,) = [found for found in find([str(tmp_path)]) if isinstance(found, Input)]
    rules = Rules.builtin()
    result = Scanner(rules, Layouts(rules.layouts)).do(given)
    assert isinstance(result, Result)
    assert len(result.logs) == 500
    assert len({id(log.failures[0].text) for log in result.logs}) == 1
    assert len(pickle.dumps(result)) < 500 * 300
