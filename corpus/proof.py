"""Does the remedy help? One fault, one client: fail, explain, do as told, try again."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from corpus import clients, mending, supplies
from corpus.advice import Advice
from corpus.certificates import Certificates
from corpus.client_root import Root
from corpus.labels import as_text
from corpus.model import READER, Actor, Client, Fault
from corpus.session import PUBLIC_ROOT_IN_NEW_BUNDLES, Session, session
from corpus.tools import TOOLS, command
from pipcert_logs.explainer import Reader, explain
from pipcert_logs.report.model import Remedy, Report

Outcome = Literal[
    "fixed",  # the install works, and an impostor is refused
    "fixed, unverified",  # the install works, and an impostor is accepted
    "not fixed",
    "not answered",  # it asks for what nobody has in this place
    "wrong addressee",  # it asks somebody to act who cannot mend the fault
    "no remedy",
    "did not fail",
]
EXPLAINED_FOR = Reader(os="linux", shell="posix")
PACKAGES = "demo-package corp-utils requests legacy-tool"
FILES = "demo_package* corp_utils* requests* legacy_tool*"


class Proof(Struct, frozen=True, omit_defaults=True):
    """What came of it; `looked_further`: the report first asked for a command's output.

    `rank` is the remedy's place in the report, and null for advice of `corpus.advice`; `detail` is
    what was printed last where it failed.
    """

    fault: str
    client: str
    outcome: Outcome
    cause: str = ""
    remedy: str = ""
    by: Actor = READER
    looked_further: bool = False
    rank: int | None = 0
    date: str = ""
    detail: str = ""


class Installed(NamedTuple):
    """How an install went."""

    worked: bool
    printed: str
    report: Report


class Trial(NamedTuple):
    """A client in its private root, with a shell that stays open."""

    fault: Fault
    client: Client
    certificates: Certificates
    shell: Session
    hosts: Path

    @contextmanager
    def network(self, fault: Fault, beyond: str = "public") -> Iterator[None]:
        """Have the lab's network behave in some way."""
        with mending.running(fault, self.certificates, beyond) as hosts:
            self.hosts.write_text(hosts)
            yield

    def install(self) -> Installed:
        """Run the install."""
        done = self.shell.run(command(self.fault, self.client).line)
        printed = as_text(done.printed)
        report = explain(printed, reader=EXPLAINED_FOR)
        # An install may succeed beside an index that fails, and the fault is still there.
        worked = done.code == 0 and report.verdict not in ("failed", "unexplained")
        return Installed(worked, printed, report)


def prove(
    fault: Fault, client: Client, cache: Path, certificates: Certificates, rank: int = 0
) -> Proof:
    """Run the install, do what a remedy says, and run it again.

    Args:
        fault: what is wrong.
        client: who meets it.
        cache: the folder of the clients.
        certificates: of the lab.
        rank: the place of the remedy in the report; the first one's is 0.
    """
    with trial(fault, client, cache, certificates) as begun:
        return _proven(begun, rank)


def take_advice(
    advice: Advice, fault: Fault, client: Client, cache: Path, certificates: Certificates
) -> Proof:
    """Run the install, do what somebody advises who has not seen the report, and run it again."""
    with trial(fault, client, cache, certificates) as begun:
        proof = _begun(begun, None, advice.id)
        with begun.network(begun.fault):
            if begun.install().worked:
                return replace(proof, outcome="did not fail")
            for step in advice.commands:
                begun.shell.run(step)
            again = begun.install()
        return replace(proof, outcome="fixed" if again.worked else "not fixed")


@contextmanager
def trial(fault: Fault, client: Client, cache: Path, certificates: Certificates) -> Iterator[Trial]:
    """Lay a client in its private root, with what a person has at hand, and open a shell."""
    fault = mending.by_settings(fault, TOOLS[client.tool])
    layer = clients.layer(client, cache)
    with tempfile.TemporaryDirectory(prefix="lab-job-") as job:
        root = Root(Path(job), fault, client, layer, "", certificates)
        root.prepare()
        supplies.write(Path(job) / "home", fault, certificates)
        with session(root, fault.limit) as shell:
            yield Trial(fault, client, certificates, shell, Path(job) / "etc" / "hosts")


def _begun(trial: Trial, rank: int | None, remedy: str = "") -> Proof:
    today = datetime.date.today().isoformat()
    return Proof(trial.fault.id, trial.client.id, "fixed", remedy=remedy, rank=rank, date=today)


def _proven(trial: Trial, rank: int) -> Proof:
    with trial.network(trial.fault):
        told = _told(trial, rank)
        if told.proof.outcome != "fixed" or told.remedy is None:
            return told.proof
        steps = [supplies.filled(step, trial.fault) for step in _commands(told.remedy)]
        printed = [trial.shell.run(step).printed for step in steps]
        trial.shell.run(PUBLIC_ROOT_IN_NEW_BUNDLES)
    acted = told.proof.by != READER
    with trial.network(mending.mended(trial.fault) if acted else trial.fault):
        again = trial.install()
    if not again.worked:
        last = (as_text(b"".join(printed)) + again.printed).strip()
        return replace(told.proof, outcome="not fixed", detail=last[-300:])
    trial.shell.run(_forget(trial.client))
    with trial.network(mending.with_impostor(trial.fault), beyond=mending.IMPOSTOR):
        believed = trial.install().worked
    return replace(told.proof, outcome="fixed, unverified" if believed else "fixed")


class _Told(NamedTuple):
    """What the report advises, as if it helped; or why it cannot be tried."""

    proof: Proof
    remedy: Remedy | None = None


def _told(trial: Trial, rank: int) -> _Told:
    proof = _begun(trial, rank)
    failed = trial.install()
    if failed.worked:
        return _Told(replace(proof, outcome="did not fail"))
    report = failed.report
    if report.verdict == "unexplained" and report.next_command:
        done = trial.shell.run(supplies.filled(report.next_command.command, trial.fault))
        report = explain(as_text(done.printed), reader=EXPLAINED_FOR)
        proof = replace(proof, looked_further=True)
    return _advice(proof, report, rank, trial.fault)


def _advice(proof: Proof, report: Report, rank: int, fault: Fault) -> _Told:
    proof = replace(proof, cause=report.causes[0].id if report.causes else "")
    if len(report.remedies) <= rank:
        return _Told(replace(proof, outcome="no remedy"))
    remedy = report.remedies[rank]
    proof = replace(proof, remedy=remedy.id, by=remedy.by)
    if remedy.by != READER and remedy.by not in fault.mended_by:
        return _Told(replace(proof, outcome="wrong addressee"))
    examples = [item.example for item in remedy.inputs]
    missing = supplies.unanswered("\n".join(_commands(remedy)), examples, fault)
    if missing:
        return _Told(replace(proof, outcome="not answered", detail=", ".join(missing)))
    return _Told(proof, remedy)


def _commands(remedy: Remedy) -> list[str]:
    """Return the remedy's commands for this shell, taken from the report as they stand."""
    return [s.command for s in remedy.steps if s.command and s.shell in ("any", "posix")]


def _forget(client: Client) -> str:
    """Give the command that undoes an install: what was installed, and what was kept for later."""
    kept = "rm -rf ~/.cache"
    if uninstall := TOOLS[client.tool].uninstall:
        return f"for package in {PACKAGES}; do {uninstall} $package; done; {kept}"
    # Elsewhere nothing but the files knows of it, and four runs of pip take long.
    return f"(cd /usr/local/lib/python{client.python}/site-packages && rm -rf {FILES}); {kept}"
