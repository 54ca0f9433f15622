"""The report for a chat, in Markdown: short, in three sentences and a command; and in full."""

from __future__ import annotations

from collections.abc import Iterator

from pipcert_logs.report import markdown
from pipcert_logs.report.markdown import escaped, fence, language
from pipcert_logs.report.model import Cause, Chat, Remedy, Report
from pipcert_logs.report.words import of_outcome, typed_here

_EFFECTS = {
    "keeps": "",
    "weakens": ", which weakens the verification of certificates",
    "off": ", which switches the verification of certificates off: a last resort",
}


def chat(report: Report) -> Chat:
    """Return what a bot may answer."""
    sentences = " ".join(escaped(sentence) for sentence in _sentences(report))
    return Chat("\n".join([sentences, *_command(report)]).rstrip("\n"), markdown.render(report))


def _sentences(report: Report) -> Iterator[str]:
    yield report.summary
    if quote := report.other_error:
        yield f"It failed for another reason, in line {quote.line}."
    if report.verdict == "clean" and not report.other_error:
        yield "If it failed all the same, send all that it printed, from the command on."
    if report.verdict not in ("failed", "unexplained"):
        return
    first = _first_cause(report)
    found = [item for item in first.evidence if item.weight > 0] if first else []
    if report.verdict == "failed" and found:
        yield f"That rests on line {found[0].line}: {found[0].why}."
    if report.verdict == "failed" and report.remedies:
        remedy = report.remedies[0]
        yield f"What to do: {_lowered(remedy.title)}{_EFFECTS[remedy.verification]}."
    elif report.questions:
        yield report.questions[0].text
    elif report.next_command:
        yield f"What would tell: {_lowered(report.next_command.title)}."


def _first_cause(report: Report) -> Cause | None:
    failed = of_outcome(report, "failed")
    return failed[0].causes[0] if failed and failed[0].causes else None


def _command(report: Report) -> Iterator[str]:
    """Yield the block of the one command."""
    if report.verdict == "failed" and report.remedies:
        yield from _main_step(report.remedies[0])
    elif report.verdict == "unexplained":
        runs = [question for question in report.questions[:1] if question.commands]
        for command in [*(run.commands[0] for run in runs), report.next_command][:1]:
            if command:
                yield from ("", *fence(command.command, language(command.shell)))


def _main_step(remedy: Remedy) -> Iterator[str]:
    """Yield the first command that takes what only the reader knows, else the first."""
    steps = [(step.command, step.shell) for step in typed_here(remedy.steps) if step.command]
    examples = [item.example for item in remedy.inputs]
    asking = [step for step in steps if any(example in step[0] for example in examples)]
    for command, shell in (asking or steps)[:1]:
        yield from ("", *fence(command, language(shell)))


def _lowered(title: str) -> str:
    """Return a title as it stands within a sentence; a name in capitals stays."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
