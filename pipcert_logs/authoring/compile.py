"""What is installed besides modules and rules: the rules again, in the form that loads fastest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from pipcert_logs import patterns
from pipcert_logs.diagnose.endpoints import HostClassifier
from pipcert_logs.explainer import explain
from pipcert_logs.knowledge.load import OF_WHEEL, Rules, read_pack
from pipcert_logs.knowledge.model import Condition
from pipcert_logs.match.matcher import Matcher
from pipcert_logs.packaged import PATTERNS, RULES
from pipcert_logs.report import text


def compiled_files(folder: Path, stamp: str = OF_WHEEL) -> dict[str, bytes]:
    """Return the compiled files of a package, by their names.

    Args:
        folder: the rules.
        stamp: which state of a tree they are of.
    """
    pack = read_pack(folder)
    _compile_patterns(Rules([pack]))
    return {
        RULES: msgspec.msgpack.encode((stamp, pack)),
        PATTERNS: patterns.dump(),
    }


def _compile_patterns(rules: Rules) -> None:
    """Ask for each pattern that explaining any log may need."""
    text.lines(explain(b"", rules=rules), width=80)
    HostClassifier(rules.hosts)
    for signal in Matcher(rules.signals, rules.names, rules.records.own).signals:
        _ = signal.pattern
    for condition in _conditions(rules):
        for pattern in condition.captures.values():
            patterns.compiled(pattern)


def _conditions(rules: Rules) -> Iterator[Condition]:
    yield from rules.traits.values()
    for cause in rules.causes.values():
        yield from (evidence.when for evidence in cause.evidence)
        yield from (check.when for check in cause.checks)
        yield from (choice.when for choice in cause.remedies)
    for remedy in rules.remedies.values():
        yield from (remedy.when, *(step.when for step in remedy.steps))
