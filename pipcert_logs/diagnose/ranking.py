"""From a failure to its causes: evidence adds up in log-odds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pipcert_logs.diagnose.conditions import Situation
from pipcert_logs.diagnose.failure import Failure
from pipcert_logs.knowledge.model import Cause, Evidence
from pipcert_logs.match.hit import Hit


class Finding(NamedTuple):
    """A piece of evidence that counts here, and the place in the log that gives it."""

    evidence: Evidence
    hit: Hit

    @property
    def refutes_by_look(self) -> bool:
        """Whether it is a look at the host that speaks against the cause."""
        return self.hit.signal.probed and self.evidence.weight < 0


class Ranked(NamedTuple):
    """A cause with its probability and what speaks for and against it."""

    cause: Cause
    probability: float
    findings: tuple[Finding, ...]
    passed_over: tuple[Finding, ...] = ()
    """What a look that found nothing wrong has against what the log states."""


class Case(NamedTuple):
    """A failure with its situation and its ranked causes."""

    failure: Failure
    situation: Situation
    causes: tuple[Ranked, ...]


def causes_by_signal(causes: Iterable[Cause]) -> dict[str, tuple[Cause, ...]]:
    """Return for each signal the causes that it speaks for."""
    found: dict[str, dict[str, Cause]] = {}
    for cause in causes:
        for evidence in cause.evidence:
            for signal in evidence.signal if evidence.weight > 0 else ():
                found.setdefault(signal, {})[cause.id] = cause
    return {signal: tuple(of.values()) for signal, of in found.items()}


def rank(
    failure: Failure,
    situation: Situation,
    context: Mapping[str, Hit],
    causes: Mapping[str, tuple[Cause, ...]],
) -> list[Ranked]:
    """Rank the causes that something speaks for, best first.

    A cause's odds are those of its prior and all that counts for and against it, each piece of
    evidence once, however often the log repeats it. That none of them is it has odds of one, so the
    probabilities add up to less than 1. What the log states outlives a look that finds nothing
    wrong: that may have been from another machine, or at another time.

    Args:
        failure: what failed.
        situation: what conditions are asked of.
        context: the first places of what counts for all failures of the log.
        causes: as `causes_by_signal` has them.
    """
    here = heard(failure, context)
    scored = []
    spoken_for = {cause.id: cause for signal in here for cause in causes.get(signal, ())}
    for _, cause in sorted(spoken_for.items()):
        findings, passed_over = findings_of(cause, here, failure, situation)
        if any(finding.evidence.weight > 0 for finding in findings):
            score = cause.prior + sum(finding.evidence.weight for finding in findings)
            scored.append((score, cause, findings, passed_over))
    total = 1.0 + sum(math.exp(score) for score, _, _, _ in scored)
    ranked = [
        Ranked(cause, math.exp(score) / total, findings, passed_over)
        for score, cause, findings, passed_over in scored
    ]
    return sorted(ranked, key=lambda r: (-r.probability, r.cause.id))


def heard(failure: Failure, context: Mapping[str, Hit]) -> dict[str, Hit]:
    """Return the first places of all that counts for a failure."""
    return {**context, **places(failure.speaking)}


def findings_of(
    cause: Cause, here: Mapping[str, Hit], failure: Failure, situation: Situation
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return the evidence that counts for and against a cause, and what is passed over."""
    found = tuple(_findings(cause, here, situation))
    passed_over = tuple(f for f in found if failure.outlives_look and f.refutes_by_look)
    return tuple(f for f in found if f not in passed_over), passed_over


def places(hits: Iterable[Hit]) -> dict[str, Hit]:
    """Return the first place of each signal."""
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.signal.id, hit)
    return first


def _findings(cause: Cause, here: Mapping[str, Hit], situation: Situation) -> Iterable[Finding]:
    for evidence in cause.evidence:
        for name in evidence.signal:
            if name in here:
                if situation.holds(evidence.when) is True:
                    yield Finding(evidence, here[name])
                break
