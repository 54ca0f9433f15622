"""Scans on a Dask cluster of real processes, some of which are killed on the way."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipcert_logs import Rules
from pipcert_logs.scan.parts import LARGE
from tests.archives import EXPIRED, SELF_SIGNED, clean, recorded
from tests.conftest import LOGS

distributed = pytest.importorskip("distributed")

WORKERS = 3
POISON = "poison.log"
# What workers are made to do before they begin, so that they can be met in the middle of their
# work: take their time, write down what they read, and die on one file.
SLOW = f"""
import os, signal, time
from pipcert_logs.scan.scanner import Scanner

if not hasattr(Scanner, "prompt"):  # Dask loads this file more than once
    Scanner.prompt = Scanner.do

def slow(self, task):
    given = getattr(task, "input", task)
    with open(os.environ["READ"], "a") as read:
        read.write(given.path + "\\n")
    time.sleep(0.03)
    if given.path.endswith({POISON!r}):
        os.kill(os.getpid(), signal.SIGKILL)
    return self.prompt(task)

Scanner.do = slow
"""
BARE = "import sys\nsys.modules['pipcert_logs'] = None\n"
OTHER = "import pipcert_logs\npipcert_logs.__version__ = '0.0.1'\n"


class Processes(NamedTuple):
    """A cluster that is running."""

    address: str
    client: Any
    read: Path

    def pids(self) -> list[int]:
        return list(self.client.run(os.getpid).values())

    def tasks(self) -> int:
        return int(self.client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)))


@contextlib.contextmanager
def cluster(folder: Path, preload: str) -> Iterator[Processes]:
    """Run a scheduler and workers in a folder of their own."""
    folder.mkdir()
    (folder / "preload.py").write_text(preload)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    environment = {
        **os.environ,
        "READ": str(folder / "read"),
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
    }
    scheduler = ["scheduler", "--host", address, "--no-dashboard"]
    workers = ["worker", address, f"--nworkers={WORKERS}", "--nthreads=1", "--no-dashboard"]
    with contextlib.ExitStack() as stack:
        for arguments in (scheduler, [*workers, "--preload", "preload.py"]):
            with (folder / f"{arguments[0]}.txt").open("wb") as said:
                process = subprocess.Popen(
                    [sys.executable, "-m", "dask", *arguments],
                    cwd=folder,
                    env=environment,
                    stdout=said,
                    stderr=said,
                )
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
        client = stack.enter_context(distributed.Client(address, timeout=60))
        client.wait_for_workers(WORKERS, timeout=60)
        yield Processes(address, client, folder / "read")


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    with cluster(tmp_path_factory.mktemp("cluster") / "slow", SLOW) as running:
        yield running


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pipcert_logs", "scan", "--format", "json", *arguments]


def scan(folder: Path, *arguments: str) -> tuple[int, bytes, str]:
    done = subprocess.run(
        command(*arguments), cwd=folder, capture_output=True, timeout=120, check=False
    )
    return done.returncode, done.stdout, done.stderr.decode()


def on(address: str) -> tuple[str, ...]:
    return "--engine", "dask", "--scheduler", address


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive in it that is named by a relative path, and rules of its own."""
    folder = tmp_path_factory.mktemp("archive")
    (folder / "logs").mkdir()
    for log in sorted(LOGS.glob("*.log"))[::4]:
        shutil.copy(log, folder / "logs")
    (folder / "pack").mkdir()
    (folder / "pack" / "off.toml").write_text('causes = ["expired-certificate"]\n')
    return folder


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_rules_are_the_same_where_they_arrive(rules: Rules) -> None:
    assert pickle.loads(pickle.dumps(rules)).digest == rules.digest


def test_a_killed_workers_share_is_done_again_and_counted_once(
    processes: Processes, archive: Path
) -> None:
    processes.read.unlink(missing_ok=True)
    wanted = "logs", "--rules", "pack", "--layout", "{project}/{job}.log"
    with subprocess.Popen(
        command(*wanted, *on(processes.address)), cwd=archive, stdout=subprocess.PIPE
    ) as scanning:
        until(lambda: processes.read.exists() and processes.read.read_text().count("\n") > 100)
        under_way = processes.tasks()
        os.kill(processes.pids()[0], signal.SIGKILL)
        report, _ = scanning.communicate(timeout=120)
    code, expected, _ = scan(archive, *wanted)
    assert (scanning.returncode, code) == (1, 1)
    assert report == expected
    assert b"expired-certificate" not in report
    read = Counter(processes.read.read_text().splitlines())
    assert sorted(read) == sorted(f"logs/{file.name}" for file in (archive / "logs").iterdir())
    assert max(read.values()) > 1
    assert 1 < under_way <= WORKERS * 4 + 1


