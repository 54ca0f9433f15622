"""The fault lab: a small part of it is recorded and proven anew, with this Python's own pip."""

from __future__ import annotations

import ensurepip
import os
import shlex
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from corpus import checks, client_root, clients, jobs, proofs, ready, squid
from corpus.certificates import Certificates
from corpus.differences import difference
from corpus.model import Client, Proxy
from corpus.proof import Proof
from pipcert_logs.corpus_check import find_cases, outcomes
from pipcert_logs.knowledge.load import Rules

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
BUNDLED = sorted((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
FAULTS = ("01-unknown-issuer-private", "12-pip-cert-missing", "14-proxy-refused", "18-refused")
WITH_REAL_SERVERS = ("06-clock-past", "09-squid-bumps", "10-squid-between", "26-nginx-private-ca")
PRIVATE = {"/dev", "/etc", "/home", "/mnt", "/opt", "/run", "/srv", "/tmp", "/usr/local"}
DEVICES = {"full", "null", "random", "tty", "urandom", "zero"}
DEVICES |= {"fd", "shm", "stderr", "stdin", "stdout"}
BROUGHT = {"source": str(Path(__file__).parent.parent)}
# Sets the length of the clock's tick to what it is: nothing changes, but it takes the right to.
SET_CLOCK = """
import ctypes, sys
timex, adjtimex = ctypes.create_string_buffer(256), ctypes.CDLL(None).adjtimex
adjtimex(timex)
timex[0:4] = (0x4000).to_bytes(4, sys.byteorder)
sys.exit(adjtimex(timex) < 0)
"""
# Tried on the machine itself, none of these would change anything of it.
ATTEMPTS = {
    "set the clock": shlex.join(["python", "-c", SET_CLOCK]),
    "set the kernel": "true >>/proc/sys/vm/swappiness",
    "set a device": 'true >>"$(find /sys -type f -perm -200 | head -n 1)"',
    "make a device": "mknod /tmp/disk b 254 0",
    "signal a process outside": f"kill -0 {os.getpid()}",
    "write to the machine": "true >>/usr/bin/env",
    "write to what is brought": "true >>/opt/source/README.md",
    "make it writable": "mount -o remount,bind,rw /",
    "uncover what is hidden": "umount /srv",
    "leave the root": "nsenter --mount --target 1 true",
}

# A server whose child listens; neither ends when it is told to.
STUBBORN = """
import os, signal, socket, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
time.sleep(60)
"""


def _missing() -> str:
    if why := jobs.obstacle():
        return why
    if not BUNDLED or clients.interpreter(PYTHON) is None:
        return "this Python is a distribution's, or carries no pip"
    return ""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> tuple[Client, Path]:
    """Give the client that needs no network to be had, and the folder that it is in."""
    if why := _missing():
        pytest.skip(why)
    cache = tmp_path_factory.mktemp("cache")
    (cache / "wheels").mkdir()
    shutil.copy(BUNDLED[-1], cache / "wheels")
    return Client("pip", BUNDLED[-1].name.split("-")[1], PYTHON), cache


def test_recorded_anew_the_causes_are_found(
    lab: tuple[Client, Path], tmp_path: Path, rules: Rules
) -> None:
    client, cache = lab
    assert jobs.run("record", [f"{fault}__{client.id}" for fault in FAULTS], tmp_path, cache)
    cases, _ = find_cases([tmp_path], rules.causes)
    assert len(cases) == len(FAULTS)
    assert all(outcome.hit for outcome in outcomes(cases, rules))


def test_proven_anew_the_first_remedies_fix(lab: tuple[Client, Path], tmp_path: Path) -> None:
    client, cache = lab
    assert jobs.run("first", [f"{fault}__{client.id}" for fault in FAULTS], tmp_path, cache)
    for file in tmp_path.glob("*.json"):
        (proof,) = msgspec.json.decode(file.read_bytes(), type=list[Proof])
        assert proof.outcome == "fixed", proof


@pytest.mark.parametrize("fault", WITH_REAL_SERVERS)
def test_real_servers_are_met_and_the_first_remedy_fixes(
    fault: str, lab: tuple[Client, Path], tmp_path: Path
) -> None:
    client, cache = lab
    job = f"{fault}__{client.id}"
    if what := jobs.lacking(*jobs.named(job)):
        pytest.skip(f"this machine lacks {what}")
    assert jobs.run("first", [job], tmp_path, cache)
    (proof,) = msgspec.json.decode((tmp_path / f"{job}.json").read_bytes(), type=list[Proof])
    assert proof.outcome == "fixed", proof


@pytest.fixture
def root(lab: tuple[Client, Path], tmp_path: Path) -> client_root.Root:
    client, cache = lab
    fault, _ = jobs.named(f"{FAULTS[0]}__{client.id}")
    (tmp_path / "certificates").mkdir()
    certificates = Certificates(tmp_path / "certificates")
    layer = clients.layer(client, cache)
    made = client_root.Root(tmp_path / "job", fault, client, layer, "", certificates)
    made.job.mkdir()
    return made


@pytest.fixture
def printed(root: client_root.Root) -> Callable[[str], list[str]]:
    """Run a script in a private root, and give the lines that it prints."""

    def run(script: str) -> list[str]:
        line = shlex.join(["sh", "-c", script])
        return client_root.run(root, line, BROUGHT).decode().splitlines()

    return run


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_private_root_does_not_let_anybody(
    attempt: str, printed: Callable[[str], list[str]]
) -> None:
    assert printed(f"if {attempt}; then echo done; else echo refused; fi")[-1] == "refused"


def test_nothing_but_the_private_folders_can_be_written_to(
    printed: Callable[[str], list[str]],
) -> None:
    mounts = "while read -r _ _ _ _ place _; do [ ! -w $place ] || echo $place; done"
    places = {Path(place) for place in printed(f"{mounts} </proc/self/mountinfo")}
    allowed = {Path(place) for place in PRIVATE}
    assert allowed <= places
    assert [str(place) for place in places if not allowed & {place, *place.parents}] == []


def test_the_devices_are_those_that_are_nobodys(printed: Callable[[str], list[str]]) -> None:
    assert set(printed("ls /dev; echo lost >/dev/null")) == DEVICES


def test_root_of_a_private_root_has_rights_over_files_only(
    printed: Callable[[str], list[str]],
) -> None:
    chown, dac_override, fowner, fsetid = 0, 1, 3, 4
    over_files = sum(1 << right for right in (chown, dac_override, fowner, fsetid))
    told = dict(line.split() for line in printed("grep ^Cap /proc/self/status"))
    assert {int(told[f"Cap{held}:"], 16) for held in ("Prm", "Eff", "Bnd")} == {over_files}
    assert {int(told[f"Cap{held}:"], 16) for held in ("Inh", "Amb")} == {0}


def test_a_client_is_not_the_first_process_which_is_deaf_to_signals(
    printed: Callable[[str], list[str]],
) -> None:
    assert printed("echo $$") != ["1"]


def test_what_was_started_ends_with_its_process_group(root: client_root.Root) -> None:
    root.prepare()
    process = root.started("sh -c 'setsid sleep 60 & echo begun; wait'")
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    os.killpg(process.pid, signal.SIGKILL)
    rest, _ = process.communicate(timeout=20)  # the sleeper holds the pipe too
    assert rest == b""


def test_nobody_but_squid_and_root_can_change_what_squid_uses(tmp_path: Path) -> None:
    if os.geteuid() != 0 or not all(squid.needed(squid.NAMED).values()):
        pytest.skip("it takes root, and a squid that re-signs")
    folder = tmp_path / "squid"
    folder.mkdir()
    squid.write_files(folder, Proxy(squid.NAMED), "127.0.0.1", "", Certificates(tmp_path))
    files = {path.relative_to(folder): path.stat() for path in (folder, *folder.rglob("*"))}
    assert [path for path, state in files.items() if state.st_mode & 0o022] == []
    of_root = {str(path) for path, state in files.items() if state.st_uid == 0}
    assert of_root == {".", "squid.conf", "authority.pem", "public-root.pem", "hosts"}
    for secret in ("authority.pem", "squid.conf", "certificates"):
        assert files[Path(secret)].st_mode & 0o077 == 0


def test_a_server_that_does_not_end_is_killed_with_what_it_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ready, "WITHIN", 3.0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address, port = listener.getsockname()
    with ready.server([sys.executable, "-c", STUBBORN, str(port)], address, port):
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address, port), 1)


