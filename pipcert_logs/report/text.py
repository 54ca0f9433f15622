"""The report for people, as rich's lines of styled text."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from rich.text import Text

from pipcert_logs.report.inert import excerpt, first_sentences, inert
from pipcert_logs.report.model import Cause, Check, Evidence, Failure, Remedy, Report, Step
from pipcert_logs.report.paper import Paper
from pipcert_logs.report.words import (
    NO_HOST,
    SHELL_NAMES,
    SURE,
    address,
    certainty,
    endpoint,
    folded,
    likeliest,
    needed_inputs,
    of_outcome,
    place,
    programs,
    seen_by,
    typed_here,
    when_met,
)

_EVIDENCE_ROOM = 230
_EXPLANATION_ROOM = 330
_EVIDENCE_SHOWN = 3
_REFUTES = -4.0
_CHECKS_SHOWN = 2
_RIVALS_SHOWN = 3
_FAILURES_IN_FULL = 4
_FAILURES_IN_LINES = 30
_REMEDIES_IN_FULL = 2
_REMEDIES_NAMED = 9
_EFFECTS = {
    "keeps": ("", ""),
    "weakens": ("  weakens verification", "bold yellow"),
    "off": ("  switches verification OFF", "bold red"),
}


def lines(report: Report, width: int) -> list[Text]:
    """Return the lines of the report, `width` cells wide but for commands.

    Text of the log is never read as markup, and nothing in it moves a cursor.
    """
    page = _Page(report, width)
    page.verdict()
    page.failures()
    page.recovered()
    page.next_command()
    page.question()
    page.remedies()
    page.probe()
    return page.lines


class _Page:
    """A report as it is written."""

    def __init__(self, report: Report, width: int) -> None:
        self._report = report
        self._paper = Paper(width)
        self._explained: set[str] = set()

    @property
    def lines(self) -> list[Text]:
        """What was written so far."""
        return self._paper.lines

    def probe(self) -> None:
        """Write what a look at the host found, in lines that can be pasted."""
        if self._report.probe:
            self._paper.heading("What was looked at")
            self._paper.command("\n".join(self._report.probe), indent=0)

    def verdict(self) -> None:
        """Write the sentence that says it all, the program's other error, and the indexes."""
        name = "" if self._report.source == "-" else f"{inert(self._report.source)}: "
        self._paper.line(name, (self._report.summary, "bold"))
        if self._report.looked_as:
            self._paper.line((f"Looked as {inert(self._report.looked_as)}", "dim"))
        if quote := self._report.other_error:
            self._paper.line("It failed for another reason:", indent=2)
            self._quote(quote.line, quote.text, indent=4)
        if self._report.verdict != "clean" and len(self._report.indexes) > 1:
            self._indexes()

    def _indexes(self) -> None:
        self._paper.heading("Indexes")
        width = max(len(address(index)) for index in self._report.indexes)
        for index in self._report.indexes:
            self._paper.line(f"{address(index):{width}}  {index.state}", indent=2)

    def failures(self) -> None:
        """Write each failure with its first cause; of many, the later ones in a line each."""
        failed = of_outcome(self._report, "failed")
        for failure in failed[:_FAILURES_IN_FULL]:
            self._failure(failure)
        if failed[_FAILURES_IN_FULL:]:
            self._paper.heading("Further failures")
        self._in_lines(failed[_FAILURES_IN_FULL:])

    def _failure(self, failure: Failure) -> None:
        program = programs(self._report)
        self._paper.blank()
        asked = f"  ({program})" if program else ""
        self._paper.line((endpoint(failure) or NO_HOST, "bold red"), when_met(failure), asked)
        if not failure.causes:
            self._quote(failure.line, failure.text, indent=2)
            return
        first, *rivals = failure.causes
        self._cause(first)
        self._rivals(rivals)
        if first.probability < SURE and self._report.next_command is None:
            self._checks(first.checks)

    def _cause(self, cause: Cause) -> None:
        likely = f"{certainty(cause.probability)}: "
        self._paper.line(likely, (inert(cause.title), "bold"), f"  [{cause.id}]", indent=2)
        self._evidence(cause.evidence)
        self._look(cause, indent=4)
        if cause.id not in self._explained:
            self._explained.add(cause.id)
            self._paper.blank()
            self._paper.line(first_sentences(cause.explanation, _EXPLANATION_ROOM), indent=2)
            self._paper.line((f"more: pipcert-logs causes {cause.id}", "dim"), indent=2)

    def _evidence(self, evidence: Iterable[Evidence]) -> None:
        """Write what speaks for a cause, or refutes it, each place of the log once."""
        items = list(evidence)
        found = [item for item in items if item.weight > 0][:_EVIDENCE_SHOWN]
        found += [item for item in items if item.weight <= _REFUTES][:1]
        found.sort(key=lambda item: (item.line, item.end_line))
        for _, same_place in groupby(found, key=lambda item: (item.line, item.end_line, item.text)):
            same = list(same_place)
            self._quote(same[0].line, same[0].text, indent=4)
            for item in same:
                sense = "" if item.weight > 0 else "against it: "
                self._paper.line((f"-> {sense}{inert(item.why)}", "dim"), indent=6, hang=3)

    def _rivals(self, rivals: list[Cause]) -> None:
        if not rivals:
            return
        self._paper.heading("Also possible", indent=2)
        for cause in rivals[:_RIVALS_SHOWN]:
            percent = f"{round(cause.probability * 100):3} %  "
            self._paper.line(percent, inert(cause.title), f"  [{cause.id}]", indent=4, hang=7)
            self._look(cause, indent=11)

    def _look(self, cause: Cause, *, indent: int) -> None:
        if cause.look:
            self._paper.line((seen_by(cause.look), "dim"), indent=indent)

    def _checks(self, checks: Iterable[Check]) -> None:
        shown = typed_here(checks)[:_CHECKS_SHOWN]
        if shown:
            self._paper.heading("To be sure", indent=2)
        for check in shown:
            shell = "" if check.shell in ("any", "posix") else f" ({SHELL_NAMES[check.shell]})"
            self._paper.line(inert(check.title) + shell, indent=4)
            self._paper.command(check.command, indent=6)

    def recovered(self) -> None:
        """Write what failed and then succeeded, a line each."""
        self._in_lines(of_outcome(self._report, "recovered"))

    def _in_lines(self, failures: list[Failure]) -> None:
        for failure in failures[:_FAILURES_IN_LINES]:
            self._in_a_line(failure)
        if more := len(failures[_FAILURES_IN_LINES:]):
            self._paper.line((f"and {more} more: --format json", "dim"), indent=2)

    def _in_a_line(self, failure: Failure) -> None:
        why = "".join(f", {cause.title}  [{cause.id}]" for cause in failure.causes[:1])
        what = f"{endpoint(failure) or NO_HOST}: {failure.outcome}"
        where = f"{place(self._report.source, failure.line)}  "
        self._paper.line((where, "cyan"), what, inert(why), indent=2, hang=2)

    def next_command(self) -> None:
        """Write the command whose output would say what this log does not."""
        if check := self._report.next_command:
            self._paper.heading("Run this next, and give its output to pipcert-explain")
            self._paper.line(inert(check.title), indent=2)
            self._paper.command(check.command, indent=4)

    def question(self) -> None:
        """Write the question whose answer would tell most, and how to give it."""
        for question in self._report.questions[:1]:
            self._paper.heading("The question that would tell most")
            self._paper.line(inert(question.text), indent=2)
            for command in typed_here(question.commands)[:1]:
                self._paper.command(command.command, indent=4)
            for answer in likeliest(question.answers):
                said = f"--context {question.id}={answer.id}"
                then = "".join(f", then {cause.id}" for cause in answer.causes[:1])
                self._paper.line((said, "cyan"), f"  {inert(answer.text)}{then}", indent=4)
            if question.paste:
                said = f"--context {question.id}=@FILE"
                self._paper.line((said, "cyan"), "  what was printed, in a file", indent=4)

    def remedies(self) -> None:
        """Write the first remedies with their steps, and name others."""
        remedies = self._report.remedies
        in_full = 0 if self._report.verdict == "unexplained" else _REMEDIES_IN_FULL
        if remedies:
            self._paper.heading("What to do" if in_full else "What may help")
        for number, remedy in enumerate(remedies[:_REMEDIES_NAMED], 1):
            self._remedy_title(number, remedy)
            if number <= in_full:
                self._remedy(remedy)
        if len(remedies) > in_full:
            more = len(remedies) - _REMEDIES_NAMED
            others = f"and {more} more, " if more > 0 else ""
            self._paper.line((f"{others}with all their steps: --format markdown", "dim"), indent=2)

    def _remedy_title(self, number: int, remedy: Remedy) -> None:
        title = (f"{inert(remedy.title)}", "bold")
        effect = _EFFECTS[remedy.verification]
        self._paper.line(f"{number}. ", title, f"  [{remedy.id}]", effect, indent=2, hang=3)
        if remedy.caution:
            self._paper.line((f"Caution: {inert(remedy.caution)}", "bold yellow"), indent=5)

    def _remedy(self, remedy: Remedy) -> None:
        shown = typed_here(remedy.steps)
        for step in shown:
            self._step(step)
        for item in needed_inputs(remedy, shown):
            self._paper.line(f"for {inert(item.example)} put {inert(item.text)}", indent=5, hang=2)
        if others := folded(remedy.steps, shown):
            where = f"also for {', '.join(others)}: --format markdown, or --shell for a shell"
            self._paper.line((where, "dim"), indent=5)
        self._paper.blank()

    def _step(self, step: Step) -> None:
        self._paper.line("- ", inert(step.text), indent=5, hang=2)
        if step.command:
            self._paper.command(step.command, indent=9)

    def _quote(self, line: int, text: str, *, indent: int) -> None:
        """Write a line of the log, and where it stands."""
        where = f"{place(self._report.source, line)}  "
        self._paper.line((where, "cyan"), excerpt(text, _EVIDENCE_ROOM), indent=indent, hang=2)
