"""The report of a scan as text, Markdown and SARIF: what it says, and that it is harmless."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

import pytest
from pyarrow import parquet
from pytest_regressions.file_regression import FileRegressionFixture

from tests.archives import EXPIRED, SELF_SIGNED, clean, recorded, zipped

REFUSED = "18-refused__pip-25.3-py3.11.log"
MISMATCH = "07-hostname-mismatch__pip-25.3-py3.11.log"
EVIL = b"`<script>alert(1)</script>` [x](http://evil.example) |\x1b[31m ${IFS} {{7*7}}"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four weeks of builds of two jobs; one trouble is steady, the other is new."""
    folder = tmp_path_factory.mktemp("archive")
    for day in range(28):
        for job, name in (("api", SELF_SIGNED), ("web", EXPIRED)):
            failed = job == "api" or day >= 24
            log = recorded(name) if failed else clean(2000, day)
            file = folder / "shop" / job / f"{day}.log"
            file.parent.mkdir(parents=True, exist_ok=True)
            stamp = f"2026-03-{day + 1:02}T05:06:07.1234567Z ".encode()
            file.write_bytes(b"".join(stamp + line for line in log.splitlines(True)))
    (folder / "broken.zip").write_bytes(zipped(a=b"x" * 99)[:60])
    return folder


def report(form: str, *words: str | Path, cwd: Path) -> str:
    call = [sys.executable, "-m", "pipcert_logs", "scan", "--jobs", "1", "--format", form]
    done = subprocess.run(
        [*call, *map(str, words)],
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "100", "PYTHONUTF8": "1"},
    )
    assert done.returncode in (1, 2), done.stderr
    return done.stdout.decode()


@pytest.mark.parametrize(("form", "ending"), [("text", ".txt"), ("markdown", ".md")])
def test_what_people_read(
    archive: Path, form: str, ending: str, file_regression: FileRegressionFixture
) -> None:
    lines = (line.rstrip() for line in report(form, ".", cwd=archive).splitlines())
    file_regression.check("\n".join(lines) + "\n", extension=ending)


