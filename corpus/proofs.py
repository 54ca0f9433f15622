"""What the proofs found: kept in `proofs.jsonl`, shown in docs/proof.md and rules/proofs.toml.

A run replaces what it tried again and leaves the rest, so that a difference shows what changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

import msgspec

from corpus.clients import CLIENTS
from corpus.faults import FAULTS
from corpus.labels import as_text, causes
from corpus.proof import Proof
from corpus.record import LOGS
from pipcert_logs.knowledge.load import Rules

ROOT = Path(__file__).parent.parent
KEPT = Path(__file__).with_name("proofs.jsonl")
PAGE = ROOT / "docs" / "proof.md"
RULE_FILE = ROOT / "rules" / "proofs.toml"
BY = {
    "reader": "",
    "server-owner": " (by the server's owner)",
    "network-team": " (by the network team)",
}
CLIENT = {client.id: client for client in CLIENTS}
BY_ID = {fault.id: fault for fault in FAULTS}
VERIFICATION = {key: remedy.verification for key, remedy in Rules.builtin().remedies.items()}
# What the entry of a fault may give a reason for; that an impostor is believed is never one.
EXCUSABLE = ("not fixed", "not answered", "wrong addressee", "no remedy")
# Clients that say too little, of which faults, and what follows from it.
TACITURN = (
    (
        ("uv-*", "*-py2.7", "*-py3.6"),
        "0[1-8]-*",
        "this client names no reason, so the likeliest cause of a refused certificate comes first",
    ),
    (
        ("uv-*",),
        "21-page-*",
        "uv does not say how an index answered; the next command shows which index it asked",
    ),
)
ORDER = {fault.id: number for number, fault in enumerate(FAULTS)}
RULE_HEAD = "# Written by python -m corpus.prove: each was executed, and the install worked.\n"
HEAD = """\
# Remedies, tried

Written by `python -m corpus.prove`, which anybody can run again: see
[corpus/README.md](../corpus/README.md). Each trial is one fault of the lab on one exact client,
run between {first} and {last}: the install fails, its output is explained, the commands of a
remedy are executed word for word as the report gives them, with what a person would supply, and
the install is run again. *fixed*: it then works, and a server with a certificate of nobody's is
refused, so verification is still on. An install that succeeds beside an index that fails does not
work yet. Where a remedy asks somebody else to act who can mend the fault, the lab does what was
asked; where he cannot, the outcome is *wrong addressee*. *not answered*: it asks for what nobody
has in that place, such as a company's CA where there is none. Where a report says that the log is
not enough, the command that it names is run, and its output explained.

An index, a proxy or a time-out that the fault has on the command line is set by variable
instead, as a setting could not change it there.

{totals}

## The first remedy

| fault | first cause | first remedy | outcome | clients |
| --- | --- | --- | --- | --- |
{rows}

## Why some are not fixed

| fault | clients | why, and what the report says instead |
| --- | --- | --- |
{reasons}

## What did not fail

Clients that install in spite of the fault; their logs are controls.

| fault | clients |
| --- | --- |
{sound}

## The other remedies of these reports

Tried in the same way, each in a fresh root. *not fixed* is no defect here: a report offers them for
causes that the log leaves open. *fixed, unverified*: the install works, and the server with a
certificate of nobody's is believed; that is what such a remedy says of itself.

| remedy | outcome | faults | clients |
| --- | --- | --- | --- |
{others}

## Advice that does not help

What `corpus/advice.py` says that the web advises, tried in the same way: the install still fails.

