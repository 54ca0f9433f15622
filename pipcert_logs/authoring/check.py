"""Do the rules hold what they promise? Each against its own examples, and against all others'."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pipcert_logs.context import recognised
from pipcert_logs.knowledge.answers import signal_id
from pipcert_logs.knowledge.errors import RuleError
from pipcert_logs.knowledge.link import problems
from pipcert_logs.knowledge.load import Rules, builtin_directory, builtin_pack, read_pack
from pipcert_logs.knowledge.model import Answer, Cause, Pack, Question, RecordFacts, Remedy, Signal
from pipcert_logs.match.hit import Hit
from pipcert_logs.match.matcher import Matcher
from pipcert_logs.read.lines import Line
from pipcert_logs.read.records import Assembler
from pipcert_logs.scan.layout import Layouts

_SURROUNDING = frozenset({"frame", "context"})


def check(directory: Path | None = None) -> list[str]:
    """Return what is wrong with the rules, one sentence a problem; empty when all is well.

    Args:
        directory: a pack to check on top of the built-in rules; None checks those alone.
    """
    folder = directory or builtin_directory()
    try:
        pack = read_pack(folder)
        packs = [pack] if folder == builtin_directory() else [builtin_pack(), pack]
        rules = Rules(packs)
    except RuleError as error:
        return [str(error)]
    wrong = [str(problem) for problem in problems(rules, pack, folder)]
    return wrong or [
        *_signal_problems(rules),
        *_probed_problems(rules),
        *_cause_problems(rules),
        *_remedy_problems(rules),
        *_question_problems(rules),
        *_layout_problems(pack, rules),
    ]


def hits_of(matcher: Matcher, heads: RecordFacts, text: str) -> list[Hit]:
    """Return what is found in a text that stands alone."""
    assembler = Assembler(heads)
    records = [r for line in text.splitlines() for r in assembler.add(Line(1, line, True))]
    records += assembler.flush()
    return [hit for n, record in enumerate(records) for hit in matcher.hits(record, n)]


def _signal_problems(rules: Rules) -> Iterator[str]:
    matcher = Matcher(rules.signals, rules.names, rules.records.own)
    for signal, ready in zip(rules.signals.values(), matcher.signals, strict=True):
        if ready.pattern.search("") is not None:
            yield f"signal {signal.id}: the pattern matches the empty text"
        yield from _unfinished("signal", signal)
        yield from _example_problems(signal, matcher, rules)


def _unfinished(kind: str, rule: Signal | Cause | Remedy | Question) -> Iterator[str]:
    if "TODO" in str(rule):
        yield f"{kind} {rule.id}: has a TODO left"


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


def _probed_problems(rules: Rules) -> Iterator[str]:
    """What a look finds at a host is told nowhere, unless it is a reason or evidence."""
    evidence = [evidence for cause in rules.causes.values() for evidence in cause.evidence]
    heard = {name for piece in evidence for name in piece.signal}
    for piece in evidence:
        heard.update(piece.when.all_signals, piece.when.any_signal, piece.when.no_signal)
    for signal in rules.signals.values():
        at_host = signal.probed and "(?P<host>" in signal.pattern
        if at_host and signal.role == "context" and signal.id not in heard:
            yield f"signal {signal.id}: is probed, and no evidence of a cause asks for it"


def _cause_problems(rules: Rules) -> Iterator[str]:
    for cause in rules.causes.values():
        yield from _unfinished("cause", cause)
        if rules.remedies[cause.remedies[0].id].verification == "off":
            yield f"cause {cause.id}: its first remedy switches verification off"


def _remedy_problems(rules: Rules) -> Iterator[str]:
    used = {choice.id for cause in rules.causes.values() for choice in cause.remedies}
    for remedy in rules.remedies.values():
        yield from _unfinished("remedy", remedy)
        if remedy.id not in used:
            yield f"remedy {remedy.id}: no cause offers it"
        if remedy.verification != "keeps" and not remedy.caution:
            yield f"remedy {remedy.id}: {remedy.verification} verification, and has no caution"


def _question_problems(rules: Rules) -> Iterator[str]:
    evidence = [e for cause in rules.causes.values() for e in cause.evidence]
    conditions = {name for e in evidence for name in (*e.when.any_signal, *e.when.no_signal)}
    conditions |= {name for e in evidence for name in e.when.all_signals}
    heard = {name for e in evidence for name in e.signal}
    for question in rules.questions.values():
        yield from _unfinished("question", question)
        ids = {signal_id(question, answer) for answer in question.answers}
        told = bool(ids & heard) or any(answer.facts.os for answer in question.answers)
        if not told and not question.value:
            yield f"question {question.id}: no evidence of a cause asks for an answer to it"
        if ids & conditions:
            yield f"question {question.id}: evidence depends on its answers, and its gain does not"
        for answer in question.answers:
            yield from _output_problems(question, answer)


def _output_problems(question: Question, answer: Answer) -> Iterator[str]:
    if not answer.output:
        return
    for text in answer.output.matches:
        if recognised(question, text) is not answer:
            yield f"question {question.id}: {text!r} is not recognised as {answer.id!r}"
    for text in answer.output.differs:
        if recognised(question, text) is answer:
            yield f"question {question.id}: {text!r} is recognised as {answer.id!r}"


def _layout_problems(pack: Pack, rules: Rules) -> Iterator[str]:
    layouts = Layouts(rules.layouts)
    for layout in pack.layouts.layout:
        for example in layout.examples:
            expected = {name: value for name, value in example.items() if name != "path"}
            said = msgspec.structs.asdict(layouts.place(example.get("path", "")))
            found = {name: value for name, value in said.items() if value is not None}
            if found != expected:
                yield f"layout {layout.template}: {example} says {found}"


if __name__ == "__main__":
    found = check()
    print("\n".join(found) or "all rules hold")
    sys.exit(bool(found))
