"""The recorded logs, and what of a report must not change when a log is dressed up."""

from __future__ import annotations

import re
from pathlib import Path

from pipcert_logs.report.model import Report

LOGS = sorted((Path(__file__).parent.parent / "corpus" / "logs").glob("*.log"))


def wordings() -> list[Path]:
    """Return one log of each wording: many versions say the same but for numbers and names."""
    found: dict[str, Path] = {}
    for path in LOGS:
        words = re.sub(
            r"0x[0-9a-f]+|\d+|(?<=[/-])[a-z0-9_]{8}(?=[/ .])", "0", path.read_text("utf-8")
        )
        found.setdefault(words, path)
    return list(found.values())


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
