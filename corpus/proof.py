"""Does the first remedy help? One fault, one client: fail, explain, do as told, try again."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple

from corpus import clients, network, supplies
from corpus.certificates import Certificates
from corpus.client_root import Root, command
from corpus.labels import as_text
from corpus.model import Client, Fault
from corpus.session import Session, session
from pipcert_logs.explainer import Reader, explain
from pipcert_logs.report.model import Remedy, Report

Outcome = Literal[
    "fixed",  # the install works, and an impostor is refused
    "fixed, unverified",  # the install works, and an impostor is accepted
    "not fixed",
    "nothing to do here",  # the first remedy has no command: somebody else has to act
    "not answered",  # it asks for what this lab cannot supply
    "no remedy",
    "did not fail",
]
READER = Reader(os="linux", shell="posix")
IMPOSTOR = "impostor"
PACKAGES = "demo-package corp-utils requests legacy-tool"


class Proof(NamedTuple):
    """What came of it."""

    fault: str
    client: str
    outcome: Outcome
    cause: str = ""
    remedy: str = ""
    detail: str = ""


def prove(fault: Fault, client: Client, cache: Path, certificates: Certificates) -> Proof:
    """Run the install, do what the first remedy says, and run it again."""
    layer = clients.layer(client, cache)
    with tempfile.TemporaryDirectory(prefix="lab-job-") as job:
        with network.Network(fault, certificates).running() as net:
            root = Root(Path(job), fault, client, layer, net.hosts_file(), certificates.public_root)
            root.prepare()
            supplies.write(Path(job) / "home", fault, certificates)
        with session(root, fault.limit) as shell:
            return _proven(fault, client, certificates, shell)


def _proven(fault: Fault, client: Client, certificates: Certificates, shell: Session) -> Proof:
    call = command(fault, client).line
    with network.Network(fault, certificates).running():
        first = shell.run(call)
        if first.code == 0:
            return Proof(fault.id, client.id, "did not fail")
        report = explain(as_text(first.printed), reader=READER)
        told = _told(fault, client, report)
        if told.outcome != "fixed":
            return told
        done = [shell.run(step) for step in _commands(report.remedies[0])]
        second = shell.run(call)
        if second.code != 0:
            last = as_text(b"".join(d.printed for d in done) + second.printed).strip()
            return told._replace(outcome="not fixed", detail=last[-300:])
    shell.run(_uninstall(client))
    with network.Network(_with_impostor(fault), certificates).running():
        accepted = shell.run(call).code == 0
    return told._replace(outcome="fixed, unverified" if accepted else "fixed")


def _told(fault: Fault, client: Client, report: Report) -> Proof:
    """Say what the report advises, as if it helped; or why it cannot be tried."""
    cause = report.causes[0].id if report.causes else ""
    told = Proof(fault.id, client.id, "fixed", cause)
    if not report.remedies:
        return told._replace(outcome="no remedy")
    remedy = report.remedies[0]
    told = told._replace(remedy=remedy.id)
    commands = [step.command for step in remedy.steps if step.shell == "posix" and step.command]
    if not commands:
        return told._replace(outcome="nothing to do here")
    examples = [item.example for item in remedy.inputs]
    missing = supplies.unanswered("\n".join(commands), examples)
    return told._replace(outcome="not answered", detail=", ".join(missing)) if missing else told


def _commands(remedy: Remedy) -> list[str]:
    """Return the remedy's commands for this shell, taken from the report as they stand."""
    return [
        supplies.filled(step.command)
        for step in remedy.steps
        if step.command and step.shell in ("any", "posix")
    ]


def _uninstall(client: Client) -> str:
    pip = "uv pip uninstall --system" if client.tool == "uv" else "python -m pip uninstall -y"
    return f"for package in {PACKAGES}; do {pip} $package; done"  # pip 9 stops at one not there


def _with_impostor(fault: Fault) -> Fault:
    """Have somebody else answer for every host, with a certificate of nobody that is trusted."""
    sites = tuple(replace(site, does="tls", cert=IMPOSTOR) for site in fault.sites)
    proxy = replace(fault.proxy, cert=IMPOSTOR) if fault.proxy else None
    return replace(fault, sites=sites, proxy=proxy)
