"""Runs a list of jobs inside a network namespace; started by `corpus.jobs`, never by hand."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from corpus import client_root, clients, jobs, network
from corpus.advice import useless as advice_for
from corpus.certificates import Certificates
from corpus.checks import outputs
from corpus.differences import difference
from corpus.labels import as_text, side_file
from corpus.model import Client, Fault
from corpus.proof import Proof, prove, take_advice
from corpus.sighting import sight
from corpus.tools import command

OWN_PATHS = (
    str(clients.PYTHONS),
    str(Path(__file__).parent.parent),
    tempfile.gettempdir() + "/lab",
)


def problem(fault: Fault, log: str) -> str:
    """Say why a log must not be kept, or give an empty text."""
    leaked = next((path for path in OWN_PATHS if path in log), None)
    if leaked:
        return f"the log names a path of this machine: {leaked}"
    if fault.shows not in log:
        return f"the log does not show {fault.shows!r}"
    return ""


def printed(fault: Fault, client: Client, cache: Path, certificates: Certificates) -> bytes:
    """Run one job and give its log."""
    layer = clients.layer(client, cache)
    with (
        tempfile.TemporaryDirectory(prefix="lab-job-") as job,
        network.Network(fault, certificates).running() as net,
    ):
        root = client_root.Root(Path(job), fault, client, layer, net.hosts_file(), certificates)
        return client_root.run(root, command(fault, client).line)


def keep(out: Path, fault: Fault, client: Client, log: bytes) -> str:
    """Write a log and its side file, and say what the client words otherwise than before."""
    file = out / f"{jobs.name(fault, client)}.log"
    side = side_file(fault, client, as_text(log))
    file.with_name(f"{file.stem}.toml").write_text(side, "utf-8")
    if not file.exists():
        file.write_bytes(log)
        return "recorded"
    changes = difference(file.read_bytes(), log)
    if changes:  # what only random names tell apart stays as it is, so that `git diff` is short
        file.write_bytes(log)
    return "\n  ".join(["changed", *changes]) if changes else "as before"


def _record(
    fault: Fault, client: Client, out: Path, cache: Path, certificates: Certificates
) -> tuple[str, bool]:
    log = printed(fault, client, cache, certificates)
    trouble = problem(fault, as_text(log))
    return trouble or keep(out, fault, client, log), not trouble


def _prove(
    fault: Fault, client: Client, out: Path, cache: Path, certificates: Certificates
) -> tuple[str, bool]:
    return _written([prove(fault, client, cache, certificates)], out)


def _prove_all(
    fault: Fault, client: Client, out: Path, cache: Path, certificates: Certificates
) -> tuple[str, bool]:
    found = [prove(fault, client, cache, certificates)]
    while found[-1].outcome not in ("no remedy", "did not fail"):
        found.append(prove(fault, client, cache, certificates, rank=len(found)))
    return _written(found, out)


def _take_advice(
    fault: Fault, client: Client, out: Path, cache: Path, certificates: Certificates
) -> tuple[str, bool]:
    found = [
        take_advice(advice, fault, client, cache, certificates)
        for advice in advice_for(fault, client)
    ]
    return _written(found, out) if found else ("nobody advises anything useless", True)


def _check(
    fault: Fault, client: Client, out: Path, cache: Path, certificates: Certificates
) -> tuple[str, bool]:
    found = outputs(fault, client, cache, certificates)
    (out / f"{fault.id}.json").write_bytes(msgspec.json.encode(found))
    return f"{len(found)} checks", True


def _written(found: list[Proof], out: Path) -> tuple[str, bool]:
    (out / f"{found[0].fault}__{found[0].client}.json").write_bytes(msgspec.json.encode(found))
    said = [f"{p.outcome}: {p.remedy} for {p.cause} {p.detail}".rstrip() for p in found]
    return "\n  ".join(said), True


def _probe(
    fault: Fault, client: Client, out: Path, cache: Path, certificates: Certificates
) -> tuple[str, bool]:
    seen = sight(fault, client, cache, certificates)
    (out / f"{jobs.name(fault, client)}.json").write_bytes(msgspec.json.encode(seen))
    return f"{seen.outcome}: {seen.causes} {seen.detail}", True


ACTIONS = {
    "record": _record,
    "first": _prove,
    "every": _prove_all,
    "useless": _take_advice,
    "checks": _check,
    "probe": _probe,
}


def _one(action: str, job: str, out: Path, cache: Path, certificates: Certificates) -> bool:
    fault, client = jobs.named(job)
    try:
        said, fine = ACTIONS[action](fault, client, out, cache, certificates)
    except (subprocess.TimeoutExpired, TimeoutError):
        said, fine = f"no end after {fault.limit} s", False
    except Exception as error:  # one job that cannot be set up must not end the others
        said, fine = f"not set up: {error!r}", False
    print(f"{job}: {said}", flush=True)
    return fine


def main(action: str, out: Path, cache: Path, names: list[str]) -> int:
    """Run all named jobs; the exit code is the number of those that failed, at most 100."""
    networks = [Path(f"/proc/{of}/ns/net").readlink() for of in ("self", os.getppid())]
    if networks[0] == networks[1]:
        raise SystemExit("corpus.worker: this is the machine's own network; use corpus.record")
    network.set_up()
    with tempfile.TemporaryDirectory(prefix="lab-certs-") as folder:
        certificates = Certificates(Path(folder))
        failed = [job for job in names if not _one(action, job, out, cache, certificates)]
    return min(len(failed), 100)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.stdin.read().split()))