def test_sarif_says_what_the_findings_are(archive: Path) -> None:
    document = json.loads(report("sarif", ".", cwd=archive))
    findings = json.loads(report("json", ".", cwd=archive))["findings"]
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert len(run["results"]) == len(findings) == 2
    for result, finding in zip(run["results"], findings, strict=True):
        assert rules[result["ruleId"]]["fullDescription"]["text"]
        assert result["ruleId"] == finding["cause"]
        assert result["partialFingerprints"] == {"pipcertFinding/v1": finding["fingerprint"]}
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == finding["example"]["path"]
        assert place["region"]["startLine"] == finding["example"]["line"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_sarif_is_sarif_whatever_the_logs_hold(tmp_path: Path) -> None:
    """Of the specification: 3.10 for addresses, 3.11.5 for braces, 3.11.6 for brackets."""
    log = recorded(SELF_SIGNED).replace(b"/simple/demo-package/", b"/simple/" + EVIL)
    names = ["x:y {0} [a](b) %41 <b>|`.log", "\x1b[31m\n.log", "é.log"]
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(log.replace(b"pypi.org", b"index%d.org" % number))
    document = json.loads(report("sarif", ".", cwd=tmp_path))
    results = document["runs"][0]["results"]
    assert len(results) == len(names)
    addresses = set()
    for result in results:
        text = re.sub(r"\{\{|\}\}|\\[\\\[\]]", "", result["message"]["text"])
        assert not re.search(r"[][{}\\\x00-\x1f]", text)
        addresses.add(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
    assert {unquote(address) for address in addresses} == set(names)
    assert all(re.fullmatch(r"[\w./!@()+,=~%-]+", address, re.ASCII) for address in addresses)


def test_sarif_names_files_elsewhere_by_their_scheme(tmp_path: Path) -> None:
    (tmp_path / "a b.log").write_bytes(recorded(SELF_SIGNED))
    document = json.loads(report("sarif", tmp_path, cwd=tmp_path))
    (result,) = document["runs"][0]["results"]
    address = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert address == (tmp_path / "a b.log").as_uri()


def test_sarif_has_a_rule_for_what_no_cause_explains(tmp_path: Path) -> None:
    """The rules have a cause for whatever they recognise; another pack of rules need not."""
    (tmp_path / "a.log").write_bytes(recorded(SELF_SIGNED))
    store = tmp_path / "seen.db"
    report("json", "a.log", "--store", store, cwd=tmp_path)
    with closing(sqlite3.connect(store)) as database, database:
        database.execute("UPDATE findings SET cause = NULL")
    call = [sys.executable, "-m", "pipcert_logs", "trends", "--format", "sarif", str(store)]
    (run,) = json.loads(subprocess.run(call, capture_output=True, check=True).stdout)["runs"]
    (result,) = run["results"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert result["ruleId"] == rule["id"] == "unexplained"
    assert rule["shortDescription"]["text"]


def test_parquet_has_the_rows_of_jsonl(archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "failures.parquet"
    report("parquet", ".", "--output", file, cwd=archive)
    rows = parquet.read_table(file).to_pylist()
    expected = [json.loads(line) for line in report("jsonl", ".", cwd=archive).splitlines()]
    assert len(rows) == len(expected) == 32
    for row, other in zip(rows, expected, strict=True):
        assert (row["path"], row["line"], row["cause"]) == (
            other["path"],
            other["line"],
            other["cause"],
        )
        assert row["time"].strftime("%Y-%m-%dT%H:%M:%SZ") == other["time"]
        assert [[c["id"], c["probability"]] for c in row["causes"]] == other["causes"]


def test_parquet_goes_to_a_file(tmp_path: Path) -> None:
    call = [sys.executable, "-m", "pipcert_logs", "scan", "--format", "parquet", str(tmp_path)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--output" in done.stderr


def test_trends_tell_new_from_steady(archive: Path) -> None:
    found = json.loads(report("json", ".", cwd=archive))
    trends = {finding["cause"]: finding["span"]["trend"] for finding in found["findings"]}
    assert sorted(trends.values()) == ["new", "steady"]
    assert trends["expired-certificate"] == "new"


@pytest.fixture(scope="module")
def fortnight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two weeks in which one trouble grows, one ends, one lessens and one begins."""
    folder = tmp_path_factory.mktemp("fortnight")
    store = tmp_path_factory.mktemp("store") / "seen.db"
    for day in range(1, 15):
        now = day > 7
        counts = {SELF_SIGNED: 3 if now else 1, REFUSED: 0 if now else 2, EXPIRED: int(day > 12)}
        counts[MISMATCH] = 1 if now else 4
        for name, count in counts.items():
            for number in range(count):
                stamp = f"2026-03-{day:02}T0{number}:06:07Z ".encode()
                log = b"".join(stamp + line for line in recorded(name).splitlines(True))
                (folder / f"{day}-{number}-{name}").write_bytes(log)
    report("json", ".", "--store", store, cwd=folder)
    return store


@pytest.mark.parametrize(("form", "ending"), [("text", ".txt"), ("markdown", ".md")])
def test_trends_say_first_what_changes(
    fortnight: Path, form: str, ending: str, file_regression: FileRegressionFixture
) -> None:
    call = [sys.executable, "-m", "pipcert_logs", "trends", "--format", form, str(fortnight)]
    environment = {**os.environ, "COLUMNS": "100", "PYTHONUTF8": "1"}
    shown = subprocess.run(call, capture_output=True, check=True, env=environment).stdout.decode()
    first = re.split(r"\n(?:### )?Jobs *\n", shown)[0]
    lines = (line.rstrip() for line in first.splitlines())
    file_regression.check("\n".join(lines) + "\n", extension=ending)


@pytest.mark.parametrize("days", [8, 10, 13])
def test_trend_of_a_steady_trouble_in_a_young_archive(tmp_path: Path, days: int) -> None:
    for day in range(1, days + 1):
        stamp = f"2026-03-{day:02}T05:06:07Z ".encode()
        log = b"".join(stamp + line for line in recorded(SELF_SIGNED).splitlines(True))
        (tmp_path / f"{day}.log").write_bytes(log)
    finding = json.loads(report("json", ".", cwd=tmp_path))["findings"][0]
    assert finding["span"]["trend"] == "steady"


def test_nothing_changes_where_there_is_nothing_to_compare(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(recorded(SELF_SIGNED))
    assert "What changes" not in report("text", ".", cwd=tmp_path)
    assert "What changes" not in report("markdown", ".", cwd=tmp_path)


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_a_log_whose_retry_helped_is_told_in_all_forms(tmp_path: Path, form: str) -> None:
    (tmp_path / "a.log").write_bytes(recorded("23-reset-once__pip-24.2-py3.11.log"))
    call = [sys.executable, "-m", "pipcert_logs", "scan", "--format", form, str(tmp_path)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "a.log" in done.stdout


@pytest.mark.parametrize("form", ["text", "markdown", "sarif"])
def test_log_text_is_text(tmp_path: Path, form: str) -> None:
    log = recorded(SELF_SIGNED).replace(b"/simple/demo-package/", b"/simple/" + EVIL)
    (tmp_path / "a`b|c.log").write_bytes(log)
    shown = report(form, ".", cwd=tmp_path)
    assert "\x1b" not in shown
    if form == "markdown":
        outside = _outside_code(shown)
        assert "<script>" not in outside
        assert "](http" not in outside


def _outside_code(markdown: str) -> str:
    """Return what is left when code spans are taken out, each ended by as many backticks."""
    return re.sub(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", "", markdown)


def test_a_long_table_says_what_it_leaves_out(tmp_path: Path) -> None:
    for number in range(60):
        log = tmp_path / f"job-{number}" / "1.log"
        log.parent.mkdir()
        log.write_bytes(recorded(EXPIRED))
    text = report("text", "--layout", "{job}/{build}.log", ".", cwd=tmp_path)
    assert sum(line.startswith("job-") for line in text.splitlines()) == 50
    assert "and 10 more" in text
