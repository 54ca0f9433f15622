"""Do the rules of all packs fit together? What this finds, no schema can."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import regex

from pipcert_logs.knowledge.errors import RuleError
from pipcert_logs.knowledge.model import Condition, Pack

if TYPE_CHECKING:
    from pipcert_logs.knowledge.load import Rules


def link(rules: Rules, pack: Pack, folder: Path) -> None:
    """Check what a pack refers to and whether its patterns compile.

    Raises:
        RuleError: something does not; the message says in which file and line.
    """
    for kind in (pack.signals, pack.causes, pack.remedies):
        for name, count in Counter(rule.id for rule in kind).items():
            if count > 1:
                raise _error(folder, name, f"the id {name!r} stands {count} times")
    for signal in pack.signals:
        used: dict[str, Any] = {name: [""] for name in rules.names if f"<{name}>" in signal.pattern}
        try:
            pattern = regex.compile(signal.pattern, regex.VERBOSE, **used)
        except regex.error as error:
            raise _error(folder, signal.id, f"the pattern does not compile: {error}") from error
        for capture, known in signal.other_than.items():
            if capture not in pattern.groupindex:
                raise _error(folder, signal.id, f"the pattern captures no {capture!r}")
            if known not in rules.names:
                raise _error(folder, signal.id, f"there is no list {known!r} in names.toml")
    for head in pack.records.head_patterns:
        try:
            re.compile(head)
        except re.error as error:
            raise _error(folder, head, f"the head does not compile: {error}") from error
    for owner, condition in _conditions(pack):
        _check_traits(rules, condition, folder, owner, ())


def _conditions(pack: Pack) -> Iterator[tuple[str, Condition]]:
    for cause in pack.causes:
        conditions = [part.when for part in cause.evidence]
        conditions += [part.when for part in cause.checks]
        conditions += [part.when for part in cause.remedies]
        yield from ((cause.id, condition) for condition in conditions)
    for remedy in pack.remedies:
        yield remedy.id, remedy.when
        for step in remedy.steps:
            yield remedy.id, step.when
    yield from pack.traits.trait.items()


def _check_traits(
    rules: Rules, condition: Condition, folder: Path, owner: str, within: tuple[str, ...]
) -> None:
    for name in condition.traits:
        if name not in rules.traits:
            raise _error(folder, owner, f"there is no trait {name!r}")
        if name in within or name == owner:
            raise _error(folder, owner, f"trait {name!r} refers to itself")
        _check_traits(rules, rules.traits[name], folder, owner, (*within, name))
    for pattern in condition.captures.values():
        try:
            re.compile(pattern)
        except re.error as error:
            raise _error(folder, owner, f"{pattern!r} does not compile: {error}") from error


def _error(folder: Path, text: str, wrong: str) -> RuleError:
    """Name the line of the pack that holds a text."""
    for path in sorted(folder.rglob("*.toml")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if text in line:
                return RuleError(path, wrong, "rules that fit together", line=number)
    return RuleError(folder, wrong, "rules that fit together")
