"""Real servers of private indexes, devpi-server and pypiserver, for an nginx to stand before."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from corpus.clients import CACHE
from corpus.model import ACCOUNT, Site
from corpus.ready import wait_for
from corpus.wheels import PACKAGES, content

PROGRAMS = ("devpi-server==6.20.3", "pypiserver==2.4.2", "passlib==1.7.4")
PLACE = CACHE / "indexes" / "-".join(PROGRAMS)
PYTHON = PLACE / "bin" / "python"
DEVPI_STATE = PLACE / "devpi"
"""What devpi-server starts from; made by `corpus.devpi`, and copied for each run."""
DEVPI_PORT = 3141
DEVPI_SOURCE = "127.0.0.100"
"""Where the source of its index corp/mirror is, itself once more, unless that fails."""
PYPISERVER_PORT = 8080
# The key of sessions, which nobody opens here, need not take seconds to derive.
_WITHOUT_DELAY = [
    *("--argon2-memory-cost", "8"),
    *("--argon2-time-cost", "1"),
    *("--argon2-parallelism", "1"),
]


def install() -> bool:
    """Install the programs, and tell whether they could be had."""
    venv = [sys.executable, "-m", "venv", str(PLACE)]
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", *PROGRAMS]
    done = (subprocess.run(call, check=False, timeout=600) for call in (venv, pip))
    return all(each.returncode == 0 for each in done)


class Program(NamedTuple):
    """One of the programs: the port that it is known for, and its call at an address.

    `call` writes what the program serves into a folder.
    """

    port: int
    call: Callable[[Site, Path, str], list[str]]


def devpi(state: Path, *addresses: str) -> list[str]:
    """Give the call of devpi-server with a folder that it keeps its state in."""
    listen = [word for address in addresses for word in ("--listen", f"{address}:{DEVPI_PORT}")]
    options = ["--serverdir", str(state), "--secretfile", str(state / "secret"), "--absolute-urls"]
    return ["-m", "devpi_server", *listen, *options, *_WITHOUT_DELAY]


def _devpi(site: Site, folder: Path, address: str) -> list[str]:
    source = [DEVPI_SOURCE] if site.files == "200" else []
    return devpi(shutil.copytree(DEVPI_STATE, folder / "devpi"), address, *source)


def _pypiserver(site: Site, folder: Path, address: str) -> list[str]:
    user, password = ACCOUNT
    hashing = ["openssl", "passwd", "-apr1", password]
    hashed = subprocess.run(hashing, check=True, capture_output=True, text=True, timeout=20).stdout
    (folder / "accounts").write_text(f"{user}:{hashed}")
    (folder / "packages").mkdir()
    for name in site.packages:
        (folder / "packages" / PACKAGES[name].filename).write_bytes(content(PACKAGES[name]))
    guarded = "download,list,update" if site.pages == "401" else "update"
    accounts = ["--passwords", str(folder / "accounts"), "--authenticate", guarded]
    where = ["--interface", address, "--port", str(PYPISERVER_PORT)]
    return ["-m", "pypiserver", "run", *where, *accounts, str(folder / "packages")]


SERVERS = {
    "devpi": Program(DEVPI_PORT, _devpi),
    "pypiserver": Program(PYPISERVER_PORT, _pypiserver),
}


@contextmanager
def running(site: Site, address: str) -> Iterator[None]:
    """Run a site's server at an address; for 502 there is none, for 504 one that never answers."""
    server = SERVERS[site.does]
    if site.pages == "502":
        yield
    elif site.pages == "504":
        with socket.create_server((address, server.port)):
            yield
    else:
        with (
            tempfile.TemporaryDirectory(prefix="lab-index-") as folder,
            started(server.call(site, Path(folder), address), address, server.port),
        ):
            yield


@contextmanager
def started(call: list[str], address: str, port: int) -> Iterator[None]:
    """Run a call of the programs' Python that is to listen at an address."""
    silence = subprocess.DEVNULL
    process = subprocess.Popen([PYTHON, *call], stdout=silence, stderr=silence)
    try:
        wait_for(address, port)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)
