"""How far stated probabilities can be believed: first answers against what was really wrong."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pipcert_logs.corpus_check import Outcome, wilson
from pipcert_logs.knowledge.model import Cause

EDGES = (0.0, 0.25, 0.5, 0.7, 0.8, 0.9, 0.97)
"""Where the classes of stated probability begin."""


@dataclass(frozen=True)
class Answer:
    """What was stated of the failure that the first cause explains, and what was really wrong."""

    fault: str
    resolved: str
    stated: Mapping[str, float]
    truth: str
    kind: frozenset[str]
    """The truth, and the general causes that it specialises."""
    accepted: frozenset[str]

    @property
    def first(self) -> str:
        """The first cause."""
        return next(iter(self.stated))

    @property
    def probability(self) -> float:
        """What was stated of the first cause."""
        return self.stated[self.first]


Reading = Callable[[Answer], bool]
READINGS: Mapping[str, Reading] = {
    "exact": lambda answer: answer.first == answer.truth,
    "in kind": lambda answer: answer.first in answer.kind,
    "accepted": lambda answer: answer.first in answer.accepted,
}
"""Three ways to call a first answer right, the hardest first."""


def answers(found: Iterable[Outcome], causes: Mapping[str, Cause]) -> list[Answer]:
    """Take the outcomes that have a known truth and an answer, controls left out."""
    return [
        Answer(
            fault=outcome.case.fault,
            resolved=outcome.case.label.resolved,
            stated=_stated(outcome),
            truth=truth,
            kind=frozenset((truth, *(causes[truth].specialises if truth in causes else ()))),
            accepted=frozenset(outcome.case.label.causes),
        )
        for outcome in found
        if not outcome.case.control and outcome.report.causes and (truth := outcome.case.truth)
    ]


def _stated(outcome: Outcome) -> dict[str, float]:
    number = outcome.report.causes[0].failures[0]
    failure = next(failure for failure in outcome.report.failures if failure.id == number)
    return {cause.id: cause.probability for cause in failure.causes}


@dataclass(frozen=True)
class Group:
    """Answers with their weights: a fault counts one, shared among its logs.

    So twelve logs of one fault do not vouch for themselves.
    """

    weighted: tuple[tuple[Answer, float], ...]

    @classmethod
    def of(cls, found: Iterable[Answer]) -> Group:
        """Weigh answers."""
        found = list(found)
        logs = Counter(answer.fault for answer in found)
        return cls(tuple((answer, 1 / logs[answer.fault]) for answer in found))

    def part(self, test: Callable[[Answer], bool]) -> Group:
        """Return the answers that pass a test, with the weights that they have here."""
        return Group(tuple(pair for pair in self.weighted if test(pair[0])))

    @property
    def logs(self) -> int:
        """How many answers."""
        return len(self.weighted)

    @property
    def weight(self) -> float:
        """How many faults."""
        return sum(weight for _, weight in self.weighted)

    def mean(self, value: Callable[[Answer], float]) -> float:
        """Return the mean of something."""
        return sum(weight * value(answer) for answer, weight in self.weighted) / self.weight

    def stated(self) -> float:
        """Return the mean stated probability."""
        return self.mean(lambda answer: answer.probability)

    def interval(self, reading: Reading) -> tuple[float, float]:
        """Return the 95 % interval of the share that is right, as if faults were independent."""
        return wilson(self.mean(reading), self.weight)

    def brier(self, reading: Reading) -> float:
        """Return the Brier score of the first answers: 0 is perfect, 0.25 a coin's."""
        return self.mean(lambda answer: (answer.probability - reading(answer)) ** 2)

    def classes(self) -> list[tuple[float, Group]]:
        """Return the classes of stated probability that hold answers, each with its lower edge."""
        parts: dict[float, list[tuple[Answer, float]]] = {}
        for pair in self.weighted:
            low = EDGES[bisect_right(EDGES, pair[0].probability) - 1]
            parts.setdefault(low, []).append(pair)
        return [(low, Group(tuple(parts[low]))) for low in sorted(parts)]

    def calibration_error(self, reading: Reading) -> float:
        """Return the expected calibration error: how far stated and right lie apart, on average."""
        gaps = (p.weight * abs(p.stated() - p.mean(reading)) for _, p in self.classes())
        return sum(gaps) / self.weight
