"""The report of a scan as Markdown, for an issue or a chat; all text of logs stands in code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipcert_logs.report.inert import excerpt
from pipcert_logs.report.markdown import escaped, span
from pipcert_logs.scan.report import Finding, Span, Summary
from pipcert_logs.scan.trends import changes, week
from pipcert_logs.scan.words import (
    amount,
    cause_name,
    day,
    endpoint,
    failed,
    job_name,
    no_failure,
    seen,
    where,
)

_ROWS = 20
_EXAMPLES = 10
_ROOM = 300
_EFFECTS = {
    "keeps": "",
    "weakens": " **(weakens verification)**",
    "off": " **(switches verification OFF)**",
}


def render(summary: Summary) -> str:
    """Return the report as Markdown that ends with a line feed."""
    return "\n".join(_report(summary)) + "\n"


def _report(summary: Summary) -> Iterator[str]:
    totals = summary.totals
    yield f"## {failed(totals) if totals.failures else no_failure(totals.scanned.files)}"
    mended = amount(totals.recovered, "failure")
    yield from ("", f"{escaped(seen(totals))}; {mended} mended by a retry.")
    if summary.findings:
        yield from _changes(summary)
        yield from _table(
            "Causes", "cause", ((_code(cause_name(c.id)), c.span) for c in summary.causes)
        )
        hosts = ((_code(endpoint(h.host, h.port)), h.span) for h in summary.hosts)
        yield from _table("Hosts", "host", hosts)
        jobs = ((_code(job_name(j.project, j.job)), j.span) for j in summary.jobs)
        yield from _table("Jobs", "job", jobs)
        yield from _remedies(summary)
        yield from _examples(summary.findings)
    if summary.troubles:
        yield from ("", "### Could not be read", "")
        for trouble in summary.troubles[:_ROWS]:
            yield f"- {span(trouble.path)}: {escaped(trouble.text)}"
        yield from _left_out(len(summary.troubles) - _ROWS)


def _changes(summary: Summary) -> Iterator[str]:
    found = changes(summary)
    if not found:
        return
    yield from ("", f"### What changes: {week(summary.totals.last)}, against the week before", "")
    yield "| trend | of | cause or host | before | now | first |"
    yield "| --- | --- | --- | ---: | ---: | --- |"
    for change in found[:_ROWS]:
        name = _code(endpoint(change.name, change.port))
        counts = f"{change.before:,} | {change.now:,}"
        yield f"| {change.trend} | {change.kind} | {name} | {counts} | {day(change.first)} |"
    yield from _left_out(len(found) - _ROWS)


def _table(title: str, column: str, rows: Iterable[tuple[str, Span]]) -> Iterator[str]:
    rows = list(rows)
    yield from ("", f"### {title}", "", f"| {column} | failures | first | last | trend |")
    yield "| --- | ---: | --- | --- | --- |"
    for name, of in rows[:_ROWS]:
        trend = "" if of.trend == "unknown" else of.trend
        yield f"| {name} | {of.failures:,} | {day(of.first)} | {day(of.last)} | {trend} |"
    yield from _left_out(len(rows) - _ROWS)


def _left_out(number: int) -> Iterator[str]:
    if number > 0:
        yield from ("", f"and {number:,} more")


def _code(text: str) -> str:
    """Return a code span for a table, whose cells a bar would end."""
    return span(text).replace("|", "\\|")


def _remedies(summary: Summary) -> Iterator[str]:
    yield from ("", "### What to fix first", "")
    for number, remedy in enumerate(summary.remedies[:_ROWS], 1):
        effect = _EFFECTS[remedy.verification]
        settles = amount(remedy.settles, "failure")
        yield f"{number}. {escaped(remedy.title)}{effect}: settles {settles} ({span(remedy.id)})"
        yield f"   {escaped(where(remedy))}"
    yield from _left_out(len(summary.remedies) - _ROWS)


def _examples(findings: Iterable[Finding]) -> Iterator[str]:
    yield from ("", "### One log of each", "")
    found = list(findings)
    for finding in found[:_EXAMPLES]:
        at = span(endpoint(finding.host, finding.port))
        times = amount(finding.span.failures or finding.recovered, "time")
        place = span(f"{finding.example.path}:{finding.example.line}")
        yield f"- **{escaped(finding.title)}** at {at}, {times}: {place}"
        yield f"  {span(excerpt(finding.example.text, _ROOM))}"
    yield from _left_out(len(found) - _EXAMPLES)
