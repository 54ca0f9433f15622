"""The report as Markdown, for issues and chats.

Text of the log stands in code only, in fences and spans that it cannot close; what else comes from
a log or a rule has its markup escaped, so that nothing becomes a link, a heading or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from pipcert_logs.report.inert import excerpt, inert, inert_lines
from pipcert_logs.report.model import Cause, Check, Evidence, Failure, Question, Remedy, Report
from pipcert_logs.report.words import (
    NO_HOST,
    SHELL_NAMES,
    SURE,
    address,
    certainty,
    endpoint,
    likeliest,
    needed_inputs,
    of_outcome,
    percent,
    place,
    programs,
    seen_by,
    when_met,
)

_EVIDENCE_ROOM = 600
_LANGUAGES = {"posix": "sh", "cmd": "bat", "any": "sh", "requirements": "text"}
_EFFECTS = {
    "keeps": "",
    "weakens": " **(weakens verification)**",
    "off": " **(switches verification OFF)**",
}


def render(report: Report) -> str:
    """Return the report as Markdown that ends with a line feed."""
    return "\n".join(_report(report)).rstrip("\n") + "\n"


def _report(report: Report) -> Iterator[str]:
    yield from _verdict(report)
    for failure in of_outcome(report, "failed"):
        yield from _failure(failure, report)
    if recovered := of_outcome(report, "recovered"):
        yield from ("### Recovered", "")
        yield from (_in_a_line(failure, report) for failure in recovered)
        yield ""
    if report.next_command:
        yield from ("### Run this next", "")
        yield from _checks([report.next_command])
    for question in report.questions[:1]:
        yield from ("### The question that would tell most", "")
        yield from _question(question)
    if report.remedies:
        yield from ("### What to do", "")
    for number, remedy in enumerate(report.remedies, 1):
        yield from _remedy(number, remedy)
    if report.probe:
        yield from ("### What was looked at", "")
        yield from fence("\n".join(report.probe))


def _verdict(report: Report) -> Iterator[str]:
    name = "" if report.source == "-" else f"{span(report.source)}: "
    yield from (f"## {name}{escaped(report.summary)}", "")
    if report.looked_as:
        yield from (f"Looked as {span(report.looked_as)}", "")
    if quote := report.other_error:
        where = span(place(report.source, quote.line))
        yield from (f"It failed for another reason, in {where}:", "")
        yield from fence(excerpt(quote.text, _EVIDENCE_ROOM))
    if report.verdict != "clean" and len(report.indexes) > 1:
        yield from ("| index | state |", "| --- | --- |")
        for index in report.indexes:
            yield f"| {span(address(index)).replace('|', chr(92) + '|')} | {index.state} |"
        yield ""


def _failure(failure: Failure, report: Report) -> Iterator[str]:
    names = programs(report)
    asked = f" ({span(names)})" if names else ""
    named = endpoint(failure)
    yield from (f"### {span(named) if named else NO_HOST}{when_met(failure)}{asked}", "")
    if not failure.causes:
        yield from fence(excerpt(failure.text, _EVIDENCE_ROOM))
        return
    first, *rivals = failure.causes
    yield from _cause(first, report)
    for cause in rivals:
        seen = f"; {escaped(seen_by(cause.look))}" if cause.look else ""
        title = f"{escaped(cause.title)} ({span(cause.id)})"
        yield f"- also {certainty(cause.probability)}: {title}{seen}"
    yield ""
    if first.probability < SURE and report.next_command is None:
        yield from _checks(first.checks)


def _cause(cause: Cause, report: Report) -> Iterator[str]:
    yield f"**{escaped(cause.title)}** ({span(cause.id)}, {certainty(cause.probability)})"
    yield from ("", escaped(cause.explanation), "")
    for item in cause.evidence:
        yield from _evidence(item, report)
    if cause.look:
        yield from (f"And {escaped(seen_by(cause.look))}.", "")


def _evidence(item: Evidence, report: Report) -> Iterator[str]:
    sense = "for" if item.weight > 0 else "against"
    yield f"{span(place(report.source, item.line))} speaks {sense} it: {escaped(item.why)}"
    yield ""
    yield from fence(excerpt(item.text, _EVIDENCE_ROOM))


def _in_a_line(failure: Failure, report: Report) -> str:
    why = "".join(f": {escaped(c.title)} ({span(c.id)})" for c in failure.causes[:1])
    where = span(place(report.source, failure.line))
    named = endpoint(failure)
    what = span(named) if named else "a download"
    return f"- {where} {what} failed, and a retry succeeded{why}"


def _checks(checks: Iterable[Check]) -> Iterator[str]:
    for check in checks:
        yield from (f"To tell: {escaped(check.title)}", "")
        yield from fence(check.command, language(check.shell))


def _question(question: Question) -> Iterator[str]:
    yield from (f"{escaped(question.text)} {escaped(question.why)}", "")
    for command in question.commands[:1]:
        yield from fence(command.command, language(command.shell))
    for answer in likeliest(question.answers):
        then = ", ".join(
            f"{span(cause.id)} {percent(cause.probability)}" for cause in answer.causes[:2]
        )
        yield f"- {escaped(answer.text)} ({span(f'{question.id}={answer.id}')}): then {then}"
    if question.paste:
        yield "- something else: say what was printed"
    yield ""


def _remedy(number: int, remedy: Remedy) -> Iterator[str]:
    effect = _EFFECTS[remedy.verification]
    yield from (f"#### {number}. {escaped(remedy.title)} ({span(remedy.id)}){effect}", "")
    if remedy.caution:
        yield from (f"**Caution:** {escaped(remedy.caution)}", "")
    for step in remedy.steps:
        label = "" if step.shell == "any" else f"*{SHELL_NAMES.get(step.shell, step.shell)}:* "
        yield from (f"{label}{escaped(step.text)}", "")
        if step.command:
            yield from fence(step.command, language(step.shell))
    for item in needed_inputs(remedy, remedy.steps):
        yield f"- for {span(item.example)} put {escaped(item.text)}"
    yield ""


def language(shell: str) -> str:
    """Return what a code block in the language of a shell is marked with."""
    return _LANGUAGES.get(shell, shell)


def fence(text: str, language: str = "text") -> Iterator[str]:
    """Yield `text` as a code block that no run of backticks in it can end."""
    marks = "`" * max(3, _longest_run(text) + 1)
    yield from (f"{marks}{language}", *inert_lines(text), marks, "")


def span(text: str) -> str:
    """Return `text` as a code span that no run of backticks in it can end."""
    line = inert(text) or " "
    marks = "`" * (_longest_run(line) + 1)
    edge = " " if "`" in line else ""
    return f"{marks}{edge}{line}{edge}{marks}"


@lru_cache(maxsize=1024)
def escaped(text: str) -> str:
    """Return prose in which nothing is markup, and no address becomes a link by itself.

    Most of it comes from the rules, so it is the same again and again.
    """
    line = re.sub(r"([\\`*_{}\[\]<>|#~&@])", r"\\\1", inert(text))
    line = re.sub(r"(?i)\b(?:https?|ftp)(?=://)|\bwww(?=\.)", r"\g<0>\\", line)
    return re.sub(r"^(\d*)([.)+=-])", r"\1\\\2", line)


def _longest_run(text: str) -> int:
    return max(len(run) for run in re.findall("`+", text)) if "`" in text else 0
