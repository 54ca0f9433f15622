"""`pipcert-logs corpus check`: the scores of a corpus, on the screen or as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from pipcert_logs.cli.outcome import FINE, FOUND, WRONG, complain

if TYPE_CHECKING:
    from pipcert_logs.corpus_check import Scores


class CheckFormat(str, Enum):
    """How the scores are written."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True)
class Floors:
    """What must be reached; None asks for nothing."""

    first: float | None
    plainly_wrong: float | None
    controls: float | None
    hosts: float | None

    def missed(self, scores: Scores) -> list[str]:
        """Return what the scores miss, and by how much."""
        limits = (
            ("--min-first", self.first, scores.first, 1),
            ("--max-not", self.plainly_wrong, scores.plainly_wrong, -1),
            ("--min-controls", self.controls, scores.controls, 1),
            ("--min-hosts", self.hosts, scores.hosts, 1),
        )
        return [
            f"{name} {limit:g} is missed: {share.hits} of {share.total} is {share.value:.4f}"
            for name, limit, share, sign in limits
            if limit is not None and share.value is not None and sign * (share.value - limit) < 0
        ]


def check(directories: list[Path], floors: Floors, form: CheckFormat, *, only_misses: bool) -> int:
    """Explain every case, print the scores, and compare them with the floors."""
    from pipcert_logs.cli.corpus_tables import document, print_misses, print_scores
    from pipcert_logs.corpus_check import find_cases, outcomes, scores
    from pipcert_logs.knowledge.load import Rules

    rules = Rules.builtin()
    cases, errors = find_cases(directories, rules.causes)
    found = list(outcomes(cases, rules))
    if form is CheckFormat.JSON:
        print(json.dumps(document(found, rules.causes), indent=2))
    elif only_misses:
        print_misses(found)
    else:
        print_scores(found, rules.causes)
    missed = floors.missed(scores(found))
    for problem in (*errors, *missed):
        complain(problem)
    return WRONG if errors else FOUND if missed else FINE
