"""The jobs of the lab: which fault runs on which client, and the processes that run them."""

from __future__ import annotations

import argparse
import functools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from difflib import get_close_matches
from fnmatch import fnmatch
from pathlib import Path

from corpus import nginx, real_indexes, squid
from corpus.client_root import OWN_NAMESPACES, faketime_library
from corpus.clients import CACHE, CLIENTS, by_id, interpreter, layer
from corpus.faults import FAULTS
from corpus.faults.variants import VARIANTS
from corpus.model import Client, Fault

TOOLS = ("unshare", "mount", "findmnt", "setpriv", "ip", "setarch", "openssl")
ISOLATED = ["unshare", "--net", "--mount", "--propagation", "private", "--"]
WORKERS = 6
"""More than there are cores: most jobs wait for a client to give up."""
INTERRUPTED = 130
_PART = 12  # jobs that one process does: few, so that none is left with all the slow ones
ROOT = Path(__file__).parent.parent


def obstacle() -> str:
    """Say why the lab would not be safe or possible here, or give an empty text."""
    if sys.platform != "linux":
        return "the lab needs Linux: its faults live in namespaces"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return f"these programs are missing: {', '.join(missing)}"
    if os.geteuid() != 0:
        return "only root may make the namespaces that keep this machine's settings untouched"
    call = [*ISOLATED, *OWN_NAMESPACES.split(), "true"]
    probe = subprocess.run(call, capture_output=True, timeout=20, check=False)
    return "" if probe.returncode == 0 else f"no namespaces here: {probe.stderr.decode().strip()}"


def lacking(fault: Fault, client: Client) -> str:
    """Name what the fault or the client needs and this machine lacks, or give an empty text."""
    servers = {site.does for site in fault.sites}.intersection(nginx.SITES)
    needed = {
        f"Python {client.python}": interpreter(client.python),
        "libfaketime": "faketime" not in fault.env.get("LD_PRELOAD", "") or faketime_library(),
        "nginx": not servers or nginx.installed(),
        "devpi-server and pypiserver": servers <= {"nginx"} or _real_indexes(),
        **(squid.needed(fault.proxy.does) if fault.proxy else {}),
    }
    return ", ".join(name for name, there in needed.items() if not there)


@functools.cache
def _real_indexes() -> bool:
    """Install the real indexes and fill devpi-server, once; false where they cannot be had."""
    if real_indexes.DEVPI_STATE.exists():
        return True
    call = [*ISOLATED, sys.executable, "-m", "corpus.devpi"]
    return real_indexes.install() and subprocess.run(call, cwd=ROOT, check=False).returncode == 0


def name(fault: Fault, client: Client) -> str:
    """Give the name of a job, which is that of its log."""
    return f"{fault.id}__{client.id}"


def named(job: str) -> tuple[Fault, Client]:
    """Give the fault and the client of a job."""
    fault_id, _, client_id = job.partition("__")
    fault = next(fault for fault in (*FAULTS, *VARIANTS) if fault.id == fault_id)
    return fault, by_id(client_id)


def chosen(only: str, client_glob: str) -> Iterator[tuple[Fault, Client]]:
    """Give the pairs of fault and client that two patterns choose.

    Raises:
        SystemExit: the faults do not run on these clients.
    """
    found = False
    for fault in FAULTS:
        for client in CLIENTS:
            fits = fnmatch(fault.id, only) and fnmatch(client.id, client_glob)
            if fits and fault.runs_on(client):
                found = True
                yield fault, client
    if not found:
        print(f"no fault of {only!r} is met by a client of {client_glob!r}", file=sys.stderr)
        raise SystemExit(2)


def _pattern(kind: str, ids: Iterable[str]) -> Callable[[str], str]:
    """Make the check that a pattern names something."""
    known = list(ids)

    def check(pattern: str) -> str:
        if any(fnmatch(name, pattern) for name in known):
            return pattern
        near = get_close_matches(pattern, known, n=3, cutoff=0.3) or known[:3]
        raise argparse.ArgumentTypeError(f"no {kind} is called {pattern!r}; try {', '.join(near)}")

    return check


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose jobs."""
    fault = _pattern("fault", (fault.id for fault in FAULTS))
    client = _pattern("client", (client.id for client in CLIENTS))
    parser.add_argument("--only", default="*", metavar="GLOB", help="faults", type=fault)
    parser.add_argument("--client", default="*", metavar="GLOB", help="clients", type=client)
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for the clients")


def split(pairs: list[tuple[Fault, Client]]) -> tuple[list[str], list[str]]:
    """Give the names of the jobs that this machine can run, and why it cannot run the others."""
    lacks = {name(*pair): lacking(*pair) for pair in pairs}
    skipped = [f"{job}: skipped, this machine lacks {what}" for job, what in lacks.items() if what]
    return [job for job, what in lacks.items() if not what], skipped


def run(action: str, jobs: list[str], out: Path, cache: Path) -> bool:
    """Run jobs, each worker in a network namespace of its own; false if any failed."""
    for client in {client.id: client for _, client in map(named, jobs)}.values():
        layer(client, cache)
    call = [*ISOLATED, sys.executable, "-m", "corpus.worker", action, str(out), str(cache)]

    def work(part: list[str]) -> int:
        given = "\n".join(part).encode()
        return subprocess.run(call, input=given, cwd=ROOT, check=False).returncode

    parts = max(WORKERS, len(jobs) // _PART)
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            return not any(pool.map(work, [jobs[number::parts] for number in range(parts)]))
        except KeyboardInterrupt:  # the workers were sent it as well, and end what they do
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            pool.shutdown(cancel_futures=True)
            print("interrupted", file=sys.stderr)
            raise SystemExit(INTERRUPTED) from None