def test_a_large_log_is_searched_in_parts(processes: Processes, tmp_path: Path) -> None:
    processes.read.unlink(missing_ok=True)
    log = tmp_path / "large.log"
    noise = clean(LARGE // 4)
    log.write_bytes(recorded(EXPIRED) + noise * 5 + recorded(SELF_SIGNED))
    _, expected, _ = scan(tmp_path, log.name, "--jobs", "1")
    code, report, _ = scan(tmp_path, log.name, *on(processes.address))
    assert code == 1
    assert report == expected
    assert json.loads(report)["totals"]["failures"] == 2
    assert processes.read.read_text().count(log.name) == 3 + 1  # its parts, and where they found


def test_an_input_that_kills_workers_has_failed_and_no_other(
    processes: Processes, archive: Path, tmp_path: Path
) -> None:
    logs = sorted(LOGS.glob("*.log"))[:5]
    for log in logs:
        shutil.copy(log, tmp_path)
    code, before, _ = scan(tmp_path, str(tmp_path))
    (tmp_path / POISON).write_bytes(b"poison")
    code, after, said = scan(tmp_path, str(tmp_path), *on(processes.address))
    expected, report = json.loads(before), json.loads(after)
    assert code == 2, said
    assert report["totals"]["scanned"] == expected["totals"]["scanned"]
    assert report["totals"]["failed"] == {"files": 1, "bytes": 6}
    assert report["findings"] == expected["findings"]
    (trouble,) = report["troubles"]
    assert trouble["path"] == str(tmp_path / POISON)
    assert "ended the process that read it" in trouble["text"]
    processes.client.wait_for_workers(WORKERS, timeout=60)


@pytest.fixture
def heeded() -> Iterator[None]:
    """Have what is started heed Ctrl-C, even where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded")
def test_ctrl_c_cancels_what_is_waiting(
    processes: Processes, archive: Path, tmp_path: Path
) -> None:
    processes.read.unlink(missing_ok=True)
    wanted = command(str(LOGS), "--store", str(tmp_path / "store"), *on(processes.address))
    with subprocess.Popen(wanted, cwd=archive, stderr=subprocess.PIPE) as scanning:
        until(processes.read.exists)
        scanning.send_signal(signal.SIGINT)
        _, said = scanning.communicate(timeout=30)
    assert scanning.returncode == 130
    assert said == b""
    until(lambda: processes.tasks() == 0)


@pytest.mark.parametrize(
    ("preload", "told"),
    [
        (OTHER, "a worker has pipcert-logs 0.0.1, and this is "),
        (BARE, "the cluster cannot do this work"),
    ],
)
def test_workers_without_this_version(
    preload: str, told: str, archive: Path, tmp_path: Path
) -> None:
    with cluster(tmp_path / "cluster", preload) as processes:
        code, report, said = scan(archive, "logs", *on(processes.address))
    assert (code, report) == (2, b"")
    assert told in said
    assert "install the same version" in said
    assert "Traceback" not in said


def test_the_scheduler_goes_away(archive: Path, tmp_path: Path) -> None:
    with cluster(tmp_path / "cluster", SLOW) as processes:
        wanted = command("logs", *on(processes.address))
        with subprocess.Popen(wanted, cwd=archive, stderr=subprocess.PIPE) as scanning:
            until(processes.read.exists)
            pid = processes.client.run_on_scheduler(os.getpid)
            os.kill(pid, signal.SIGKILL)
            _, said = scanning.communicate(timeout=60)
    assert scanning.returncode == 2
    assert said.startswith(b"pipcert-logs: the Dask scheduler is gone")
    assert b"Traceback" not in said


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere", "nosuch://127.0.0.1:1"])
def test_a_scheduler_that_cannot_be_reached(
    address: str, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    code, report, said = scan(archive, "logs", *on(address))
    assert (code, report) == (2, b"")
    assert said.startswith(f"pipcert-logs: no Dask scheduler answers at {address}: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--engine", "dask"), "--engine dask takes --scheduler"),
        (("--scheduler", "127.0.0.1:1"), "--scheduler takes --engine dask"),
        ((*on("127.0.0.1:1"), "--jobs", "2"), "--jobs is for this machine"),
    ],
)
def test_options_that_do_not_fit(arguments: tuple[str, ...], told: str, archive: Path) -> None:
    code, report, said = scan(archive, "logs", *arguments)
    assert (code, report) == (2, b"")
    assert told in said


def test_the_missing_package_is_named(archive: Path) -> None:
    blocked = "import sys; sys.modules['distributed'] = None\n"
    program = blocked + "from pipcert_logs.cli.main import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", program, "scan", "logs", *on("127.0.0.1:1")],
        cwd=archive,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "-m pip install distributed" in done.stderr
