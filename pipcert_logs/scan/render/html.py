"""The report of a scan as one HTML file, to open offline; `page/` has its template and assets.

All text of logs goes through the template's escaping, or as JSON into a script's text nodes. The
page's policy lets nothing run or be loaded but its own style and script, by their digests.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Sequence
from importlib.resources import files
from typing import IO, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipcert_logs import __version__
from pipcert_logs.report.inert import excerpt, inert
from pipcert_logs.scan.render.charts import Chart, chart
from pipcert_logs.scan.report import Summary
from pipcert_logs.scan.trends import changes, week, week_before
from pipcert_logs.scan.words import (
    amount,
    cause_name,
    day,
    endpoint,
    failed,
    job_name,
    no_failure,
    size,
    where,
)

LINES = 10_000
"""So many failures are in the file, the latest of each finding before the second latest of any."""
ROWS = 500
"""So many rows of a table are."""
_FIRST_REMEDIES = 5
_ROOM = 400
_WHO = {
    "reader": "whoever runs the builds",
    "server-owner": "whoever runs the server",
    "network-team": "whoever runs the network",
}
_LATEST = """
SELECT path, line, text, time, fingerprint, project, job, outcome FROM (
    SELECT *, row_number() OVER (PARTITION BY finding ORDER BY time DESC, path, line) AS place
    FROM seen
) ORDER BY place, fingerprint LIMIT ?
"""


def write_html(summary: Summary, connection: sqlite3.Connection, out: IO[str]) -> None:
    """Write the report of a scan as one HTML file."""
    environment = Environment(
        loader=PackageLoader("pipcert_logs.scan.render", "page"),
        autoescape=True,
        finalize=_inert,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        amount=amount,
        day=day,
        size=size,
        no_failure=no_failure,
        cause_name=cause_name,
        failed=failed,
        where=where,
        excerpt=lambda text: excerpt(text, _ROOM),
    )
    style, script = _asset("page.css"), _asset("page.js")
    charts = _charts(summary)
    page = environment.get_template("page.html").stream(
        summary=summary,
        charts=charts,
        changes=changes(summary),
        week=week,
        week_before=week_before,
        endpoint=endpoint,
        job_name=job_name,
        who=_WHO,
        rows=ROWS,
        first_remedies=_FIRST_REMEDIES,
        style=Markup(style),
        script=Markup(script),
        style_digest=_digest(style),
        script_digest=_digest(script),
        data=_embedded(_data(summary, connection, charts)),
        version=__version__,
    )
    page.enable_buffering(64)
    out.writelines(page)


def _charts(summary: Summary) -> list[Chart]:
    causes = chart("cause", [(cause_name(cause.id), cause.span) for cause in summary.causes])
    hosts = chart("host", [(endpoint(host.host, host.port), host.span) for host in summary.hosts])
    return [drawn for drawn in (causes, hosts) if drawn]


def _data(summary: Summary, connection: sqlite3.Connection, charts: Sequence[Chart]) -> Any:
    """Return what the script needs: the failures, and what they have in common."""
    numbers = {finding.fingerprint: at for at, finding in enumerate(summary.findings)}
    lines = [
        (
            inert(path),
            line,
            excerpt(text, _ROOM),
            time,
            numbers[fingerprint],
            inert(job_name(project, job)),
            outcome == "recovered",
        )
        for path, line, text, time, fingerprint, project, job, outcome in connection.execute(
            _LATEST, (LINES,)
        )
    ]
    lines.sort(key=lambda line: (line[3], line[0], line[1]), reverse=True)
    return {
        "lines": lines,
        "findings": [
            (
                finding.fingerprint,
                cause_name(finding.cause),
                inert(endpoint(finding.host, finding.port)),
            )
            for finding in summary.findings
        ],
        "series": {drawn.name: [inert(series.name) for series in drawn.series] for drawn in charts},
    }


def _embedded(data: Any) -> Markup:
    """Return JSON that no HTML parser takes for the end of a script."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _inert(value: object) -> object:
    """Make any text that the template shows harmless; markup is the template's own."""
    return inert(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _asset(name: str) -> str:
    return files("pipcert_logs.scan.render").joinpath("page", name).read_text("utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
