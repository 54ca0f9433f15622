"""What a wheel brings in compiled form: the same reports, and nothing left to compile."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from pipcert_logs.authoring.wheel import compiled_files
from pipcert_logs.packaged import FOLDER, PATTERNS
from tests.corpus_logs import LOGS

ROOT = Path(__file__).parent.parent
SAMPLE = LOGS[::60]
EXPLAIN = "import sys; from pipcert_logs.cli.explain import main; sys.exit(main())"
WITHOUT_COMPILING = f"""
import regex
def refused(pattern, *flags, **lists):
    raise AssertionError("compiles " + repr(pattern))
regex.compile = refused
{EXPLAIN}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package as a wheel lays it out."""
    site = tmp_path_factory.mktemp("site")
    package = site / "pipcert_logs"
    shutil.copytree(
        ROOT / "pipcert_logs", package, ignore=shutil.ignore_patterns("__pycache__", FOLDER)
    )
    shutil.copytree(ROOT / "rules", package / "rules")
    (package / FOLDER).mkdir()
    for name, content in compiled_files(package / "rules").items():
        (package / FOLDER / name).write_bytes(content)
    return site


def explain(site: Path, program: str, form: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, "--format", form, *map(str, SAMPLE)],
        env={**os.environ, "PYTHONPATH": str(site)},
        cwd=site,  # `-c` looks there first
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert not done.stderr
    return done.stdout


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_the_reports_are_the_same_and_nothing_is_compiled(site: Path, form: str) -> None:
    assert explain(site, WITHOUT_COMPILING, form) == explain(ROOT, EXPLAIN, form)


def test_patterns_of_another_version_of_regex_are_left_alone(site: Path, tmp_path: Path) -> None:
    shutil.copytree(site, tmp_path / "site")
    patterns = tmp_path / "site" / "pipcert_logs" / FOLDER / PATTERNS
    patterns.write_bytes(msgspec.msgpack.encode(("0", {"": b"no pattern"})))
    assert explain(tmp_path / "site", EXPLAIN, "jsonl") == explain(ROOT, EXPLAIN, "jsonl")
