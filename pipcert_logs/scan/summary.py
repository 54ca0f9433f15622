"""From a store to a summary: counting, first and last, trends, and what to do first."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator

from pipcert_logs.knowledge.load import Rules
from pipcert_logs.scan.model import Count, Trouble
from pipcert_logs.scan.report import (
    SCHEMA,
    Cause,
    Example,
    Finding,
    Host,
    Job,
    Remedy,
    Span,
    Summary,
    Totals,
)
from pipcert_logs.scan.trends import trend
from pipcert_logs.scan.words import cause_name, endpoint

_UNEXPLAINED = "The logs do not say why"
_WORST_LAST = {"keeps": 0, "weakens": 1, "off": 2}

# All that is asked of a store is asked of these: what one scan saw, or all.
_VIEWS = (
    "DROP VIEW IF EXISTS temp.seen_inputs",
    "DROP VIEW IF EXISTS temp.seen",
    "CREATE TEMP VIEW seen_inputs AS SELECT * FROM main.inputs WHERE {which}",
    """CREATE TEMP VIEW seen AS
SELECT failures.*, nullif(failures.time, '') AS at, substr(failures.time, 1, 10) AS day,
       logs.path, logs.project, logs.job, logs.build, logs.verdict,
       findings.fingerprint, findings.cause, findings.host, findings.port, findings.kind,
       CASE WHEN findings.host IS NOT NULL THEN coalesce(findings.port, 443) END AS port_in_use
