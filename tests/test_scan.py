"""`pipcert-logs scan`: what is found, wherever it is packed, and what cannot be read."""

from __future__ import annotations

import errno
import gzip
import json
import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from pipcert_logs import explain
from pipcert_logs.cli.commands import app
from tests.archives import EXPIRED, SELF_SIGNED, WAYS, clean, recorded, tarred, zipped

COMMAND = [sys.executable, "-m", "pipcert_logs", "scan"]


def scan(*words: str | Path, code: int | None = None, **more: Any) -> Any:
    """Scan, and return the report that `--format json` writes."""
    done = run("--format", "json", *words, **more)
    if code is not None:
        assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


class Done(NamedTuple):
    """How a call ended."""

    returncode: int
    stdout: str
    stderr: str


def run(*words: str | Path, input: str | None = None) -> Done:
    """Call the command in this process, which has the rules loaded."""
    call = ["scan", "--jobs", "1", *map(str, words)]
    done = CliRunner().invoke(app, call, input=input)
    return Done(done.exit_code, done.stdout, done.stderr)


def adds_up(totals: Any) -> bool:
    parts = [totals["scanned"], totals["failed"], *totals["skipped"].values()]
    return all(
        totals["seen"][unit] == sum(part[unit] for part in parts) for unit in ("files", "bytes")
    )


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders with one log packed in every way."""
    folder = tmp_path_factory.mktemp("logs")
    for way, pack in WAYS.items():
        (folder / way).write_bytes(pack(recorded(SELF_SIGNED)))
    return folder


@pytest.fixture(scope="session")
def report(tree: Path) -> Any:
    return scan(tree, code=1)


# What is found ----------------------------------------------------------------------------------


def test_one_trouble_is_one_finding_however_it_is_packed(report: Any) -> None:
    (finding,) = report["findings"]
    expected = explain(recorded(SELF_SIGNED))
    assert finding["cause"] == expected.causes[0].id
    assert finding["host"] == expected.failures[0].endpoint.host
    assert finding["span"]["failures"] == len(WAYS)
    assert finding["span"]["logs"] == len(WAYS)


def test_totals_add_up(report: Any) -> None:
    totals = report["totals"]
    assert adds_up(totals)
    assert totals["scanned"]["files"] == len(WAYS)
    assert totals["skipped"] == {}
    assert totals["failed"] == {"files": 0, "bytes": 0}


@pytest.mark.parametrize("way", WAYS)
def test_a_failure_is_that_of_the_log_alone(tree: Path, way: str) -> None:
    done = run("--format", "jsonl", tree / way)
    (row,) = map(json.loads, done.stdout.splitlines())
    expected = explain(recorded(SELF_SIGNED)).failures[0]
    assert (row["line"], row["text"]) == (expected.line, expected.text)
    assert row["causes"] == [[cause.id, cause.probability] for cause in expected.causes]
    assert row["packages"] == list(expected.packages)


def test_names_within_archives_are_shown(tree: Path) -> None:
    rows = run("--format", "jsonl", tree).stdout.splitlines()
    paths = {json.loads(row)["path"].removeprefix(f"{tree}{os.sep}") for row in rows}
    assert {"plain", "gzip", "zip!job/build.log", "tar.gz!job/build.log"} < paths
    assert {"zip-in-zip!inner.log!job/build.log", "gzip-in-tar.gz!inner.log"} < paths


def test_nothing_is_found_where_nothing_failed(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.log").write_bytes(clean(300_000, number))
    found = scan(tmp_path, code=0)
    assert found["findings"] == []
    assert found["totals"]["scanned"]["files"] == 5


@pytest.mark.parametrize("before", [0, 3_000, 70_000, 600_000, 5_000_000])
def test_a_line_has_its_number_wherever_it_stands(tmp_path: Path, before: int) -> None:
    log = clean(before) + recorded(SELF_SIGNED) + clean(900_000, 2) + recorded(EXPIRED)
    log += clean(before, 3)
    (tmp_path / "build.log").write_bytes(log)
    rows = map(json.loads, run("--format", "jsonl", tmp_path).stdout.splitlines())
    expected = [
        (failure.line, failure.endpoint.host, failure.causes[0].id)
        for failure in explain(log).failures
    ]
    assert len(expected) == 2
    assert [(row["line"], row["host"], row["cause"]) for row in rows] == expected


def test_a_large_log_is_searched_in_parts_with_the_same_report(tmp_path: Path) -> None:
    block = clean(1_000_000)
    log = b"".join([block * 40, recorded(SELF_SIGNED), block * 40, recorded(EXPIRED), block])
    (tmp_path / "large.log").write_bytes(log)
    alone = scan(tmp_path, code=1)
    together = json.loads(
        subprocess.run(
            [*COMMAND, "--jobs", "2", "--format", "json", str(tmp_path)],
            capture_output=True,
            check=False,
        ).stdout
    )
    assert alone == together
    lines = {finding["example"]["line"] for finding in alone["findings"]}
    assert lines == {failure.line for failure in explain(log).failures}
    assert alone["totals"]["scanned"] == {"files": 1, "bytes": len(log)}


def test_any_number_of_processes_gives_the_same_report(tree: Path, report: Any) -> None:
    call = [*COMMAND, "--jobs", "3", "--format", "json", str(tree)]
    done = subprocess.run(call, capture_output=True, check=False)
    assert json.loads(done.stdout) == report


# Whose log it is, and when ----------------------------------------------------------------------


def test_the_layout_says_whose_log_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "shop" / "api"
    folder.mkdir(parents=True)
    (folder / "812.log").write_bytes(recorded(SELF_SIGNED))
    (row,) = run("--format", "jsonl", tmp_path).stdout.splitlines()
    assert {"project": "shop", "job": "api", "build": "812"}.items() <= json.loads(row).items()
    (row,) = run(
        "--format", "jsonl", "--layout", "{job}/api/{build}.log", tmp_path
    ).stdout.splitlines()
    assert {"project": None, "job": "shop", "build": "812"}.items() <= json.loads(row).items()


def test_a_bundle_of_github_actions_names_job_and_run(tmp_path: Path) -> None:
    bundle = zipped(**{"test (3.11)__4_Install": recorded(SELF_SIGNED)})
    (tmp_path / "logs_9123.zip").write_bytes(bundle.replace(b".log", b".txt"))
    (row,) = run("--format", "jsonl", tmp_path).stdout.splitlines()
    assert {"job": "test (3.11)", "build": "9123"}.items() <= json.loads(row).items()


@pytest.mark.parametrize("layout", ["{nothing}/x", "no field", "{job}/{job}.log"])
def test_a_layout_that_says_nothing_is_refused(tmp_path: Path, layout: str) -> None:
    done = run("--layout", layout, tmp_path)
    assert done.returncode == 2
    assert "{build}" in done.stderr or "twice" in done.stderr


def test_the_time_of_a_failure_is_its_lines(tmp_path: Path) -> None:
    stamped = b"".join(
        b"2026-03-04T05:06:07.1234567Z " + line for line in recorded(SELF_SIGNED).splitlines(True)
    )
    log = tmp_path / "a.log"
    log.write_bytes(stamped)
    os.utime(log, (1_600_000_000, 1_600_000_000))
    (row,) = run("--format", "jsonl", log).stdout.splitlines()
    assert (json.loads(row)["time"], json.loads(row)["timed_by"]) == (
        "2026-03-04T05:06:07Z",
        "line",
    )
    log.write_bytes(recorded(SELF_SIGNED))
    os.utime(log, (1_600_000_000, 1_600_000_000))
    (row,) = run("--format", "jsonl", log).stdout.splitlines()
    assert (json.loads(row)["time"], json.loads(row)["timed_by"]) == (
        "2020-09-13T12:26:40Z",
        "file",
    )


@pytest.mark.parametrize(
    ("prefix", "time"),
    [
        ("2026-03-01T05:06:07.123456Z 00O ", "2026-03-01T05:06:07Z"),  # GitLab
        ("[2026-03-01T05:06:07.123+0100] ", "2026-03-01T04:06:07Z"),  # Jenkins
        ("\x1b_bk;t=1772341567123\x07", "2026-03-01T05:06:07Z"),  # Buildkite
        ("\x1b_bk;t=1772341567123\x07\x1b[33m", "2026-03-01T05:06:07Z"),
        ("_bk;t=1772341567123", "2026-03-01T05:06:07Z"),  # the same without its controls
        ("[Container] 2026/03/01 05:06:07.123456 ", "2026-03-01T05:06:07Z"),  # AWS CodeBuild
        ("2026/03/01 05:06:07 ", "2026-03-01T05:06:07Z"),  # Go
        ("2026-03-01 05:06:07,123 INFO ", "2026-03-01T05:06:07Z"),  # Python
        ("[2026-03-01 05:06:07] : [Step 1/1] ", "2026-03-01T05:06:07Z"),  # TeamCity
    ],
)
def test_the_stamps_of_ci_systems_are_read(tmp_path: Path, prefix: str, time: str) -> None:
    lines = recorded(SELF_SIGNED).splitlines(True)
    (tmp_path / "a.log").write_bytes(b"".join(prefix.encode() + line for line in lines))
    (row,) = run("--format", "jsonl", tmp_path).stdout.splitlines()
    assert (json.loads(row)["time"], json.loads(row)["timed_by"]) == (time, "line")


def test_a_member_has_the_time_that_its_archive_says(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(tarred(build=recorded(SELF_SIGNED)))
    (row,) = run("--format", "jsonl", tmp_path).stdout.splitlines()
    assert json.loads(row)["time"] == "2023-11-14T22:13:20Z"


# What is named ----------------------------------------------------------------------------------


def test_lists_wildcards_and_files_are_ways_to_name_logs(tree: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list"
    listed.write_text(f"{tree / 'plain'}\n{tree / 'zip'}\n")
    assert scan("--files-from", listed)["totals"]["seen"]["files"] == 2
    given = f"{tree / 'plain'}\0{tree / 'zip'}\0"
    assert scan("--files-from", "-", input=given)["totals"]["seen"]["files"] == 2
    assert scan(f"{tree}/gzip*")["totals"]["seen"]["files"] == 3


@pytest.mark.parametrize("here", [".", "./", ".//./", "shop", "./shop", "./**/*.log"])
def test_a_log_here_has_one_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: str
) -> None:
    log = tmp_path / "shop" / "api" / "1.log"
    log.parent.mkdir(parents=True)
    log.write_bytes(recorded(SELF_SIGNED))
    monkeypatch.chdir(tmp_path)
    (row,) = run("--format", "jsonl", here).stdout.splitlines()
    assert (
        json.loads(row).items()
        >= {
            "path": str(Path("shop", "api", "1.log")),
            "project": "shop",
            "job": "api",
            "build": "1",
        }.items()
    )


def test_a_store_knows_a_log_however_its_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("logs").mkdir()
    log = Path("logs", "1.log")
    log.write_bytes(recorded(SELF_SIGNED))
    status = log.stat()
    first = scan("--store", "seen.db", "logs", code=1)
    log.write_bytes(b"x" * status.st_size)
    os.utime(log, ns=(status.st_atime_ns, status.st_mtime_ns))
    for folder in ("./logs", "logs/", "././logs"):
        assert scan("--store", "seen.db", folder, code=1) == first


def test_nothing_named_says_what_to_name() -> None:
    done = run()
    assert done.returncode == 2
    assert "--files-from" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="links take rights on Windows")
def test_links_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(recorded(SELF_SIGNED))
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "latest.log").symlink_to(tmp_path / "a.log")
    assert scan(tmp_path)["totals"]["scanned"]["files"] == 1
    assert scan(tmp_path / "latest.log")["totals"]["scanned"]["files"] == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_what_is_no_file_is_never_opened(tmp_path: Path) -> None:
    """To open a pipe waits for whoever writes into it."""
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.log").write_bytes(recorded(SELF_SIGNED))
    os.mkfifo(logs / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(logs / "socket"))
        found = scan("--store", tmp_path / "seen.db", logs, code=1)
        again = scan("--store", tmp_path / "seen.db", logs, code=1)
    assert found == again
    assert found["totals"]["skipped"] == {
        "pipe": {"files": 1, "bytes": 0},
        "socket": {"files": 1, "bytes": 0},
    }
    assert adds_up(found["totals"])
    named = scan(logs / "pipe", os.devnull, logs / "a.log", code=2)
    assert {trouble["text"] for trouble in named["troubles"]} == {
        "is a pipe, neither a file nor a folder",
        "is a device, neither a file nor a folder",
    }
    assert len(named["findings"]) == 1


# What cannot be read ----------------------------------------------------------------------------


def test_what_is_no_log_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5000))
    (tmp_path / "demo-1.0-py3-none-any.whl").write_bytes(
        zipped(**{"demo-1.0.dist-info__WHEEL": b"x"}).replace(b"WHEEL.log", b"WHEEL\0\0\0\0")
    )
    (tmp_path / "data.bin").write_bytes(bytes(range(256)) * 100)
    (tmp_path / "empty.log").touch()
    (tmp_path / "a.log").write_bytes(recorded(SELF_SIGNED))
    found = scan(tmp_path, code=1)
    assert {why: count["files"] for why, count in found["totals"]["skipped"].items()} == {
        "binary": 1,
        "empty": 1,
        "image": 1,
        "software": 1,
    }
    assert found["totals"]["scanned"]["files"] == 1
    assert adds_up(found["totals"])


def broken() -> dict[str, bytes]:
    log = recorded(SELF_SIGNED)
    noise = os.urandom(200_000).hex().encode()
    archive = zipped(a=log, b=noise)
    place = archive.index(b"PK\x03\x04", 10) + 2000
    return {
        "cut.gz": gzip.compress(log + noise)[:-30_000],
        "cut.tar": tarred(a=log, b=noise)[:-50_000],
        "cut.tar.gz": tarred("w:gz", a=log, b=noise)[:-40_000],
        "damaged.zip": archive[:place] + b"XXXX" + archive[place + 4 :],
    }


@pytest.mark.parametrize("name", broken())
def test_what_comes_before_the_damage_counts(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(broken()[name])
    (tmp_path / "whole.log").write_bytes(recorded(EXPIRED))
    found = scan(tmp_path, code=2)
    assert len(found["findings"]) == 2
    assert found["totals"]["failed"]["files"] >= 1
    assert adds_up(found["totals"])
    assert all(name in trouble["path"] for trouble in found["troubles"])
    assert found["troubles"]


def test_no_archive_at_all_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(a=b"x" * 1000)[:100])
    found = scan(tmp_path, code=2)
    (trouble,) = found["troubles"]
    assert "zip" in trouble["text"]


def test_what_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the system's answer is played."""
    secret = tmp_path / "secret.log"
    secret.write_bytes(b"secret")
    (tmp_path / "whole.log").write_bytes(recorded(EXPIRED))
    really_open = open

    def refusing(path: Any, *words: Any, **more: Any) -> Any:
        if str(path) == str(secret):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return really_open(path, *words, **more)

    monkeypatch.setattr("builtins.open", refusing)
    found = scan(tmp_path, code=2)
    assert found["totals"]["failed"] == {"files": 1, "bytes": 6}
    assert found["troubles"] == [{"path": str(secret), "text": "cannot be read: permission denied"}]
    assert len(found["findings"]) == 1


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    found = scan(tmp_path / "nowhere", code=2)
    assert found["troubles"] == [{"path": str(tmp_path / "nowhere"), "text": "does not exist"}]
    assert adds_up(found["totals"])
    assert run(tmp_path / "nowhere").stdout.startswith("No log was scanned.\n")


