"""A private root for one run of a client: what it writes stays in it, and what it starts too."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from corpus.certificates import Certificates
from corpus.clients import interpreter
from corpus.model import NOTHING, Client, Fault
from corpus.tools import command, project

SCRIPT = Path(__file__).with_name("client.sh")
OWN_NAMESPACES = "unshare --mount --propagation private --ipc --pid --kill-child --mount-proc"
SHARED_ETC = ("passwd", "group", "ld.so.cache", "ssl/openssl.cnf")
FAKETIME = "faketime/libfaketime.so.1"


def faketime_library() -> Path | None:
    """Find libfaketime, which the faults of the clock need, or None."""
    folders = (Path("/usr/lib/x86_64-linux-gnu"), Path("/usr/lib/aarch64-linux-gnu"))
    return next((f / FAKETIME for f in folders if (f / FAKETIME).exists()), None)


def _write_etc(etc: Path, hosts: str, bundled: bytes, newer: bytes) -> None:
    for name in SHARED_ETC:
        (etc / name).parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            shutil.copy(f"/etc/{name}", etc / name)
    certs = etc / "ssl" / "certs"
    certs.mkdir()
    (certs / "ca-certificates.crt").write_bytes(bundled + newer)
    (etc / "bundled-root.pem").write_bytes(bundled)
    subprocess.run(["openssl", "rehash", certs], check=True, capture_output=True, timeout=20)
    (etc / "ca-certificates" / "update.d").mkdir(parents=True)
    (etc / "ca-certificates.conf").write_text("")  # the system's store is built of local files
    (etc / "hosts").write_text(hosts)
    (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files dns\n")
    (etc / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")


def _write_home(home: Path, pyproject: str) -> None:
    folder = home / "project"
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(pyproject)
    (folder / "demo_app.py").write_text('"""A small application."""\n')


def _killed_after(seconds: int, process: subprocess.Popen[bytes]) -> bytes:
    try:
        return process.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise


@dataclass(frozen=True)
class Root:
    """What makes the private root of one client for one fault."""

    job: Path
    fault: Fault
    client: Client
    layer: Path
    hosts: str
    certificates: Certificates

    def prepare(self) -> None:
        """Write the files that the root starts with."""
        newer = self.fault.system_knows and self.certificates.authorities[self.fault.system_knows]
        _write_etc(
            self.job / "etc",
            self.hosts,
            self.certificates.public_root,
            newer.pem("root") if newer else b"",
        )
        _write_home(self.job / "home", project(self.fault, self.client))
        (self.job / "scratch").mkdir()

    def started(
        self,
        line: str,
        *,
        before: str = "",
        brought: Mapping[str, str] = NOTHING,
        stdin: int = subprocess.DEVNULL,
    ) -> subprocess.Popen[bytes]:
        """Start a command line in the root, in this network namespace.

        Args:
            line: the command, which gets the fault's variables.
            before: what is run first, with the rights of the lab.
            brought: folders that the root shows, by their names in its /opt.
            stdin: as `subprocess` has it.
        """
        environment = {
            "PATH": os.environ["PATH"],
            "JOB": str(self.job),
            "SCRATCH": str(self.job / "scratch"),
            "LOWER": f"{self.layer}:{interpreter(self.client.python)}",
            "FAKETIME_LIB": str(faketime_library() or ""),
            "BROUGHT": "\n".join(f"{name} {folder}" for name, folder in brought.items()),
            "BEFORE": f"{self.fault.before}\n{before}",
            "VARIABLES": command(self.fault, self.client).variables,
            "COMMAND": line,
        }
        return subprocess.Popen(
            [*OWN_NAMESPACES.split(), "sh", str(SCRIPT)],
            env=environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def run(root: Root, line: str, brought: Mapping[str, str] = NOTHING) -> bytes:
    """Run a command line in a private root, and give what it printed."""
    root.prepare()
    return _killed_after(root.fault.limit, root.started(line, brought=brought))
