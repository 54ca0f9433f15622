"""The recorder: `python -m corpus.record` runs real clients against real faults, keeps the logs."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path

from corpus.client_root import faketime_library
from corpus.clients import CLIENTS, interpreter, layer
from corpus.faults import FAULTS
from corpus.labels import as_text, side_file
from corpus.model import Client, Fault
from corpus.worker import job_name

TOOLS = ("unshare", "mount", "ip", "setarch", "openssl")
ISOLATED = ["unshare", "--net", "--mount", "--propagation", "private", "--"]
WORKERS = 2


def obstacle() -> str:
    """Say why recording would not be safe or possible here, or give an empty text."""
    if sys.platform != "linux":
        return "the recorder needs Linux: its faults live in network and mount namespaces"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return f"these programs are missing: {', '.join(missing)}"
    if os.geteuid() != 0:
        return "only root may make the namespaces that keep this machine's settings untouched"
    probe = subprocess.run([*ISOLATED, "true"], capture_output=True, timeout=20, check=False)
    return "" if probe.returncode == 0 else f"no namespaces here: {probe.stderr.decode().strip()}"


def possible(fault: Fault, client: Client) -> bool:
    """Tell whether this machine has what the fault and the client need."""
    has_clock = "faketime" not in fault.env.get("LD_PRELOAD", "") or faketime_library()
    return bool(has_clock and interpreter(client.python))


def jobs(only: str, client_glob: str) -> Iterator[tuple[Fault, Client]]:
    """Give the chosen pairs of fault and client."""
    for fault in FAULTS:
        for client in CLIENTS:
            chosen = fnmatch(fault.id, only) and fnmatch(client.id, client_glob)
            if chosen and fault.runs_on(client):
                yield fault, client


def _split(pairs: list[tuple[Fault, Client]]) -> tuple[list[str], list[str]]:
    can = [job_name(*pair) for pair in pairs if possible(*pair)]
    cannot = [job_name(*pair) for pair in pairs if not possible(*pair)]
    return can, cannot


def _work(out: Path, cache: Path, names: list[str]) -> int:
    call = [*ISOLATED, sys.executable, "-m", "corpus.worker", str(out), str(cache)]
    root = Path(__file__).parent.parent
    done = subprocess.run(call, input="\n".join(names).encode(), cwd=root, check=False)
    return done.returncode


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m corpus.record", description=__doc__)
    parser.add_argument("--only", default="*", metavar="GLOB", help="faults to record")
    parser.add_argument("--client", default="*", metavar="GLOB", help="clients to record with")
    default_out = Path(__file__).parent / "logs"
    parser.add_argument("--out", type=Path, default=default_out, help="folder for the logs")
    default_cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "pipcert-lab"
    parser.add_argument("--cache", type=Path, default=default_cache, help="folder for the clients")
    parser.add_argument("--relabel", action="store_true", help="only write the side files anew")
    parser.add_argument("--missing", action="store_true", help="record only what is not there yet")
    return parser.parse_args()


def _not_yet(out: Path, names: list[str]) -> list[str]:
    return [name for name in names if not (out / f"{name}.log").exists()]


def relabel(out: Path, pairs: list[tuple[Fault, Client]]) -> None:
    """Write the side files of logs that are there, after a label was changed in the fault table."""
    for fault, client in pairs:
        log = out / f"{job_name(fault, client)}.log"
        if log.exists():
            side = side_file(fault, client, as_text(log.read_bytes()))
            log.with_name(f"{log.stem}.toml").write_text(side, "utf-8")


def main() -> int:
    """Record what the command line chooses."""
    options = _options()
    if options.relabel:
        relabel(options.out, list(jobs(options.only, options.client)))
        return 0
    if why := obstacle():
        print(f"corpus.record: {why}", file=sys.stderr)
        return 2
    out, cache = options.out.resolve(), options.cache.resolve()
    out.mkdir(parents=True, exist_ok=True)
    pairs = list(jobs(options.only, options.client))
    names, skipped = _split(pairs)
    for client in {client for fault, client in pairs if possible(fault, client)}:
        layer(client, cache)
    if options.missing:
        names = _not_yet(out, names)
    with ThreadPoolExecutor(WORKERS) as pool:
        parts = [names[number::WORKERS] for number in range(WORKERS)]
        codes = list(pool.map(lambda part: _work(out, cache, part), parts))
    for name in skipped:
        print(f"{name}: skipped, this machine lacks its Python or libfaketime")
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