def test_a_bomb_is_stopped(tmp_path: Path) -> None:
    bomb = b"a line of a log\n" * 700_000
    for _ in range(2):
        bomb = zipped(**{f"a{number}": bomb for number in range(40)})
    (tmp_path / "bomb.zip").write_bytes(bomb)
    (tmp_path / "whole.log").write_bytes(recorded(EXPIRED))
    found = scan(tmp_path, code=2)
    assert len(found["findings"]) == 1
    assert "unpacks to far more" in found["troubles"][-1]["text"]


def test_archives_within_each_other_end_somewhere(tmp_path: Path) -> None:
    packed = recorded(SELF_SIGNED)
    for _ in range(9):
        packed = gzip.compress(packed)
    (tmp_path / "deep.gz").write_bytes(packed)
    found = scan(tmp_path, code=2)
    assert "times over" in found["troubles"][0]["text"]


def test_names_of_members_are_only_names(tmp_path: Path) -> None:
    members = {"..__..__evil": recorded(SELF_SIGNED), "__etc__evil": recorded(SELF_SIGNED)}
    (tmp_path / "a.zip").write_bytes(zipped(**members))
    (tmp_path / "a.tar").write_bytes(tarred(**members))
    done = run("--format", "jsonl", tmp_path)
    names = {json.loads(line)["path"].split("!")[1] for line in done.stdout.splitlines()}
    assert names == {"../../evil.log", "/etc/evil.log"}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are text")
