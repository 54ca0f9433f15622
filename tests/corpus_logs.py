"""The recorded logs, and what of a report must not change when a log is dressed up."""

from __future__ import annotations

from pathlib import Path

from pipcert_logs.report.model import Report

LOGS = sorted((Path(__file__).parent.parent / "corpus" / "logs").glob("*.log"))


def verdict_and_ranking(report: Report) -> object:
    """What a log says, without line numbers, quotes and probabilities."""
    return (
        report.verdict,
        sorted(
            (
                failure.endpoint.host or "",
                failure.outcome,
                [cause.id for cause in failure.causes][:1],
            )
            for failure in report.failures
        ),
        [cause.id for cause in report.causes],
        [remedy.id for remedy in report.remedies],
    )
