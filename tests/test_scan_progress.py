"""`pipcert-logs scan` tells how it gets on: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipcert_logs.cli.commands import app
from tests.archives import SELF_SIGNED, clean, recorded

FILES = 200


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    for number in range(FILES):
        log = recorded(SELF_SIGNED) if number % 50 == 0 else clean(5_000, number)
        (folder / f"{number}.log").write_bytes(log)
    (folder / "broken.zip").write_bytes(b"PK\x03\x04" + b"x" * 50)
    return folder


@pytest.mark.skipif(os.name == "nt", reason="has no pseudo-terminal")
def test_a_terminal_shows_a_bar(logs: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    call = [sys.executable, "-m", "pipcert_logs", "scan", str(logs)]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "140"}
    with subprocess.Popen(
        call, stdout=subprocess.DEVNULL, stderr=theirs, env=environment
    ) as scanning:
        os.close(theirs)
        shown = _all_of(ours)
    os.close(ours)
    assert scanning.returncode == 2
    assert re.search(
        rf"{FILES + 1} files of {FILES + 1}, [\d.]+ MB, [\d.]+ [kM]B/s, 4 failures found", shown
    )
    assert re.search(r"\d+:\d\d:\d\d", shown)  # the time that is left
    assert "broken.zip: is a zip archive that is cut short or broken" in re.sub(r"\s+", " ", shown)


def _all_of(terminal: int) -> str:
    """Return what a terminal is sent; that its other end is closed, Linux calls an error."""
    read = b""
    with suppress(OSError):
        while piece := os.read(terminal, 1 << 16):
            read += piece
    return read.decode()


def test_a_pipe_gets_a_line_now_and_then(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipcert_logs.cli.scan_progress._EVERY", 0.0)
    told = CliRunner().invoke(app, ["scan", "--jobs", "1", str(logs)]).stderr.splitlines()
    scanned = [line for line in told if line.startswith("pipcert-logs: scanned ")]
    assert len(scanned) > 1
    assert f"{FILES + 1} files of {FILES + 1}" in scanned[-1]
    assert scanned[-1].endswith("4 failures found")


def test_a_short_scan_says_nothing_on_the_way(logs: Path) -> None:
    (logs / "broken.zip").unlink()
    assert CliRunner().invoke(app, ["scan", "--jobs", "1", str(logs)]).stderr == ""
