"""Do the rules hold what they promise? Each against its own examples, and against all others'."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import regex

from pipcert_logs.knowledge.errors import RuleError
from pipcert_logs.knowledge.load import Rules, builtin_directory
from pipcert_logs.knowledge.model import Condition, RecordFacts, Signal
from pipcert_logs.match.hit import Hit
from pipcert_logs.match.matcher import Matcher
from pipcert_logs.read.lines import Line
from pipcert_logs.read.records import Assembler

CAPTURES = frozenset(
    (
        *("host", "peer", "port", "url", "path", "package", "requirement", "versions", "index"),
        *("links", "proxy", "status", "errno", "names", "ca_path", "ssl_line", "pip_version"),
        *("python_version", "tool_version", "total", "reason", "seconds", "variable"),
    )
)
PLACEHOLDERS = frozenset(("host", "port", "index_url", "index_option", "index_variable", "package"))
_SURROUNDING = frozenset({"frame", "context"})


def check(directory: Path | None = None) -> list[str]:
    """Return what is wrong with the rules, one sentence a problem; empty when all is well.

    Args:
        directory: a pack to check on top of the built-in rules; None checks those alone.
    """
    packs = () if directory in (None, builtin_directory()) else (directory,)
    try:
        rules = Rules.load(*(pack for pack in packs if pack))
        return [*_signal_problems(rules), *_cause_problems(rules), *_remedy_problems(rules)]
    except RuleError as error:
        return [str(error)]


def hits_of(matcher: Matcher, heads: RecordFacts, text: str) -> list[Hit]:
    """Return what is found in a text that stands alone."""
    assembler = Assembler(heads)
    records = [r for line in text.splitlines() for r in assembler.add(Line(1, line, True))]
    records += assembler.flush()
    return [hit for n, record in enumerate(records) for hit in matcher.hits(record, n)]


def _signal_problems(rules: Rules) -> Iterator[str]:
    for signal in rules.signals.values():
        yield from _pattern_problems(signal, rules)
        yield from _unfinished(signal)
    try:
        matcher = Matcher(rules.signals, rules.names)
        for signal in rules.signals.values():
            yield from _example_problems(signal, matcher, rules)
    except regex.error:
        return  # told above, with the signal's name


def _unfinished(signal: Signal) -> Iterator[str]:
    if "TODO" in str(signal):
        yield f"signal {signal.id}: has a TODO left"


def _pattern_problems(signal: Signal, rules: Rules) -> Iterator[str]:
    try:
        pattern = Matcher({signal.id: signal}, rules.names).signals[0].pattern
    except regex.error as error:
        yield f"signal {signal.id}: the pattern does not compile: {error}"
        return
    for name in set(pattern.groupindex) - CAPTURES:
        yield f"signal {signal.id}: capture {name!r} is none of {', '.join(sorted(CAPTURES))}"
    if pattern.search("") is not None:
        yield f"signal {signal.id}: the pattern matches the empty text"


def _example_problems(signal: Signal, matcher: Matcher, rules: Rules) -> Iterator[str]:
    for example in signal.matches:
        hits = hits_of(matcher, rules.records, example.text)
        own = [hit for hit in hits if hit.signal.id == signal.id]
        if not own:
            yield f"signal {signal.id}: does not match its example {example.text!r}"
            continue
        captures = own[0].captures
        for name, value in example.captures.items():
            if captures.get(name) != value:
                yield (
                    f"signal {signal.id}: captures {name}={captures.get(name)!r} from "
                    f"{example.text!r}, expected {value!r}"
                )
        yield from _overlaps(signal, example.text, hits)
    for counterexample in signal.differs:
        hits = hits_of(matcher, rules.records, counterexample.text)
        if any(hit.signal.id == signal.id for hit in hits):
            yield f"signal {signal.id}: matches {counterexample.text!r} ({counterexample.why})"


def _overlaps(signal: Signal, text: str, hits: list[Hit]) -> Iterator[str]:
    """An example that another rule matches too, and nobody said so."""
    if signal.role in _SURROUNDING:
        return
    for other in {hit.signal.id: hit.signal for hit in hits}.values():
        if other.id == signal.id or other.role in _SURROUNDING:
            continue
        if other.id not in signal.occurs_with and signal.id not in other.occurs_with:
            yield (
                f"signal {signal.id}: {other.id} matches its example {text!r} too; "
                "declare it in occurs_with"
            )


def _cause_problems(rules: Rules) -> Iterator[str]:
    for cause in rules.causes.values():
        name = f"cause {cause.id}"
        for evidence in cause.evidence:
            yield from _unknown(name, "signal", evidence.signal, rules.signals)
            yield from _condition_problems(name, evidence.when, rules)
        yield from _unknown(name, "symptom", cause.explains, rules.signals)
        yield from _unknown(name, "cause", cause.specialises, rules.causes)
        yield from _unknown(
            name, "remedy", (choice.id for choice in cause.remedies), rules.remedies
        )
        for check_ in cause.checks:
            yield from _unknown(name, "cause", check_.separates, rules.causes)
        for choice in cause.remedies:
            yield from _condition_problems(name, choice.when, rules)
        ranks = [
            rules.remedies[c.id].verification for c in cause.remedies if c.id in rules.remedies
        ]
        if "off" in ranks[:1]:
            yield f"{name}: its first remedy switches verification off"


def _remedy_problems(rules: Rules) -> Iterator[str]:
    used = {choice.id for cause in rules.causes.values() for choice in cause.remedies}
    for remedy in rules.remedies.values():
        name = f"remedy {remedy.id}"
        if remedy.id not in used:
            yield f"{name}: no cause offers it"
        if remedy.verification != "keeps" and not remedy.caution:
            yield f"{name}: {remedy.verification} verification, and has no caution"
        known = {item.name for item in remedy.inputs} | PLACEHOLDERS
        yield from _condition_problems(name, remedy.when, rules)
        for step in remedy.steps:
            yield from _condition_problems(name, step.when, rules)
            for placeholder in regex.findall(r"\{\{(\w+)\}\}", f"{step.command} {step.text}"):
                if placeholder not in known:
                    yield f"{name}: {placeholder!r} is neither an input nor known"


def _condition_problems(name: str, condition: Condition, rules: Rules) -> Iterator[str]:
    yield from _unknown(name, "trait", condition.traits, rules.traits)
    for signals in (condition.all_signals, condition.any_signal, condition.no_signal):
        yield from _unknown(name, "signal", signals, rules.signals)


def _unknown(name: str, kind: str, ids: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    for missing in sorted(set(ids) - set(known)):
        yield f"{name}: there is no {kind} {missing!r}"


if __name__ == "__main__":
    problems = check()
    print("\n".join(problems) or "all rules hold")
    sys.exit(bool(problems))
