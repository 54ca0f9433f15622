"""The report of a scan for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipcert_logs.report.inert import excerpt, inert
from pipcert_logs.scan.report import Finding, Span, Summary, Totals, Trend
from pipcert_logs.scan.trends import changes, week
from pipcert_logs.scan.words import (
    amount,
    cause_name,
    day,
    endpoint,
    failed,
    job_name,
    no_failure,
    others,
    seen,
    where,
)

_ROWS = {True: 12, False: 50}
"""So many rows of a table are read on a terminal, and elsewhere."""
_EXAMPLES = 12
_REMEDIES = 10
_COLUMNS = "failures", "first", "last", "trend"
_TRENDS: dict[Trend, str] = {
    "new": "new",
    "rising": "↑ rising",
    "steady": "steady",
    "falling": "↓ falling",
    "gone": "gone",
    "unknown": "",
}
_EFFECT = {"weakens": " (weakens verification)", "off": " (switches verification OFF)"}
_TROUBLES = 20


def render(summary: Summary, *, terminal: bool) -> RenderableType:
    """Return the report, with as many rows as one reads."""
    rows = _ROWS[terminal]
    parts: list[RenderableType] = [*_totals(summary.totals)]
    if summary.findings:
        parts += [*_changes(summary, rows), *_causes(summary, rows)]
        parts += [*_hosts(summary, rows), *_jobs(summary, rows)]
        parts += [*_findings(summary.findings[:_EXAMPLES]), *_remedies(summary)]
    parts += _troubles(summary)
    return Group(*parts)


def _totals(totals: Totals) -> Iterable[RenderableType]:
    yield Text(
        failed(totals) if totals.failures else no_failure(totals.scanned.files), style="bold"
    )
    if totals.recovered:
        yield Text(f"{amount(totals.recovered, 'failure')} more that a retry mended")
    yield Text(seen(totals))


def _table(title: str, *columns: str, numbers: int) -> Table:
    """A table whose columns after the first `numbers` ones hold numbers and dates."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place < numbers else "right", overflow="fold")
    return table


def _span(span: Span) -> tuple[str, ...]:
    return str(span.failures), day(span.first), day(span.last), _TRENDS[span.trend]


def _some(causes: Sequence[str]) -> str:
    """Return the commonest cause, and how many more there are."""
    return causes[0] + others(len(causes) - 1) if causes else ""


def _more(left_out: int) -> Iterable[RenderableType]:
    if left_out > 0:
        yield Text(f"and {left_out:,} more (--format json has all)", style="dim")


def _changes(summary: Summary, rows: int) -> Iterable[RenderableType]:
    found = changes(summary)
    if not found:
        return
    title = f"\nWhat changes: {week(summary.totals.last)}, against the week before"
    table = _table(title, "trend", "of", "cause or host", "before", "now", "first", numbers=3)
    for change in found[:rows]:
        name = inert(endpoint(change.name, change.port))
        counts = str(change.before), str(change.now)
        table.add_row(_TRENDS[change.trend], change.kind, name, *counts, day(change.first))
    yield table
    yield from _more(len(found) - rows)


def _causes(summary: Summary, rows: int) -> Iterable[RenderableType]:
    table = _table("\nCauses", "cause", *_COLUMNS, "hosts", numbers=1)
    for cause in summary.causes[:rows]:
        table.add_row(cause_name(cause.id), *_span(cause.span), str(cause.hosts))
    yield table
    yield from _more(len(summary.causes) - rows)


def _hosts(summary: Summary, rows: int) -> Iterable[RenderableType]:
    table = _table("\nHosts", "host", *_COLUMNS, numbers=1)
    table.add_column("causes", overflow="fold")
    for host in summary.hosts[:rows]:
        name = endpoint(host.host, host.port)
        table.add_row(inert(name), *_span(host.span), _some(host.causes))
    yield table
    yield from _more(len(summary.hosts) - rows)


def _jobs(summary: Summary, rows: int) -> Iterable[RenderableType]:
    table = _table("\nJobs", "job", *_COLUMNS, numbers=1)
    table.add_column("causes", overflow="fold")
    for job in summary.jobs[:rows]:
        name = job_name(job.project, job.job)
        table.add_row(inert(name), *_span(job.span), _some(job.causes))
    yield table
    yield from _more(len(summary.jobs) - rows)


def _findings(findings: Iterable[Finding]) -> Iterable[RenderableType]:
    yield Text("\nOne log of each", style="bold")
    for finding in findings:
        at = endpoint(finding.host, finding.port)
        times = amount(finding.span.failures or finding.recovered, "time")
        mended = "" if finding.span.failures else ", mended by retries"
        yield Text.assemble(
            (cause_name(finding.cause), "bold"), f" at {inert(at)}, {times}{mended}"
        )
        yield Text(f"  {inert(finding.example.path)}:{finding.example.line}", style="cyan")
        yield Text(f"  {excerpt(finding.example.text, 160)}", style="dim")


def _remedies(summary: Summary) -> Iterable[RenderableType]:
    if not summary.remedies:
        return
    yield Text("\nWhat to fix first", style="bold")
    for number, remedy in enumerate(summary.remedies[:_REMEDIES], 1):
        effect = _EFFECT.get(remedy.verification, "")
        settles = f"settles {amount(remedy.settles, 'failure')}"
        yield Text(f"{number}. {remedy.title}{effect}: {settles} ({remedy.id})")
        yield Text(f"   {inert(where(remedy))}", style="dim")
    yield from _more(len(summary.remedies) - _REMEDIES)
    yield Text("   The steps: pipcert-logs causes REMEDY", style="dim")


def _troubles(summary: Summary) -> Iterable[RenderableType]:
    if not summary.troubles:
        return
    yield Text("\nCould not be read", style="bold")
    for trouble in summary.troubles[:_TROUBLES]:
        yield Text(f"  {inert(trouble.path)}: {inert(trouble.text)}")
    if len(summary.troubles) > _TROUBLES:
        yield Text(f"  and {len(summary.troubles) - _TROUBLES} more (--format json has all)")
