"""The report of a scan: causes, hosts, jobs, findings, and what to do first.

It serialises to the JSON of `pipcert-scan/1`, whose schema `pipcert-logs rules schema scan` prints.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from pipcert_logs.knowledge.model import Actor, Verification
from pipcert_logs.scan.model import Count, Trouble

Schema = Literal["pipcert-scan/1"]
SCHEMA: Schema = "pipcert-scan/1"
Trend = Literal["new", "rising", "steady", "falling", "gone", "unknown"]


class Span(Struct, frozen=True):
    """How often, and since when. Times are ISO 8601, UTC; empty where the logs have none."""

    failures: int
    logs: int
    first: str
    last: str
    trend: Trend
    days: dict[str, int]
    """Failures of each day that has any."""


class Example(Struct, frozen=True):
    """One failure that stands for all of a finding: of the latest, the one whose path is first."""

    path: str
    line: int
    text: str
    time: str


class Finding(Struct, frozen=True):
    """The same trouble, in however many logs."""

    fingerprint: str
    cause: str | None
    title: str
    probability: float
    """The highest that a log of it was given."""
    host: str | None
    port: int | None
    kind: str
    span: Span
    recovered: int
    """Failures that a retry mended; the span does not count them."""
    unexplained: int
    """Failures in logs that do not say enough to tell why."""
    jobs: int
    tools: tuple[str, ...]
    remedies: tuple[str, ...]
    example: Example


class Cause(Struct, frozen=True):
    """All findings of one cause."""

    id: str | None
    title: str
    hosts: int
    span: Span


class Host(Struct, frozen=True):
    """All findings at one host."""

    host: str | None
    port: int | None
    kind: str
    causes: tuple[str, ...]
    span: Span


class Job(Struct, frozen=True):
    """All failures of one job."""

    project: str | None
    job: str | None
    builds: int
    causes: tuple[str, ...]
    span: Span


class Remedy(Struct, frozen=True):
    """What would settle so many failures."""

    id: str
    title: str
    verification: Verification
    by: Actor
    caution: str | None
    settles: int
    """So many failures."""
    findings: tuple[str, ...]
    """Fingerprints."""
    causes: tuple[str, ...] = ()
    """Of these findings, those with most failures first."""
    hosts: tuple[str, ...] = ()
    """Where they are, with the port where it is not 443; findings that name no host have none."""


class Totals(Struct, frozen=True):
    """What was read: seen is scanned, skipped and failed together, in files and bytes."""

    seen: Count
    scanned: Count
    skipped: dict[str, Count]
    failed: Count
    logs: int
    """Logs in which something failed, and no retry mended it."""
    failures: int
    recovered: int
    first: str
    last: str


class Summary(Struct, frozen=True):
    """The report of a scan, or of a store."""

    schema: Schema
    totals: Totals
    causes: tuple[Cause, ...]
    hosts: tuple[Host, ...]
    jobs: tuple[Job, ...]
    findings: tuple[Finding, ...]
    remedies: tuple[Remedy, ...]
    troubles: tuple[Trouble, ...]
