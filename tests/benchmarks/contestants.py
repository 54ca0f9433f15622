"""What pipcert-logs, pipelinemd and a grep table answer to a log, and how long they take."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import venv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec
import tomli

from pipcert_logs import Rules, explain
from pipcert_logs.corpus_check import NONE, Case, Outcome
from pipcert_logs.knowledge.model import Cause

MEANINGS = Path(__file__).with_name("peers.toml")
PEER = "pipelinemd"
_T = TypeVar("_T")
# Runs in the peer's own environment: what `pipelinemd distill` does with a file, timed.
PEER_PROGRAM = """
import json, sys, time
from importlib.metadata import version
from pathlib import Path
from pipelinemd.distill import distill
from pipelinemd.rules.engine import match_rules
match_rules(distill("warm up"))
answers = []
for path in json.load(sys.stdin):
    raw = Path(path).read_text(encoding="utf-8", errors="replace")
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        rules = [hit.rule.id for hit in match_rules(distill(raw))]
        taken.append(time.perf_counter() - start)
    answers.append([rules, min(taken)])
json.dump([version("pipelinemd"), answers], sys.stdout)
"""


@dataclass(frozen=True)
class Answer:
    """One answer to one log."""

    first: frozenset[str]
    """The causes that the first answer may stand for."""
    any: frozenset[str]
    """The causes that all its answers may stand for."""
    alarm: bool
    """Whether the first answer says that TLS or the network failed."""
    seconds: float


class Pattern(msgspec.Struct, frozen=True):
    """A line of the grep table."""

    pattern: str
    cause: str


class Meaning(msgspec.Struct, frozen=True):
    """What a rule of the peer may stand for."""

    families: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    network: bool = False

    def of(self, causes: Mapping[str, Cause]) -> frozenset[str]:
        """Return all causes that it may stand for."""
        wide = (cause.id for cause in causes.values() if cause.family in self.families)
        return frozenset((*wide, *self.causes))


class Meanings(msgspec.Struct, frozen=True):
    """The file `peers.toml`."""

    grep: tuple[Pattern, ...]
    pipelinemd: dict[str, Meaning]


def meanings() -> Meanings:
    """Read `peers.toml`."""
    return msgspec.convert(tomli.loads(MEANINGS.read_text(encoding="utf-8")), Meanings)


def ours(cases: Iterable[Case], rules: Rules) -> list[Answer]:
    """Answer with pipcert-logs as a library."""
    answers = []
    explain(b"", rules=rules)  # what is made of the rules once
    for case in cases:
        data = case.log.read_bytes()
        report, seconds = _timed(partial(explain, data, rules=rules))
        outcome = Outcome(case, report)
        named = frozenset(cause.id for cause in outcome.report.causes)
        answers.append(Answer(frozenset((outcome.first,)), named, not outcome.quiet, seconds))
    return answers


def grep(
    cases: Iterable[Case], table: Iterable[Pattern], causes: Mapping[str, Cause]
) -> list[Answer]:
    """Answer with the first pattern of the table that a log holds."""
    compiled = [(re.compile(row.pattern, re.IGNORECASE), row.cause) for row in table]
    answers = []
    for case in cases:
        text = case.log.read_text(encoding="utf-8", errors="replace")
        first, seconds = _timed(partial(_first, compiled, text))
        named = frozenset((first or NONE,))
        alarm = first is not None and causes[first].family != "index"
        answers.append(Answer(named, named, alarm, seconds))
    return answers


def _first(table: list[tuple[re.Pattern[str], str]], text: str) -> str | None:
    return next((cause for pattern, cause in table if pattern.search(text)), None)


def _timed(run: Callable[[], _T]) -> tuple[_T, float]:
    """Return an answer, and the seconds of the fastest of three runs: the others were disturbed."""
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        answer = run()
        taken.append(time.perf_counter() - start)
    return answer, min(taken)


def install_peer(folder: Path) -> Path:
    """Install pipelinemd into an environment of its own; return the folder of its programs."""
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", PEER], check=True)
    return programs


def pipelinemd(
    cases: Iterable[Case],
    programs: Path,
    rules: Mapping[str, Meaning],
    causes: Mapping[str, Cause],
) -> tuple[str, list[Answer]]:
    """Answer with pipelinemd's rules, no network and no model; also return its version."""
    done = subprocess.run(
        [programs / "python", "-c", PEER_PROGRAM],
        input=json.dumps([str(case.log.resolve()) for case in cases]),
        capture_output=True,
        text=True,
        check=True,
    )
    version, found = json.loads(done.stdout)
    return version, [_meant(named, seconds, rules, causes) for named, seconds in found]


def _meant(
    named: list[str], seconds: float, rules: Mapping[str, Meaning], causes: Mapping[str, Cause]
) -> Answer:
    known = [rules.get(name, Meaning()) for name in named]
    meant = [meaning.of(causes) for meaning in known] or [frozenset((NONE,))]
    alarm = bool(known) and known[0].network
    return Answer(meant[0], frozenset().union(*meant), alarm, seconds)