| advice | outcome | faults | clients |
| --- | --- | --- | --- |
{useless}
"""


def kept() -> list[Proof]:
    """Read what earlier runs found."""
    if not KEPT.exists():
        return []
    return [msgspec.json.decode(line, type=Proof) for line in KEPT.read_bytes().splitlines()]


def merged(old: Iterable[Proof], new: Iterable[Proof]) -> list[Proof]:
    """Put new results in the place of old ones of the same trial, in the order of the faults."""
    found = {trial(proof): proof for proof in (*_still(old, new), *new)}
    return [found[place] for place in sorted(found, key=lambda place: (ORDER[place[0]], place))]


def _still(old: Iterable[Proof], new: Iterable[Proof]) -> Iterator[Proof]:
    """Leave out what the tables or the new reports no longer hold."""
    ends = {(p.fault, p.client): p.rank for p in new if p.outcome == "no remedy"}
    for proof in old:
        fault, end = BY_ID.get(proof.fault), ends.get((proof.fault, proof.client))
        gone = proof.rank is not None and end is not None and proof.rank > end
        client = CLIENT.get(proof.client)
        if fault and client and fault.runs_on(client) and not gone:
            yield proof


def trial(proof: Proof) -> tuple[str, str, int, str]:
    """Tell one trial from others: what was met by whom, and what was tried."""
    if proof.rank is None:
        return proof.fault, proof.client, -1, proof.remedy
    return proof.fault, proof.client, proof.rank, ""


def write(found: list[Proof]) -> None:
    """Write the three files."""
    KEPT.write_bytes(b"".join(msgspec.json.encode(proof) + b"\n" for proof in found))
    PAGE.write_text(page(found), "utf-8")
    RULE_FILE.write_text(rule_file(found), "utf-8")


def rule_file(found: Iterable[Proof]) -> str:
    """Return rules/proofs.toml."""
    names = "".join(f'    "{remedy}",\n' for remedy in sorted(proven(found)))
    return f"{RULE_HEAD}lab = [\n{names}]\n"


def proven(found: Iterable[Proof]) -> set[str]:
    """Return the remedies that were seen to work."""
    return {p.remedy for p in found if p.outcome.startswith("fixed") and p.rank is not None}


def unexplained(found: Iterable[Proof]) -> list[Proof]:
    """Return what is wrong: first remedies that did not fix for no known reason, and the like."""
    return [proof for proof in found if _is_wrong(proof)]


def _is_wrong(proof: Proof) -> bool:
    if proof.rank is None:  # advice that is called useless
        return proof.outcome != "not fixed"
    if proof.outcome == "fixed, unverified":
        return VERIFICATION[proof.remedy] == "keeps"
    if proof.outcome == "did not fail":
        return not _is_control(proof)
    return proof.rank == 0 and proof.outcome in EXCUSABLE and not why(proof)


def _is_control(proof: Proof) -> bool:
    """Tell whether the recorded log of the same fault and client counts as one of no failure."""
    log = LOGS / f"{proof.fault}__{proof.client}.log"
    fault = BY_ID[proof.fault]
    return log.exists() and causes(fault, as_text(log.read_bytes())) == ("none",)


def why(proof: Proof) -> str:
    """Say why the first remedy does not fix, or nothing."""
    tacit = (
        reason
        for clients, faults, reason in TACITURN
        if fnmatch(proof.fault, faults) and any(fnmatch(proof.client, c) for c in clients)
    )
    return BY_ID[proof.fault].unproven or next(tacit, "")


def _first(found: Iterable[Proof]) -> list[Proof]:
    return [proof for proof in found if proof.rank == 0 and proof.outcome != "did not fail"]


def page(found: list[Proof]) -> str:
    """Return docs/proof.md."""
    first = _first(found)
    dates = sorted(proof.date for proof in found) or [""]
    counts = Counter(proof.outcome for proof in first)
    others = [p for p in found if p.rank and p.outcome not in ("no remedy", "did not fail")]
    useless = [proof for proof in found if proof.rank is None]
    return HEAD.format(
        first=dates[0],
        last=dates[-1],
        totals="First remedies: "
        + ", ".join(f"{n} {what}" for what, n in counts.most_common())
        + ".",
        rows="\n".join(_rows(first)),
        reasons="\n".join(_reasons(first)),
        sound="\n".join(_sound_rows(found)),
        others="\n".join(_other_rows(others)),
        useless="\n".join(_other_rows(useless)),
    )


def _rows(first: Iterable[Proof]) -> Iterable[str]:
    rows: dict[tuple[str, ...], list[str]] = {}
    for proof in first:
        further = ", after its next command" if proof.looked_further else ""
        told = f"{proof.remedy}{BY[proof.by]}{further}"
        rows.setdefault((proof.fault, proof.cause, told, proof.outcome), []).append(proof.client)
    return [f"| {' | '.join(alike)} | {', '.join(who)} |" for alike, who in rows.items()]


def _sound_rows(found: Iterable[Proof]) -> Iterable[str]:
    rows: dict[str, list[str]] = {}
    for proof in found:
        if proof.rank == 0 and proof.outcome == "did not fail":
            rows.setdefault(proof.fault, []).append(proof.client)
    return [f"| {fault} | {', '.join(who)} |" for fault, who in rows.items()]


def _reasons(first: Iterable[Proof]) -> Iterable[str]:
    rows: dict[tuple[str, str], list[str]] = {}
    for proof in first:
        if proof.outcome != "fixed":
            reason = why(proof) or "not known: a defect"
            rows.setdefault((proof.fault, reason), []).append(proof.client)
    return [f"| {fault} | {', '.join(who)} | {reason} |" for (fault, reason), who in rows.items()]


def _other_rows(others: Iterable[Proof]) -> Iterable[str]:
    """Put faults into one row of which the same is true for the same clients."""
    clients: dict[tuple[str, str, str], list[str]] = {}
    for proof in others:
        clients.setdefault((proof.remedy, proof.outcome, proof.fault), []).append(proof.client)
    rows: dict[tuple[str, str, str], list[str]] = {}
    for (remedy, outcome, fault), who in clients.items():
        rows.setdefault((remedy, outcome, ", ".join(sorted(set(who)))), []).append(fault)
    return [
        f"| {remedy} | {outcome} | {', '.join(faults)} | {who} |"
        for (remedy, outcome, who), faults in sorted(rows.items())
    ]
