"""Runs a list of jobs inside a network namespace; started by `corpus.jobs`, never by hand."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

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


class Job(NamedTuple):
    """What every action is given."""

    fault: Fault
    client: Client
    cache: Path
    certificates: Certificates


class Done(NamedTuple):
    """What an action says of its job, and whether it was fine."""

    said: str
    fine: bool = True


Action = Callable[[Job, Path], Done]
Found = TypeVar("Found")


def _record(job: Job, out: Path) -> Done:
    log = printed(*job)
    trouble = problem(job.fault, as_text(log))
    return Done(trouble or keep(out, job.fault, job.client, log), not trouble)


def _written(find: Callable[[Job], Found], tell: Callable[[Found], str]) -> Action:
    """Make the action that writes down what it finds, and tells it."""

    def act(job: Job, out: Path) -> Done:
        found = find(job)
        file = out / f"{jobs.name(job.fault, job.client)}.json"
        file.write_bytes(msgspec.json.encode(found))
        return Done(tell(found))

    return act


def _first(job: Job) -> list[Proof]:
    return [prove(*job)]


def _every(job: Job) -> list[Proof]:
    found = _first(job)
    while found[-1].outcome not in ("no remedy", "did not fail"):
        found.append(prove(*job, rank=len(found)))
    return found


def _useless(job: Job) -> list[Proof]:
    return [take_advice(advice, *job) for advice in advice_for(job.fault, job.client)]


def _proofs(found: list[Proof]) -> str:
    said = [f"{p.outcome}: {p.remedy} for {p.cause} {p.detail}".rstrip() for p in found]
    return "\n  ".join(said)


ACTIONS: dict[str, Action] = {
    "record": _record,
    "first": _written(_first, _proofs),
    "every": _written(_every, _proofs),
    "useless": _written(_useless, _proofs),
    "checks": _written(lambda job: outputs(*job), lambda found: f"{len(found)} checks"),
    "probe": _written(
        lambda job: sight(*job), lambda seen: f"{seen.outcome}: {seen.causes} {seen.detail}"
    ),
}


def _one(action: str, name: str, out: Path, cache: Path, certificates: Certificates) -> bool:
    job = Job(*jobs.named(name), cache, certificates)
    try:
        done = ACTIONS[action](job, out)
    except (subprocess.TimeoutExpired, TimeoutError):
        done = Done(f"no end after {job.fault.limit} s", fine=False)
    except Exception as error:  # one job that cannot be set up must not end the others
        done = Done(f"not set up: {error!r}", fine=False)
    print(f"{name}: {done.said}", flush=True)
    return done.fine


def main(action: str, out: Path, cache: Path, names: list[str]) -> int:
    """Run all named jobs; the exit code is the number of those that failed, at most 100."""
    networks = [Path(f"/proc/{of}/ns/net").readlink() for of in ("self", os.getppid())]
    if networks[0] == networks[1]:
        raise SystemExit("corpus.worker: this is the machine's own network; use corpus.record")
    network.set_up()
    with tempfile.TemporaryDirectory(prefix="lab-certs-") as folder:
        certificates = Certificates(Path(folder))
        failed = [name for name in names if not _one(action, name, out, cache, certificates)]
    return min(len(failed), 100)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.stdin.read().split()))
    except KeyboardInterrupt:
        sys.exit(jobs.INTERRUPTED)