def test_a_second_recording_tells_words_that_changed_and_nothing_else() -> None:
    first = b"Created /tmp/pip-download-ab12cd_9\n  Downloading at 1.2 MB/s\nERROR: old words\n"
    random = first.replace(b"ab12cd_9", b"x0x0x0x0").replace(b"1.2 MB/s", b"12 kB/s")
    assert difference(first, random) == []
    reworded = random.replace(b"old words", b"new words")
    assert difference(first, reworded) == ["-ERROR: old words", "+ERROR: new words"]


def test_what_was_proven_is_explained_where_it_did_not_fix() -> None:
    assert proofs.kept()
    assert not proofs.unexplained(proofs.kept())


def test_the_page_and_the_rule_file_are_those_of_the_proofs() -> None:
    found = proofs.kept()
    assert proofs.PAGE.read_text("utf-8") == proofs.page(found)
    assert proofs.RULE_FILE.read_text("utf-8") == proofs.rule_file(found)


def test_no_check_claims_to_separate_what_it_does_not() -> None:
    rows = [row.split(" | ") for row in checks.PAGE.read_text("utf-8").splitlines()]
    tried = [cells for cells in rows if cells[0].startswith("| ``")]
    assert len(tried) == len(checks.claims())
    assert not [cells for cells in tried if cells[-2].strip()]
