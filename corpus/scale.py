"""Whether one scale for all probabilities would make them truer: fitted, and cross-validated."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from corpus.reliability import Answer, Group

Wanted = Callable[[Answer], Iterable[str]]
WANTED: Mapping[str, Wanted] = {
    "exact": lambda answer: (answer.truth,),
    "in kind": lambda answer: answer.kind,
}
"""The causes whose probabilities should add up to one, by reading."""

_FOLDS = 10
_TRIED = [hundredths / 100 for hundredths in range(50, 255, 5)]


def scaled(answer: Answer, temperature: float) -> Answer:
    """Flatten (above 1) or sharpen (below 1) what was stated; the order stays."""
    power = 1 / temperature
    odds = {cause: probability**power for cause, probability in answer.stated.items()}
    total = sum(odds.values()) + _rest(answer) ** power
    return replace(answer, stated={cause: value / total for cause, value in odds.items()})


def log_loss(group: Group, wanted: Wanted) -> float:
    """Return the mean surprise at what was really wrong."""
    return group.mean(lambda answer: -math.log(_given(answer, wanted)))


def fit(group: Group, wanted: Wanted) -> float:
    """Return the temperature that surprises least."""
    return min(_TRIED, key=lambda temperature: log_loss(_scaled(group, temperature), wanted))


def in_sample(group: Group, wanted: Wanted) -> Group:
    """Scale by what fits the same logs best."""
    return _scaled(group, fit(group, wanted))


def out_of_sample(group: Group, wanted: Wanted) -> Group:
    """Scale each tenth of the faults by what fits the other nine best."""
    weighted: list[tuple[Answer, float]] = []
    folds: dict[int, list[tuple[Answer, float]]] = {}
    for pair in group.weighted:
        folds.setdefault(zlib.crc32(pair[0].fault.encode()) % _FOLDS, []).append(pair)
    for own in folds.values():
        others = Group(tuple(pair for fold in folds.values() if fold is not own for pair in fold))
        weighted += _scaled(Group(tuple(own)), fit(others, wanted)).weighted
    return Group(tuple(weighted))


def _scaled(group: Group, temperature: float) -> Group:
    return Group(tuple((scaled(answer, temperature), weight) for answer, weight in group.weighted))


def _given(answer: Answer, wanted: Wanted) -> float:
    """What was given to the wanted causes, or to none of those named where they are not there."""
    return sum(answer.stated.get(cause, 0.0) for cause in wanted(answer)) or _rest(answer)


def _rest(answer: Answer) -> float:
    return max(1 - sum(answer.stated.values()), 1e-4)  # stated in thousandths, so never quite none
