"""Every command of the README works. (`.ci/run` runs the two that set the project up.)"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.corpus_logs import LOGS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]
SET_UP = [command for command in COMMANDS if command.startswith("python3 -m venv")]
OTHERS = [command for command in COMMANDS if command not in SET_UP]
SCRIPTS = sysconfig.get_path("scripts")
FAILED = next(path for path in LOGS if path.stem.startswith("01-unknown-issuer-private__pip-24"))

posix = pytest.mark.skipif(sys.platform == "win32", reason="the README's shell is posix")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the commands name, and no way to any network."""
    for name in ("build.log", "other.log"):
        (tmp_path / name).write_bytes(FAILED.read_bytes())
    (tmp_path / "printed.txt").write_text("404 text/html https://pypi.example/simple/\n")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "812.log").write_bytes(FAILED.read_bytes())
    with zipfile.ZipFile(tmp_path / "logs" / "813.zip", "w") as bundle:
        bundle.write(FAILED, "job/step.log")
    (tmp_path / "corpus").symlink_to(ROOT / "corpus")
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.pathsep.join([SCRIPTS, os.environ["PATH"]]),
        "HOME": str(folder),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_RETRIES": "0",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }


def test_there_is_one_command_to_set_up_and_one_to_test() -> None:
    assert len(SET_UP) == 2
    assert "pipcert-explain" in SET_UP[0]
    assert "pytest" in SET_UP[1]


@posix
@pytest.mark.parametrize("command", OTHERS)
def test_command(command: str, folder: Path) -> None:
    if command == "pipcert-logs trends seen.db":
        command = f"pipcert-logs scan --store seen.db logs > first; {command}"
    result = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode in (0, 1), result.stderr
    page = folder / "report.html"
    assert result.stdout or "build.log 2>&1" in command or page.stat().st_size
    assert "Traceback" not in result.stderr


@posix
def test_the_pipe_explains_a_real_failure(folder: Path) -> None:
    command = next(command for command in OTHERS if command.endswith("| pipcert-explain"))
    result = subprocess.run(
        command.replace("thing", "--retries 1 thing"),
        shell=True,
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1
    assert "No matching distribution found for thing" in result.stdout
    assert "[proxy-unreachable]" in result.stdout


def test_python_example(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    (example,) = [block for kind, block in BLOCKS if kind == "python"]
    exec(compile(example, "README.md", "exec"), {})
    assert "%" in capsys.readouterr().out


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
