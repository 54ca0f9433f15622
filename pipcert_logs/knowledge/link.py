"""Do the rules of all packs fit together? What this finds, no schema can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import regex
from msgspec.structs import astuple

from pipcert_logs.diagnose.versions import VersionRange
from pipcert_logs.knowledge.errors import RuleError
from pipcert_logs.knowledge.model import (
    IDENTIFIER,
    Cause,
    Condition,
    Pack,
    Question,
    Remedy,
    Signal,
)
from pipcert_logs.patterns import compiled

if TYPE_CHECKING:
    from pipcert_logs.knowledge.load import Rules

CAPTURES = frozenset(
    (
        *("host", "peer", "scheme", "port", "url", "path", "package", "requirement", "versions"),
        *("index", "links", "proxy", "status", "errno", "names", "ca_path", "ssl_line"),
        *("pip_version", "python_version", "tool_version", "total", "reason", "seconds"),
        "variable",
    )
)
"""The captures that the engine and the conditions know."""
PLACEHOLDERS = frozenset(
    ("host", "port", "address", "index_url", "index_option", "index_variable", "package")
)
"""The values of a log that a command may hold."""
_PLACEHOLDER = compiled(r"\{\{(\w+)\}\}")
_ID = compiled(IDENTIFIER)

Wrong = Iterator[tuple[str, str]]
"""A text of the rule file, by which the line is found, and what is wrong there."""


def problems(rules: Rules, pack: Pack, folder: Path) -> Iterator[RuleError]:
    """Find what does not fit in a pack.

    Args:
        rules: all rules, those of the pack among them.
        pack: what is looked at.
        folder: where the pack was read.
    """
    for text, wrong in _wrong(rules, pack):
        yield _error(folder, text, wrong)


def _wrong(rules: Rules, pack: Pack) -> Wrong:
    yield from _ids(pack)
    for signal in pack.signals:
        yield from _signal(signal, rules)
    for head in pack.records.head_patterns:
        yield from _pattern(head, head)
    for path in (*pack.hosts.index_paths, *pack.hosts.private_paths):
        yield from _pattern(path, path)
    for literal in pack.literals.literals:
        if not literal.strip():
            yield "literals", "a literal is empty"
    for cause in pack.causes:
        yield from _cause(cause, rules)
    for remedy in pack.remedies:
        yield from _remedy(remedy, rules)
    for question in pack.questions:
        yield from _question(question, rules)
    for pattern in pack.settings.shown:
        yield from _pattern(pattern, pattern)
    for traits in astuple(pack.habits):
        yield from _unknown("trait", traits, rules.traits)
    for name, condition in pack.traits.trait.items():
        yield from _condition(name, condition, rules)
        if _refers_to_itself(name, rules):
            yield name, f"trait {name!r} refers to itself"


def _ids(pack: Pack) -> Wrong:
    for kind in (pack.signals, pack.causes, pack.remedies, pack.questions):
        for name, count in Counter(rule.id for rule in kind).items():
            if count > 1:
                yield name, f"the id {name!r} stands {count} times"
            if not _ID.fullmatch(name):
                yield name, f"the id {name!r} is not of small letters, digits and hyphens"


def _signal(signal: Signal, rules: Rules) -> Wrong:
    lists: dict[str, Any] = {name: [""] for name in rules.names if f"<{name}>" in signal.pattern}
    try:
        pattern = compiled(signal.pattern, regex.VERBOSE, **lists)
    except regex.error as error:
        yield signal.id, f"the pattern does not compile: {error}"
        return
    if not all(anchor.strip() for anchor in (*signal.anchors, *signal.sought)):
        yield signal.id, "an anchor is empty"
    for name in set(pattern.groupindex) - CAPTURES:
        yield name, f"capture {name!r} is none of {', '.join(sorted(CAPTURES))}"
    for capture, known in signal.other_than.items():
        if capture not in pattern.groupindex:
            yield signal.id, f"the pattern captures no {capture!r}"
        if known not in rules.names:
            yield signal.id, f"there is no list {known!r} in names.toml"
    yield from _unknown("signal", signal.occurs_with, rules.signals)


def _pattern(place: str, pattern: str) -> Wrong:
    try:
        compiled(pattern)
    except regex.error as error:
        yield place, f"{pattern!r} does not compile: {error}"


def _cause(cause: Cause, rules: Rules) -> Wrong:
    for evidence in cause.evidence:
        yield from _unknown("signal", evidence.signal, rules.signals)
        yield from _condition(cause.id, evidence.when, rules)
    yield from _unknown("signal", cause.explains, rules.signals)
    yield from _unknown("cause", cause.specialises, rules.causes)
    for check in cause.checks:
        yield from _unknown("cause", check.separates, rules.causes)
        yield from _condition(cause.id, check.when, rules)
        yield from _placeholders(check.command + check.title, PLACEHOLDERS)
    for choice in cause.remedies:
        yield from _unknown("remedy", [choice.id], rules.remedies)
        yield from _condition(cause.id, choice.when, rules)


def _question(question: Question, rules: Rules) -> Wrong:
    yield from _condition(question.id, question.when, rules)
    yield from _placeholders(question.here, PLACEHOLDERS)
    if not question.answers and not question.value:
        yield question.id, "the question has neither answers nor a value"
    for answer in question.answers:
        if answer.output:
            yield from _pattern(question.id, answer.output.pattern)
    titles = {check.title for cause in rules.causes.values() for check in cause.checks}
    if question.check:
        yield from _unknown("check titled", [question.check], titles)


def _remedy(remedy: Remedy, rules: Rules) -> Wrong:
    known = {item.name for item in remedy.inputs} | PLACEHOLDERS
    yield from _condition(remedy.id, remedy.when, rules)
    for step in remedy.steps:
        yield from _condition(remedy.id, step.when, rules)
        yield from _placeholders(f"{step.command} {step.text}", known)


def _placeholders(text: str, known: Iterable[str]) -> Wrong:
    for name in dict.fromkeys(_PLACEHOLDER.findall(text)):
        if name not in known:
            yield f"{{{{{name}}}}}", f"{name!r} is neither an input nor known"


def _condition(owner: str, condition: Condition, rules: Rules) -> Wrong:
    yield from _unknown("trait", condition.traits, rules.traits)
    for signals in (condition.all_signals, condition.any_signal, condition.no_signal):
        yield from _unknown("signal", signals, rules.signals)
    for name, pattern in condition.captures.items():
        if name not in CAPTURES:
            yield name, f"capture {name!r} is none of {', '.join(sorted(CAPTURES))}"
        yield from _pattern(owner, pattern)
    for stated in (condition.pip, condition.python):
        low, high = VersionRange.parse(stated or "")
        if low >= high:
            yield str(stated), f"no version is in {stated!r}"


def _refers_to_itself(name: str, rules: Rules) -> bool:
    seen: set[str] = set()
    ahead = [name]
    while ahead:
        trait = rules.traits.get(ahead.pop())
        for other in trait.traits if trait else ():
            if other == name:
                return True
            if other not in seen:
                seen.add(other)
                ahead.append(other)
    return False


def _unknown(kind: str, ids: Iterable[str], known: Container[str]) -> Wrong:
    for missing in sorted({name for name in ids if name not in known}):
        yield missing, f"there is no {kind} {missing!r}"


def _error(folder: Path, text: str, wrong: str) -> RuleError:
    """Name the line of the pack that holds a text, as a string of its own or else within one."""
    lines = [
        (path, number, line)
        for path in sorted(folder.rglob("*.toml"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    ]
    for sought in (f'"{text}"', f"'{text}'", text):
        for path, number, line in lines:
            if sought in line:
                return RuleError(path, wrong, "rules that fit together", line=number)
    return RuleError(folder, wrong, "rules that fit together")
