"""Asking a Python what it is: nothing of the folder that the command runs in may answer for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pipcert_logs.probe.client import ask

PRESENT = "present"


@pytest.mark.parametrize("module", ["json", "ssl", "os", "ast", "pip", "runpy", "optparse"])
def test_the_current_folder_is_not_imported_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    ran = tmp_path / "ran"
    text = f"open({str(ran)!r}, 'w').close()\nraise ImportError('not the real one')\n"
    (tmp_path / f"{module}.py").write_text(text)
    expected = ask(sys.executable)
    monkeypatch.chdir(tmp_path)
    assert ask(sys.executable) == expected
    assert expected.tls.state == PRESENT
    assert not ran.exists()


def test_settings_named_from_the_current_folder_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pip.conf").write_text("[global]\ntimeout = 7\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIP_CONFIG_FILE", "pip.conf")
    assert ask(sys.executable).config["global.timeout"] == "7"


def test_a_python_named_from_the_current_folder_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    assert ask(os.curdir + "/python").tls.state == PRESENT
