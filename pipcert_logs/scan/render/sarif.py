"""The report of a scan as SARIF 2.1.0, for whatever shows results of analyses.

A result is a finding, not a failure: whoever shows SARIF tells results of two runs apart by their
fingerprints, and a thousand builds that fail alike are one thing to mend.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import IO, Any
from urllib.parse import quote

from pipcert_logs import __version__
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.knowledge.model import Cause
from pipcert_logs.report.inert import inert, inert_json
from pipcert_logs.scan.report import Finding, Summary
from pipcert_logs.scan.words import amount, cause_name, endpoint

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_UNEXPLAINED = {
    "id": cause_name(None),
    "name": cause_name(None),
    "shortDescription": {"text": "The log does not say why"},
}
_BRACKETS = re.compile(r"[\\\[\]]")  # what SARIF takes for a link
_DRIVE = re.compile(r"[A-Za-z]:/")
_SAFE = "/!@()+,="


def write_sarif(summary: Summary, rules: Rules, out: IO[str]) -> None:
    """Write the findings as one run."""
    causes = [rules.causes[name] for name in sorted(_named(summary.findings) & set(rules.causes))]
    run = {
        "tool": {
            "driver": {
                "name": "pipcert-logs",
                "semanticVersion": __version__,
                "rules": [*map(_rule, causes), _UNEXPLAINED],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding) for finding in summary.findings],
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    out.write(inert_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n")


def _named(findings: Iterable[Finding]) -> set[str]:
    return {finding.cause for finding in findings if finding.cause}


def _rule(cause: Cause) -> dict[str, Any]:
    return {
        "id": cause.id,
        "name": cause.id,
        "shortDescription": {"text": cause.title},
        "fullDescription": {"text": cause.explanation.strip()},
        "properties": {"tags": [cause.family]},
    }


def _result(finding: Finding) -> dict[str, Any]:
    times = finding.span.failures or finding.recovered
    mended = "" if finding.span.failures else ", mended by retries"
    at = endpoint(finding.host, finding.port)
    text = f"{finding.title} at {at}, {amount(times, 'time')}{mended}: {finding.example.text}"
    return {
        "ruleId": finding.cause or _UNEXPLAINED["id"],
        "level": "error" if finding.span.failures else "note",
        "message": {"text": _message(text)},
        "partialFingerprints": {"pipcertFinding/v1": finding.fingerprint},
        "occurrenceCount": max(times, 1),
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(finding.example.path)},
                    "region": {"startLine": finding.example.line},
                }
            }
        ],
        "properties": {
            "host": finding.host,
            "port": finding.port,
            "first": finding.span.first,
            "last": finding.span.last,
            "trend": finding.span.trend,
            "remedies": list(finding.remedies),
        },
    }


def _message(text: str) -> str:
    """Return text in which SARIF sees neither links nor placeholders."""
    return _BRACKETS.sub(r"\\\g<0>", inert(text)).replace("{", "{{").replace("}", "}}")


def _uri(path: str) -> str:
    if "://" in path:
        return quote(path, safe=f"{_SAFE}:?&%")
    path = path.replace("\\", "/")
    if drive := _DRIVE.match(path):
        return f"file:///{drive[0]}{quote(path[drive.end() :], safe=_SAFE)}"
    if path.startswith("/"):
        return f"file://{quote(path, safe=_SAFE)}"
    return quote(path, safe=_SAFE)
