"""Records a list of jobs inside a network namespace; started by `corpus.record`, never by hand."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from corpus import client_root, clients, network
from corpus.certificates import Certificates
from corpus.faults import FAULTS
from corpus.labels import as_text, side_file
from corpus.model import Client, Fault

OWN_PATHS = (
    str(clients.PYTHONS),
    str(Path(__file__).parent.parent),
    tempfile.gettempdir() + "/lab",
)


def job_name(fault: Fault, client: Client) -> str:
    """Give the name of a log, without its suffix."""
    return f"{fault.id}__{client.id}"


def problem(fault: Fault, log: str) -> str:
    """Say why a log must not be kept, or give an empty text."""
    leaked = next((path for path in OWN_PATHS if path in log), None)
    if leaked:
        return f"the log names a path of this machine: {leaked}"
    if fault.shows not in log:
        return f"the log does not show {fault.shows!r}"
    return ""


def record(fault: Fault, client: Client, cache: Path, certificates: Certificates) -> bytes:
    """Run one job and give its log."""
    layer = clients.layer(client, cache)
    with (
        tempfile.TemporaryDirectory(prefix="lab-job-") as job,
        network.Network(fault, certificates).running() as net,
    ):
        printed = client_root.run(
            Path(job), fault, client, layer, net.hosts_file(), certificates.public_root
        )
    return printed


def keep(out: Path, fault: Fault, client: Client, log: bytes) -> None:
    """Write a log and its side file."""
    target = out / job_name(fault, client)
    target.with_name(target.name + ".log").write_bytes(log)
    side = side_file(fault, client, as_text(log))
    target.with_name(target.name + ".toml").write_text(side, "utf-8")


def _one(name: str, out: Path, cache: Path, certificates: Certificates) -> str:
    fault_id, _, client_id = name.partition("__")
    fault = next(fault for fault in FAULTS if fault.id == fault_id)
    client = next(client for client in clients.CLIENTS if client.id == client_id)
    try:
        log = record(fault, client, cache, certificates)
    except subprocess.TimeoutExpired:
        return f"no end after {fault.limit} s"
    except Exception as error:  # one job that cannot be set up must not end the others
        return f"not set up: {error!r}"
    fault_found = problem(fault, as_text(log))
    if not fault_found:
        keep(out, fault, client, log)
    return fault_found


def main(out: Path, cache: Path, names: list[str]) -> int:
    """Record all named jobs; the exit code is the number of those that failed, at most 100."""
    networks = [Path(f"/proc/{of}/ns/net").readlink() for of in ("self", os.getppid())]
    if networks[0] == networks[1]:
        raise SystemExit("corpus.worker: this is the machine's own network; use corpus.record")
    network.set_up()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="lab-certs-") as folder:
        certificates = Certificates(Path(folder))
        for name in names:
            trouble = _one(name, out, cache, certificates)
            failed += bool(trouble)
            print(f"{name}: {trouble or 'recorded'}", flush=True)
    return min(failed, 100)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.stdin.read().split()))