def test_names_need_not_be_text(tmp_path: Path) -> None:
    folder = tmp_path / "b\udcff"
    folder.mkdir()
    (folder / "1.log").write_bytes(recorded(SELF_SIGNED))
    (tmp_path / "a.tar").write_bytes(tarred(**{"c\udcfe": recorded(SELF_SIGNED)}))
    store = tmp_path / "seen.db"
    found = scan("--store", store, tmp_path / "a.tar", folder, f"{folder}/2.log", code=2)
    assert found["troubles"][0]["path"] == f"{tmp_path}/b%FF/2.log"
    rows = run("--format", "jsonl", "--store", store, folder, tmp_path / "a.tar").stdout
    names = [json.loads(row)["path"] for row in rows.splitlines()]
    assert names == [f"{tmp_path}/a.tar!c%FE.log", f"{tmp_path}/b%FF/1.log"]
    for form in ("text", "markdown", "csv", "sarif"):
        assert "b%" in run("--format", form, folder).stdout


def test_a_log_is_shown_as_text_whatever_it_holds(tmp_path: Path) -> None:
    log = recorded(SELF_SIGNED).replace(b"WARNING", b"\x1b]0;evil\x07WARNING")
    (tmp_path / "\x1b[31mred.log").write_bytes(log)
    for form in ("text", "json", "jsonl", "csv"):
        done = run("--format", form, tmp_path)
        assert done.returncode == 1
        assert "\x1b" not in done.stdout
        assert "\x07" not in done.stdout


