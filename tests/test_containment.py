"""What a client of the fault lab can do to this machine: nothing."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus import client_root, clients, jobs, ready, squid
from corpus.certificates import Certificates
from corpus.model import Client, Proxy

FAULT = "01-unknown-issuer-private"
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


@pytest.fixture
def root(lab_client: tuple[Client, Path], tmp_path: Path) -> client_root.Root:
    client, cache = lab_client
    fault, _ = jobs.named(f"{FAULT}__{client.id}")
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
    end = time.monotonic() + 10  # what a killed process had open is closed a little later
    while _listens(address, port):
        assert time.monotonic() < end


def _listens(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), 1).close()
    except ConnectionRefusedError:
        return False
    except ConnectionResetError:  # it is being closed
        return True
    return True
