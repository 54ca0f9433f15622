"""The commands as their users meet them: as processes with pipes, files, signals and exit codes."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from pipcert_logs import Rules, __version__
from pipcert_logs.authoring.scaffold import scaffold
from pipcert_logs.cli import app
from pipcert_logs.cli.request import Request, quick

ROOT = Path(__file__).parent.parent
HOST = "pypi.corp.example"
REASON = (
    "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
    "failed: unable to get local issuer certificate (_ssl.c:1006)'))"
)
FAILED = f"""\
Looking in indexes: https://{HOST}/simple/
WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after \
connection broken by '{REASON}': /simple/demo/
Could not fetch URL https://{HOST}/simple/demo/: There was a problem confirming the ssl \
certificate: HTTPSConnectionPool(host='{HOST}', port=443): Max retries exceeded with url: \
/simple/demo/ (Caused by {REASON}) - skipping
ERROR: Could not find a version that satisfies the requirement demo (from versions: none)
ERROR: No matching distribution found for demo
""".encode()
CLEAN = b"""\
Collecting demo
  Downloading demo-1.0-py3-none-any.whl (1.2 kB)
Installing collected packages: demo
Successfully installed demo-1.0
"""
EXPLAIN = (sys.executable, "-m", "pipcert_logs.cli.explain")
LOGS = (sys.executable, "-m", "pipcert_logs")
PATIENCE = 30
posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX terminals and signals")

Result = subprocess.CompletedProcess[bytes]


def environment(**changes: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    return {**kept, "PYTHONPATH": str(ROOT), **changes}


def run(
    *words: str | Path,
    data: bytes = b"",
    program: tuple[str, ...] = EXPLAIN,
    cwd: Path | None = None,
    **env: str,
) -> Result:
    return subprocess.run(
        [*program, *map(str, words)],
        input=data,
        capture_output=True,
        env=environment(**env),
        cwd=cwd,
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture
def failed(tmp_path: Path) -> Path:
    path = tmp_path / "build.log"
    path.write_bytes(FAILED)
    return path


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    path = tmp_path / "fine.log"
    path.write_bytes(CLEAN)
    return path


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """The command, which heeds Ctrl-C even where the tests run in the background."""
    heeded = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        EXPLAIN,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        env=environment(),
    ) as running:
        signal.signal(signal.SIGINT, heeded)
        yield running
        running.kill()


def read_until(stream: Any, text: bytes) -> bytes:
    """Read what a process has written so far, until `text` is in it."""
    found = b""
    deadline = time.monotonic() + PATIENCE
    while text not in found and time.monotonic() < deadline:
        if select.select([stream], [], [], 0.1)[0]:
            found += os.read(stream.fileno(), 65536)
    assert text in found
    return found


# Passing on, and the report ------------------------------------------------------------------


def test_input_is_passed_on_before_the_report() -> None:
    result = run(data=FAILED)
    assert result.stdout.startswith(FAILED)
    assert HOST.encode() in result.stdout[len(FAILED) :]
    assert result.returncode == 1


def test_input_is_passed_on_byte_for_byte() -> None:
    data = b"\xff\xfe broken \x1b[31mred\x1b[0m\r 50%\r100%\r\nno end of line"
    result = run(data=data)
    assert result.stdout.startswith(data + b"\n\n")
    assert b"\x1b" not in result.stdout[len(data) :]


@posix
def test_input_is_passed_on_without_delay(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin
    process.stdin.write(b"Collecting demo")  # not even a whole line
    read_until(process.stdout, b"Collecting demo")
    assert process.poll() is None


def test_quiet_leaves_the_echo_out() -> None:
    for option in ("-q", "--quiet"):
        result = run(option, data=FAILED)
        assert not result.stdout.startswith(b"Looking in indexes")
        assert HOST.encode() in result.stdout


def test_a_named_log_is_not_echoed(failed: Path) -> None:
    result = run(failed)
    assert b"No matching distribution found for demo" not in result.stdout.splitlines()
    assert b"".join(result.stdout.split()).startswith(str(failed).encode())


def test_dash_is_standard_input(failed: Path) -> None:
    result = run("--format", "json", failed, "-", data=CLEAN)
    assert [report["source"] for report in json.loads(result.stdout)] == [str(failed), "-"]
    assert result.stderr == CLEAN


@pytest.mark.parametrize("form", ["json", "jsonl", "markdown"])
def test_formats_for_programs_leave_stdout_to_the_report(form: str) -> None:
    result = run("--format", form, data=FAILED)
    assert result.stderr == FAILED
    assert b"WARNING: Retrying" not in result.stdout.split(b"```")[0].split(b'"')[0]
    assert result.stdout.endswith(b"\n")
    if form != "markdown":
        assert json.loads(result.stdout)["verdict"] == "failed"


def test_json_of_several_logs_is_an_array(failed: Path, clean: Path) -> None:
    result = run("--format=json", failed, clean)
    assert [report["verdict"] for report in json.loads(result.stdout)] == ["failed", "clean"]


def test_jsonl_is_a_report_a_line(failed: Path, clean: Path) -> None:
    result = run("--format=jsonl", failed, clean)
    verdicts = [json.loads(line)["verdict"] for line in result.stdout.splitlines()]
    assert verdicts == ["failed", "clean"]


def test_json_is_utf8_whatever_the_console_is() -> None:
    data = FAILED.replace(b"Looking in", "Für Müller: Looking in".encode())
    result = run("--format", "json", data=data, PYTHONIOENCODING="cp437")
    json.loads(result.stdout.decode("utf-8"))


def test_clean_is_one_line(clean: Path) -> None:
    result = run(clean)
    assert result.returncode == 0
    assert result.stdout.replace(b"\n", b" ").count(b".") >= 1
    assert b"What to do" not in result.stdout


@pytest.mark.parametrize("shell", ["posix", "powershell", "cmd"])
def test_the_shell_asked_for_comes_first(failed: Path, shell: str) -> None:
    report = json.loads(run("--format=json", "--shell", shell, failed).stdout)
    for remedy in report["remedies"]:
        typed = [
            s["shell"] for s in remedy["steps"] if s["shell"] in ("posix", "powershell", "cmd")
        ]
        assert shell not in typed or typed[0] == shell


# The screen ----------------------------------------------------------------------------------


def test_text_fits_in_80_columns(failed: Path) -> None:
    shown = run(failed.name, cwd=failed.parent).stdout.decode()
    prose = [line for line in shown.splitlines() if not line.startswith(" " * 6)]
    assert f"{failed.name}:2  WARNING: Retrying" in shown
    assert max(map(len, prose)) <= 80


def test_there_is_no_colour_in_a_pipe_and_with_no_color(failed: Path) -> None:
    assert b"\x1b" not in run(failed).stdout
    coloured = run(failed, FORCE_COLOR="1").stdout
    assert b"\x1b[1" in coloured
    assert b"\x1b[31" not in run(failed, FORCE_COLOR="1", NO_COLOR="1").stdout


def test_a_legacy_code_page_can_show_the_report() -> None:
    data = FAILED.replace(b"ERROR:", "╰─> ошибка 日本語:".encode())
    result = run("-q", data=data, PYTHONIOENCODING="cp437", PYTHONUTF8="0")
    assert result.returncode == 1
    assert result.stdout.decode("cp437")
    assert not result.stderr


# What goes wrong -----------------------------------------------------------------------------


@posix
def test_a_terminal_gets_a_hint() -> None:
    import pty

    leader, follower = pty.openpty()
    result = subprocess.run(
        EXPLAIN, stdin=follower, capture_output=True, timeout=PATIENCE, check=False
    )
    os.close(leader)
    os.close(follower)
    assert result.returncode == 2
    assert b"2>&1 | pipcert-explain" in result.stderr
    assert not result.stdout


@posix
def test_after_ctrl_c_what_was_read_is_explained(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin
    process.stdin.write(FAILED)
    read_until(process.stdout, b"No matching distribution")
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert HOST.encode() in rest
    assert not errors


@posix
def test_a_reader_that_goes_away_is_no_error(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout
    assert process.stdin
    process.stdout.close()
    with suppress(BrokenPipeError):
        process.stdin.write(FAILED * 100)
    process.stdin.close()
    assert process.wait(PATIENCE) == 0
    assert process.stderr
    assert process.stderr.read() == b""


@posix
@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_head_after_the_report_is_no_error(failed: Path, form: str) -> None:
    words = [*EXPLAIN, "--format", form, str(failed)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0


@posix
def test_the_report_comes_though_nobody_reads_the_echo() -> None:
    words = [*EXPLAIN, "--format", "json"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, **pipes) as running:  # type: ignore[call-overload]
        running.stderr.close()
        running.stdin.write(FAILED)
        running.stdin.close()
        assert json.loads(running.stdout.read())["verdict"] == "failed"


def test_what_cannot_be_read_is_told_and_the_rest_explained(failed: Path, tmp_path: Path) -> None:
    result = run("--format=jsonl", tmp_path / "missing.log", tmp_path, failed)
    assert result.returncode == 2
    assert json.loads(result.stdout)["source"] == str(failed)
    missing, directory = result.stderr.decode().splitlines()
    assert "missing.log does not exist" in missing
    assert "is a directory" in directory
    assert "*.log" in directory


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that cannot be read")
def test_a_read_error_is_told() -> None:
    result = run("/proc/self/mem")
    assert result.returncode == 2
    assert b"/proc/self/mem cannot be read" in result.stderr


@pytest.mark.parametrize("form", ["text", "json"])
def test_empty_input_has_nothing_to_explain(tmp_path: Path, form: str) -> None:
    empty = tmp_path / "empty.log"
    empty.touch()
    for result in (run("--format", form, empty), run("--format", form)):
        assert result.returncode == 0
        assert b"nothing to explain" in result.stdout.replace(b"\n", b" ")


@pytest.mark.parametrize(
    ("head", "advice"),
    [
        (b"\x1f\x8b\x08\x00", b"pipcert-logs scan"),
        (b"\x89PNG\r\n\x1a\n", b"image"),
        (b"PK\x03\x04", b"zip archive"),
        (b"MZ\x90\x00\x03\x00\x00\x00", b"binary"),
        (b"text and \x00\x00\x00\x00 zeros", b"binary"),
    ],
)
def test_a_binary_is_refused(tmp_path: Path, head: bytes, advice: bytes) -> None:
    path = tmp_path / "strange.log"
    path.write_bytes(head + bytes(range(256)) * 40)
    for result in (run(path), run("--quiet", data=path.read_bytes())):
        assert result.returncode == 2
        assert advice in result.stderr
        assert not result.stdout


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_windows_redirection_is_no_binary(encoding: str) -> None:
    result = run("-q", "--format=json", data=FAILED.decode().encode(encoding))
    assert json.loads(result.stdout)["verdict"] == "failed"


def test_wrong_rules_are_told_with_their_place(tmp_path: Path, failed: Path) -> None:
    (tmp_path / "signals").mkdir()
    (tmp_path / "signals" / "mine.toml").write_text("[[signal]]\nid = 'x'\n")
    result = run("--rules", tmp_path, failed)
    assert result.returncode == 2
    assert b"mine.toml:1" in result.stderr
    assert not result.stdout


def test_wrong_arguments_exit_with_2(failed: Path) -> None:
    for words in (["--format", "xml"], ["--fromat", "json"], ["--shell", "fish"], ["--rules"]):
        result = run(*words, failed) if words != ["--rules"] else run(*words)
        assert result.returncode == 2
        assert result.stderr


# Exit codes, version, help -------------------------------------------------------------------


def test_exit_codes(failed: Path, clean: Path, tmp_path: Path) -> None:
    assert run(clean).returncode == 0
    assert run(failed).returncode == 1
    assert run(clean, failed).returncode == 1
    assert run("--exit-zero", failed).returncode == 0
    assert run("--exit-zero", failed, tmp_path / "missing").returncode == 2


def test_version_does_not_import_the_engine() -> None:
    result = run("--version", program=(sys.executable, "-X", "importtime", *EXPLAIN[1:]))
    assert result.stdout.decode().strip() == f"pipcert-explain {__version__}"
    assert re.search(rb"\|\s+pipcert_logs\b", result.stderr)
    assert not re.search(rb"\|\s+(typer|rich|msgspec|regex|tomli)\b", result.stderr)


def test_explaining_needs_no_typer(failed: Path) -> None:
    result = run(failed, program=(sys.executable, "-X", "importtime", *EXPLAIN[1:]))
    assert re.search(rb"\|\s+rich\b", result.stderr)
    assert not re.search(rb"\|\s+typer\b", result.stderr)


def test_help_has_examples() -> None:
    for result in (run("--help"), run("explain", "--help", program=LOGS)):
        assert result.returncode == 0
        assert b"pip install demo 2>&1 | pipcert-explain" in result.stdout


def test_completion_is_offered() -> None:
    result = run(_PIPCERT_EXPLAIN_COMPLETE="source_bash")
    assert b"pipcert" in run("--show-completion", SHELL="/bin/bash").stdout + result.stdout


def test_pipcert_logs_explain_is_the_same(failed: Path) -> None:
    assert run("explain", failed, program=LOGS).stdout == run(failed).stdout
    assert run("explain", "--version", program=LOGS).stdout == run("--version").stdout


FLAGS = ["-q", "--quiet", "--exit-zero", "-qq", "--quiet=1", "-x", "--form", "--", "-", "", "a.log"]
VALUES = [
    "--format",
    "--format=json",
    "json",
    "--format=",
    "--shell",
    "cmd",
    "--rules",
    "--rules=a",
]
WORDS = st.sampled_from([*FLAGS, *VALUES])


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=5))
def test_what_is_read_without_typer_means_the_same_to_typer(words: list[str]) -> None:
    request = quick(words)
    if request is None:
        return
    understood: list[Request] = []

    def run_nothing(request: Request) -> int:
        understood.append(request)
        return 0

    with patch.object(app, "run", run_nothing):
        app.explain_app(words, standalone_mode=False)
    assert understood == [request]


# Memory --------------------------------------------------------------------------------------


@posix
def test_memory_does_not_grow_with_the_log() -> None:

    piece = CLEAN * 6000
    # What a process held before it became another counts as that one's, so a small one starts it.
    measure = (
        "import resource, subprocess, sys;"
        "code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL);"
        "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", measure, *EXPLAIN, "--format=json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as running:
        assert running.stdin
        assert running.stdout
        for _ in range(100_000_000 // len(piece)):
            running.stdin.write(piece)
        running.stdin.close()
        code, held = map(int, running.stdout.read().split())
    in_bytes = 1 if sys.platform == "darwin" else 1024
    assert held * in_bytes < 150_000_000
    assert code == 0


# The other commands --------------------------------------------------------------------------


def test_causes_lists_every_cause(rules: Rules) -> None:
    result = run("causes", program=LOGS)
    assert result.returncode == 0
    for cause in rules.causes.values():
        assert cause.id.encode() in result.stdout


def test_every_cause_has_its_sheet(rules: Rules) -> None:
    result = run("causes", "proxy-interception", program=LOGS)
    assert result.returncode == 0
    cause = rules.causes["proxy-interception"]
    for choice in cause.remedies:
        assert f"[{choice.id}]".encode() in result.stdout
    assert b"{{" not in result.stdout


def test_an_unknown_cause_gets_a_suggestion() -> None:
    result = run("causes", "proxy-intersection", program=LOGS)
    assert result.returncode == 2
    assert b"proxy-interception" in result.stderr


def test_rules_check_exits_with_1_on_problems(tmp_path: Path) -> None:
    (tmp_path / "off.toml").write_text('sinals = ["x"]\n')
    result = run("rules", "check", tmp_path, program=LOGS)
    assert result.returncode == 1
    assert b"off.toml" in result.stdout
    assert run("rules", "check", tmp_path / "missing", program=LOGS).returncode == 2


def test_rules_schema_is_json() -> None:
    every = json.loads(run("rules", "schema", program=LOGS).stdout)
    for kind, schema in every.items():
        assert json.loads(run("rules", "schema", kind, program=LOGS).stdout) == schema
    assert run("rules", "schema", "nothing", program=LOGS).returncode == 2


@pytest.mark.parametrize(
    "line",
    [
        "ssl.FrobError: [Errno -3] cannot frob host='pypi.corp.example', port=8443 (_ssl.c:1006)",
        "ERROR: Could not frob https://pypi.corp.example:8443/simple/demo/: it's gone (0x7f00)",
        r"cannot open C:\Users\new\pip.ini: {'a': [1, 2]} #3 ''' | (x) ^$ *.+?",
        "\x1b[31mTotal\x1b[0m\tfrobbing   failed\r\n",
    ],
)
def test_rules_new_writes_a_signal_that_matches_the_line(tmp_path: Path, line: str) -> None:
    given = run("rules", "new", data=line.encode(), program=LOGS).stdout.decode()
    assert given == scaffold(line)
    tomli.loads(given)
    (tmp_path / "signals").mkdir()
    (tmp_path / "signals" / "new.toml").write_text(given, encoding="utf-8")
    problems = run("rules", "check", tmp_path, program=LOGS).stdout.decode()
    name = tomli.loads(given)["signal"][0]["id"]
    assert f"signal {name}: does not match" not in problems
    assert f"signal {name}: the pattern" not in problems
    assert "new.toml" not in problems


def test_rules_new_refuses_a_line_without_words() -> None:
    assert run("rules", "new", "1 2 3", program=LOGS).returncode == 2


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_told(failed: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [*EXPLAIN, str(failed)], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert result.returncode == 2
    assert b"cannot write the report" in result.stderr
    assert b"Traceback" not in result.stderr


def test_rules_new_writes_no_secret() -> None:
    result = run("rules", "new", "error: https://u:S3cret@x.example/a?token=S3cret", program=LOGS)
    assert b"S3cret" not in result.stdout