FROM seen_inputs
JOIN main.logs ON logs.input = seen_inputs.id
JOIN main.failures ON failures.log = logs.id
JOIN main.findings ON findings.id = failures.finding""",
)


def summarise(connection: sqlite3.Connection, rules: Rules, *, scan: int | None = None) -> Summary:
    """Sum up what a scan saw, or with None all that a store holds.

    Args:
        connection: of the store that did the scan, which alone knows what it saw.
        rules: what causes and remedies are called.
        scan: its number.

    Raises:
        sqlite3.Error: the store cannot be read.
    """
    which = "1" if scan is None else "key IN (SELECT key FROM temp.sighted)"
    for view in _VIEWS:
        connection.execute(view.format(which=which))
    return _Summing(connection, rules, scan).summary()


class _Summing:
    """The questions to a store, one after the other."""

    def __init__(self, connection: sqlite3.Connection, rules: Rules, scan: int | None) -> None:
        self._ask = connection.execute
        self._rules = rules
        self._scan = scan
        ((first, last),) = self._ask("SELECT min(at), max(at) FROM seen WHERE outcome = 'failed'")
        self._first, self._last = first or "", last or ""

    def summary(self) -> Summary:
        findings = sorted(
            self._findings(), key=lambda f: (-f.span.failures, -f.recovered, f.fingerprint)
        )
        return Summary(
            schema=SCHEMA,
            totals=self._totals(),
            causes=tuple(self._causes()),
            hosts=tuple(self._hosts()),
            jobs=tuple(self._jobs()),
            findings=tuple(findings),
            remedies=tuple(self._remedies(findings)),
            troubles=tuple(self._troubles()),
        )

    def _totals(self) -> Totals:
        ((files, size, broken, lost),) = self._ask(
            "SELECT total(scanned_files), total(scanned_bytes), total(failed_files),"
            " total(failed_bytes) FROM seen_inputs"
        )
        skipped = {
            reason: Count(int(n), int(b))
            for reason, n, b in self._ask(
                "SELECT reason, sum(files), sum(bytes) FROM skipped"
                " WHERE input IN (SELECT id FROM seen_inputs) GROUP BY reason ORDER BY reason"
            )
        }
        unopened = sum(1 for _ in self._unopened())
        scanned, failed = Count(int(files), int(size)), Count(int(broken) + unopened, int(lost))
        parts = [scanned, failed, *skipped.values()]
        ((logs, failures),) = self._ask(
            "SELECT count(DISTINCT log), count(*) FROM seen WHERE outcome = 'failed'"
        )
        ((recovered,),) = self._ask("SELECT count(*) FROM seen WHERE outcome = 'recovered'")
        return Totals(
            seen=Count(sum(part.files for part in parts), sum(part.bytes for part in parts)),
            scanned=scanned,
            skipped=skipped,
            failed=failed,
            logs=logs,
            failures=failures,
            recovered=recovered,
            first=self._first,
            last=self._last,
        )

    def _spans(self, *columns: str) -> dict[tuple[object, ...], Span]:
        """Return the spans of all groups of failures, the greatest first."""
        keys = ", ".join(columns)
        days: dict[tuple[object, ...], dict[str, int]] = defaultdict(dict)
        for *key, day, count in self._ask(
            f"SELECT {keys}, day, count(*) FROM seen WHERE outcome = 'failed' AND day != ''"
            f" GROUP BY {keys}, day ORDER BY day"
        ):
            days[tuple(key)][day] = count
        rows = self._ask(
            f"SELECT {keys}, count(*) AS n, count(DISTINCT log), min(at), max(at) FROM seen"
            f" WHERE outcome = 'failed' GROUP BY {keys} ORDER BY n DESC, {keys}"
        )
        return {
            tuple(key): Span(
                failures=n,
                logs=logs,
                first=first or "",
                last=last or "",
                trend=trend(days[tuple(key)], self._first, self._last),
                days=days[tuple(key)],
            )
            for *key, n, logs, first, last in rows
        }

    def _groups(self, column: str, *keys: str) -> dict[tuple[object, ...], tuple[str, ...]]:
        """Return what a column holds in each group, the commonest first."""
        names = ", ".join(keys)
        found: dict[tuple[object, ...], list[str]] = defaultdict(list)
        for *key, value in self._ask(
            f"SELECT {names}, {column} FROM seen WHERE outcome = 'failed' AND {column} IS NOT NULL"
            f" GROUP BY {names}, {column} ORDER BY count(*) DESC, {column}"
        ):
            found[tuple(key)].append(value)
        return {key: tuple(values) for key, values in found.items()}

    def _causes(self) -> Iterator[Cause]:
        hosts = self._groups("host", "cause")
        for (cause,), span in self._spans("cause").items():
            yield Cause(_text(cause), self._title(cause), len(hosts.get((cause,), ())), span)

    def _hosts(self) -> Iterator[Host]:
        causes = self._groups("cause", "host", "port_in_use")
        kinds = self._groups("kind", "host", "port_in_use")
        for key, span in self._spans("host", "port_in_use").items():
            host, port = key
            yield Host(_text(host), _number(port), kinds[key][0], causes.get(key, ()), span)

    def _jobs(self) -> Iterator[Job]:
        causes = self._groups("cause", "project", "job")
        builds = self._groups("build", "project", "job")
        for key, span in self._spans("project", "job").items():
            project, job = key
            yield Job(
                _text(project), _text(job), len(builds.get(key, ())), causes.get(key, ()), span
            )

    def _findings(self) -> Iterator[Finding]:
        spans = self._spans("finding")
        tools = self._groups("tool", "finding")
        rows = self._ask(
            "SELECT finding, fingerprint, cause, host, port, kind, max(probability),"
            " sum(outcome = 'recovered'), sum(outcome = 'failed' AND verdict = 'unexplained'),"
            " count(DISTINCT coalesce(project, '') || char(10) || coalesce(job, ''))"
            " FROM seen GROUP BY finding"
        ).fetchall()
        for finding, fingerprint, cause, host, port, kind, sure, mended, unclear, jobs in rows:
            example, remedies = self._example(finding)
            yield Finding(
                fingerprint=fingerprint,
                cause=cause,
                title=self._title(cause),
                probability=sure,
                host=host,
                port=port,
                kind=kind,
                span=spans.get((finding,), Span(0, 0, "", "", "unknown", {})),
                recovered=mended,
                unexplained=unclear,
                jobs=jobs,
                tools=tools.get((finding,), ()),
                remedies=remedies,
                example=example,
            )

    def _example(self, finding: int) -> tuple[Example, tuple[str, ...]]:
        row = self._ask(
            "SELECT path, line, text, time, remedies FROM seen WHERE finding = ?"
            " ORDER BY outcome, probability DESC, time DESC, path, line LIMIT 1",
            (finding,),
        ).fetchone()
        return Example(*row[:4]), tuple(json.loads(row[4]))

    def _remedies(self, findings: Iterable[Finding]) -> list[Remedy]:
        """Rank the first remedies of findings by how many failures they would settle."""
        settled: dict[str, list[Finding]] = defaultdict(list)
        for finding in findings:
            first = next((name for name in finding.remedies if name in self._rules.remedies), None)
            if first and finding.span.failures:
                settled[first].append(finding)
        remedies = [self._remedy(name, of) for name, of in settled.items()]
        return sorted(remedies, key=lambda r: (_WORST_LAST[r.verification], -r.settles, r.id))

    def _remedy(self, name: str, of: list[Finding]) -> Remedy:
        rule = self._rules.remedies[name]
        return Remedy(
            id=name,
            title=rule.title,
            verification=rule.verification,
            by=rule.by,
            caution=rule.caution,
            settles=sum(finding.span.failures for finding in of),
            findings=tuple(finding.fingerprint for finding in of),
            causes=tuple(dict.fromkeys(cause_name(finding.cause) for finding in of)),
            hosts=tuple(dict.fromkeys(endpoint(f.host, f.port) for f in of if f.host)),
        )

    def _troubles(self) -> Iterator[Trouble]:
        rows = self._ask(
            "SELECT path, text FROM troubles WHERE input IN (SELECT id FROM seen_inputs)"
        ).fetchall()
        yield from (Trouble(*row) for row in sorted([*rows, *self._unopened()]))

    def _unopened(self) -> Iterator[tuple[str, str]]:
        yield from self._ask(
            "SELECT path, text FROM troubles WHERE input IS NULL AND scan = ?", (self._scan,)
        )

    def _title(self, cause: object) -> str:
        rule = self._rules.causes.get(str(cause))
        return rule.title if rule else _UNEXPLAINED


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
