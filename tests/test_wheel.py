"""What a wheel brings in compiled form: the same reports, and nothing left to compile."""

import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from pipcert_logs.packaged import FOLDER, PATTERNS, RULES
from tests.corpus_logs import LOGS
from tests.wheel_layout import PROGRAM, ROOT, environment, lay_out

SAMPLE = LOGS[::60]
WITHOUT_COMPILING = f"""
import regex
def refused(pattern, *flags, **lists):
    raise AssertionError("compiles " + repr(pattern))
regex.compile = refused
{PROGRAM}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("site"))


def explain(site: Path, program: str, form: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, "--format", form, *map(str, SAMPLE)],
        env=environment(site),
        cwd=site,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert not done.stderr
    return done.stdout


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_the_reports_are_the_same_and_nothing_is_compiled(site: Path, form: str) -> None:
    assert explain(site, WITHOUT_COMPILING, form) == explain(ROOT, PROGRAM, form)


def test_compiled_rules_stand_for_the_files(site: Path, tmp_path: Path) -> None:
    shutil.copytree(site, tmp_path / "site")
    shutil.rmtree(tmp_path / "site" / "pipcert_logs" / "rules")
    assert explain(tmp_path / "site", PROGRAM, "jsonl") == explain(ROOT, PROGRAM, "jsonl")


def test_compiled_rules_of_another_state_of_the_tree_are_left_alone(
    site: Path, tmp_path: Path
) -> None:
    shutil.copytree(site, tmp_path / "site")
    rules = tmp_path / "site" / "pipcert_logs" / FOLDER / RULES
    rules.write_bytes(msgspec.msgpack.encode(("before an edit", {})))
    assert explain(tmp_path / "site", PROGRAM, "jsonl") == explain(ROOT, PROGRAM, "jsonl")


def test_patterns_of_another_version_of_regex_are_left_alone(site: Path, tmp_path: Path) -> None:
    shutil.copytree(site, tmp_path / "site")
    patterns = tmp_path / "site" / "pipcert_logs" / FOLDER / PATTERNS
    _, known = msgspec.msgpack.decode(patterns.read_bytes())
    patterns.write_bytes(msgspec.msgpack.encode(("0", dict.fromkeys(known, b"no pattern"))))
    assert explain(tmp_path / "site", PROGRAM, "jsonl") == explain(ROOT, PROGRAM, "jsonl")
