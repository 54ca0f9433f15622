"""Where `pipcert-logs scan` writes its report: what it leaves out, replaces, and leaves alone."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipcert_logs.cli.commands import app
from tests.archives import EXPIRED, SELF_SIGNED, recorded

FORMS = ["text", "json", "jsonl", "csv", "markdown", "html", "sarif", "parquet"]


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(app, list(map(str, words)))


def scan(*words: str | Path) -> Result:
    return call("scan", "--jobs", "1", *words)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.log").write_bytes(recorded(SELF_SIGNED))
    return folder


# What it writes itself --------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_a_report_is_not_read_by_the_next_scan(logs: Path, form: str) -> None:
    words = "--format", form, "-o", logs / "report", "--store", logs / "seen.db", logs
    reports = []
    for _ in range(3):
        assert scan(*words).exit_code == 1
        reports.append((logs / "report").read_bytes())
    assert reports[0] == reports[1] == reports[2]
    assert sorted(path.name for path in logs.iterdir()) == ["a.log", "report", "seen.db"]


@pytest.mark.skipif(os.name == "nt", reason="links take rights on Windows")
def test_a_report_is_none_of_the_inputs_by_any_name(logs: Path, tmp_path: Path) -> None:
    (tmp_path / "latest.json").symlink_to(logs / "report.json")
    for _ in range(2):
        done = scan("--format", "json", "-o", tmp_path / "latest.json", logs)
        assert done.exit_code == 1
        assert json.loads((logs / "report.json").read_text())["totals"]["seen"]["files"] == 1
    os.link(logs / "report.json", logs / "other.json")
    scan("--format", "json", "-o", tmp_path / "latest.json", logs)
    assert json.loads((logs / "report.json").read_text())["totals"]["seen"]["files"] == 1


@pytest.mark.parametrize("name", ["x.db", "./x.db", "x.db-wal", "../logs/x.db"])
@pytest.mark.parametrize("there", [True, False])
def test_a_report_does_not_take_the_place_of_the_store(
    logs: Path, monkeypatch: pytest.MonkeyPatch, name: str, there: bool
) -> None:
    monkeypatch.chdir(logs)
    if there:
        scan("--store", "x.db", "a.log")
    before = {path.name: path.read_bytes() for path in logs.iterdir()}
    calls = [("scan", "-o", name, "--store", "x.db", "a.log"), ("trends", "-o", name, "x.db")]
    for words in calls:
        done = call(*words)
        assert (done.exit_code, done.stdout) == (2, "")
        assert f"{name} is the store's" in done.stderr
    assert {path.name: path.read_bytes() for path in logs.iterdir()} == before


# What it replaces -------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [RuntimeError("a mistake"), KeyboardInterrupt()])
def test_a_report_that_breaks_off_leaves_the_one_before_it(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    report = tmp_path / "report.csv"
    report.write_text("the one before")

    def broken(connection: object, out: Any) -> None:
        out.write("half a rep")
        raise error

    monkeypatch.setattr("pipcert_logs.scan.render.data.write_csv", broken)
    assert scan("--format", "csv", "-o", report, logs).exit_code != 0
    assert report.read_text() == "the one before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["logs", "report.csv"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_report_that_is_replaced_keeps_its_link_and_its_mode(logs: Path, tmp_path: Path) -> None:
    real, link = tmp_path / "2026.csv", tmp_path / "latest.csv"
    real.write_text("the one before")
    real.chmod(0o640)
    link.symlink_to(real.name)
    assert scan("--format", "csv", "-o", link, logs).exit_code == 1
    assert link.is_symlink()
    assert real.read_text().startswith("path,line,")
    assert real.stat().st_mode & 0o777 == 0o640
    umask = os.umask(0o027)
    try:
        scan("-o", tmp_path / "new.txt", logs)
    finally:
        os.umask(umask)
    assert (tmp_path / "new.txt").stat().st_mode & 0o777 == 0o640


def test_what_cannot_be_replaced_is_written_over(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is a mount is busy, as containers have it; the system's answer is played."""

    def busy(*_: object) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    report = tmp_path / "report.csv"
    report.write_text("the one before")
    monkeypatch.setattr("os.replace", busy)
    assert scan("--format", "csv", "-o", report, logs).exit_code == 1
    assert report.read_text().startswith("path,line,")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["logs", "report.csv"]


# What it leaves alone ---------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_a_pipe_is_written_to(logs: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    assert scan("--format", "csv", "-o", pipe, logs).exit_code == 1
    reader.join(30)
    assert read[0].startswith(b"path,line,")
    assert pipe.is_fifo()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_standard_output_is_written_to(logs: Path, tmp_path: Path) -> None:
    words = ["scan", "--jobs", "1", "--format", "csv", "-o", "/dev/stdout", str(logs)]
    command = [sys.executable, "-m", "pipcert_logs", *words]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.stdout.startswith(b"path,line,")
    with (tmp_path / "out.csv").open("w+b") as file:
        assert subprocess.run(command, stdout=file, check=False).returncode == 1
        assert file.read().startswith(b"path,line,")


def test_a_second_report_takes_the_place_of_the_first(logs: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    for name in (SELF_SIGNED, EXPIRED):
        (logs / "a.log").write_bytes(recorded(name))
        assert scan("--format", "json", "-o", report, logs).exit_code == 1
    (finding,) = json.loads(report.read_text())["findings"]
    assert finding["cause"] == "expired-certificate"