def test_csv_is_no_formula(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "=cmd.log").write_bytes(recorded(SELF_SIGNED))
    monkeypatch.chdir(tmp_path)
    done = run("--format", "csv", "=cmd.log")
    assert done.stdout.splitlines()[1].startswith("'=cmd.log,")


def test_a_scan_does_not_read_what_it_writes(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(recorded(SELF_SIGNED))
    for form in ("json", "jsonl", "html", "text"):
        report, store = tmp_path / f"report.{form}", tmp_path / "seen.db"
        for _ in range(2):
            words = ["--format", form, "--output", report, "--store", store]
            assert run(*words, tmp_path).returncode == 1
        report.unlink()
    assert scan("--store", store, tmp_path, code=1)["totals"]["seen"]["files"] == 1


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ("{project", "is no field"),
        ("{project...}/{job}", "is no field"),
        ("{nothing}", "is no field"),
    ],
)
def test_a_wrong_layout_is_refused(tmp_path: Path, layout: str, words: str) -> None:
    done = run("--layout", layout, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_a_layout_that_fits_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(recorded(SELF_SIGNED))
    done = run("--layout", "{project}/x/y/z/{job}/{build}.log", tmp_path)
    assert "fits none of the 1 failing logs" in done.stderr


def test_a_layout_need_not_name_what_packs_a_log(tmp_path: Path) -> None:
    place = tmp_path / "2026_03_01" / "api" / "7.log.gz"
    place.parent.mkdir(parents=True)
    place.write_bytes(gzip.compress(recorded(SELF_SIGNED)))
    done = run("--format", "jsonl", "--layout", "{date}/{job}/{build}.log", tmp_path)
    (row,) = map(json.loads, done.stdout.splitlines())
    assert (row["job"], row["build"]) == ("api", "7")
    assert (row["time"], row["timed_by"]) == ("2026-03-01T00:00:00Z", "date")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-"], "pipcert-explain"),
        (["nowhere/*.log"], "fits no file"),
        (["--store", "."], "is a folder"),
        (["--store", "nowhere/x.db"], "folder that does not exist"),
    ],
)
def test_what_is_named_wrongly_is_told(tmp_path: Path, words: list[str], told: str) -> None:
    done = subprocess.run(
        [*COMMAND, *words, "."], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 2
    assert told in done.stderr


# The store --------------------------------------------------------------------------------------


def test_a_second_run_reads_what_is_new_or_changed(tree: Path, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.log").write_bytes(recorded(SELF_SIGNED))
    (logs / "b.log").write_bytes(clean(1000))
    store = tmp_path / "seen.db"
    first = scan("--store", store, logs, code=1)
    assert scan("--store", store, logs, code=1) == first
    (logs / "c.log").write_bytes(recorded(EXPIRED))
    (logs / "b.log").write_bytes(recorded(EXPIRED))
    second = scan("--store", store, logs, code=1)
    assert second["totals"]["failures"] == 3
    assert len(second["findings"]) == 2


def test_what_is_known_is_not_read_again(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(recorded(SELF_SIGNED))
    status = log.stat()
    store = tmp_path / "seen.db"
    first = scan("--store", store, log, code=1)
    log.write_bytes(b"x" * status.st_size)
    os.utime(log, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert scan("--store", store, log, code=1) == first


def test_trends_tell_all_that_a_store_holds(tmp_path: Path) -> None:
    store = tmp_path / "seen.db"
    for name in (SELF_SIGNED, EXPIRED):
        (tmp_path / name).write_bytes(recorded(name))
        scan("--store", store, tmp_path / name, code=1)
    call = [sys.executable, "-m", "pipcert_logs", "trends", str(store), "--format", "json"]
    done = subprocess.run(call, capture_output=True, check=False)
    assert done.returncode == 0
    assert len(json.loads(done.stdout)["findings"]) == 2


def test_another_database_is_no_store(tmp_path: Path) -> None:

    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as database:
        database.execute("CREATE TABLE mine (x)")
    done = run("--store", other, tmp_path)
    assert done.returncode == 2
    assert "other.db is a database of another program" in done.stderr
    (tmp_path / "text.db").write_text("no database at all, just text\n" * 100)
    done = run("--store", tmp_path / "text.db", tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_trends_of_no_store(tmp_path: Path) -> None:
    call = [sys.executable, "-m", "pipcert_logs", "trends", str(tmp_path / "none.db")]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "none.db does not exist; `pipcert-logs scan --store FILE` makes one" in done.stderr
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("place", ["nowhere/report.json", "."])
def test_a_report_that_has_no_place_is_told_before_the_scan(
    tree: Path, tmp_path: Path, place: str
) -> None:
    done = run("--output", tmp_path / place, "--store", tmp_path / "seen.db", tree)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be written: name a file in a folder that exists" in done.stderr
    assert not (tmp_path / "seen.db").exists()
