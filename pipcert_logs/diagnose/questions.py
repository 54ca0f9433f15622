"""Which question would tell most: the expected gain of information, in bits."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from pipcert_logs.diagnose.ranking import Case, findings_of, heard
from pipcert_logs.knowledge.answers import answers, signal_id
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.knowledge.model import Answer, Cause, Evidence, Question
from pipcert_logs.match.hit import Hit

_SURE = 0.95
"""A cause as likely as this leaves nothing to ask."""
_WORTH = 0.02
"""A question that tells less than this beyond its cost, in bits, is not worth asking."""


class Outcome(NamedTuple):
    """An answer: how likely it is, and what the causes' probabilities would be after it."""

    answer: Answer
    probability: float
    causes: tuple[tuple[Cause, float], ...]


class Asked(NamedTuple):
    """A question, what its answer is expected to tell beyond its cost, and its answers."""

    question: Question
    gain: float
    """In bits, before the cost."""
    case: Case
    outcomes: tuple[Outcome, ...]


class Heard(NamedTuple):
    """Who hears of the answers to a question: made once, for all logs."""

    signals: frozenset[str]
    """The signals of all its answers."""
    by: Mapping[str, tuple[tuple[Cause, Evidence], ...]]
    """By the id of an answer, the causes for which it counts."""
    causes: frozenset[str]


Hearing = Mapping[str, Heard]
"""By the id of each question that does not take a value."""


def hearing(questions: Iterable[Question], causes: Iterable[Cause]) -> Hearing:
    """Return who hears of the answers to each question."""
    of_signal: dict[str, list[tuple[Cause, Evidence]]] = {}
    for cause in causes:
        for evidence in cause.evidence:
            for signal in evidence.signal:
                of_signal.setdefault(signal, []).append((cause, evidence))
    return {q.id: _heard(q, of_signal) for q in questions if not q.value}


def _heard(question: Question, of_signal: Mapping[str, Iterable[tuple[Cause, Evidence]]]) -> Heard:
    named = {answer.id: signal_id(question, answer) for answer in answers(question)}
    by = {answer.id: tuple(of_signal.get(named[answer.id], ())) for answer in question.answers}
    concerned = frozenset(cause.id for some in by.values() for cause, _ in some)
    return Heard(frozenset(named.values()), by, concerned)


def worth_asking(
    cases: Iterable[Case], context: Mapping[str, Hit], rules: Rules, by: Hearing
) -> list[Asked]:
    """Return the questions whose answers would tell most of what is most in doubt, best first.

    Each possible answer is as likely as the causes make it: a cause with the weight w on an answer
    that is given u times as often as others makes it u * exp(w) times as likely. What the
    probabilities would be after an answer is what they are when it is given; what it tells is how
    far they move, so that an answer which overthrows what seemed sure tells much.
    """
    doubts = [
        _Doubt(case, context, len(rules.causes)) for case in cases if not case.failure.recovered
    ]
    doubts = [doubt for doubt in doubts if doubt.open]
    if not doubts:
        return []
    doubt = max(doubts, key=lambda doubt: doubt.entropy)
    found = [
        asked
        for question in rules.questions.values()
        if question.id in by
        and doubt.case.situation.holds(question.when) is not False
        and (asked := doubt.asked(question, by[question.id]))
        and asked.gain - question.cost >= _WORTH
    ]
    return sorted(found, key=lambda asked: (asked.question.cost - asked.gain, asked.question.id))


class _Doubt:
    """A failure whose cause is open."""

    def __init__(self, case: Case, context: Mapping[str, Hit], count: int) -> None:
        """`count` says how many causes there are."""
        self.case = case
        self._here = heard(case.failure, context)
        self._causes = {ranked.cause.id: ranked.cause for ranked in case.causes}
        none = 1.0 - sum(ranked.probability for ranked in case.causes)
        self._likely = {ranked.cause.id: ranked.probability for ranked in case.causes}
        self._odds = {name: p / none for name, p in self._likely.items()}
        self._none = none
        self._scores: dict[str, float] = {}
        self.entropy = _entropy(self._likely.values(), none, count)
        self.open = bool(case.causes) and case.causes[0].probability < _SURE

    def asked(self, question: Question, heard: Heard) -> Asked | None:
        """Work out what a question is expected to tell, unless it was answered."""
        heard_here = not self._here.keys().isdisjoint(heard.signals)
        if heard_here or self._likely.keys().isdisjoint(heard.causes):
            return None
        weights = {answer: self._weights(by) for answer, by in heard.by.items()}
        if not any(self._likely.keys() & of.keys() for of in weights.values()):
            return None
        shares = self._shares(question, weights)
        outcomes = []
        told = 0.0
        for answer in question.answers:
            odds = self._odds_after(weights[answer.id], heard.by[answer.id])
            total = 1.0 + sum(odds.values())
            after = {name: value / total for name, value in odds.items()}
            told += shares[answer.id] * self._told(after, 1.0 / total)
            best = sorted(after.items(), key=lambda pair: (-pair[1], pair[0]))
            causes = tuple((self._causes[name], p) for name, p in best)
            outcomes.append(Outcome(answer, shares[answer.id], causes))
        return Asked(question, told, self.case, tuple(outcomes))

    def _told(self, after: Mapping[str, float], none: float) -> float:
        """Return what an answer tells, in bits: the divergence of Kullback and Leibler."""
        told = none * math.log2(none / self._none)
        for name, likely in after.items():
            before = self._likely.get(name)
            if before is None:
                before = self._none * math.exp(self._scores[name])
            told += likely * math.log2(likely / before) if likely else 0.0
        return told

    def _weights(self, by: Iterable[tuple[Cause, Evidence]]) -> dict[str, float]:
        weights: dict[str, float] = {}
        for cause, evidence in by:
            if self.case.situation.holds(evidence.when) is True:
                weights[cause.id] = weights.get(cause.id, 0.0) + evidence.weight
        return weights

    def _shares(
        self, question: Question, weights: Mapping[str, Mapping[str, float]]
    ) -> dict[str, float]:
        """Return how likely each answer is."""
        shares = dict.fromkeys(weights, 0.0)
        for name, likely in (*self._likely.items(), ("", self._none)):
            said = ((a, weights[a.id].get(name, 0.0)) for a in question.answers)
            odds = {answer.id: answer.usual * math.exp(weight) for answer, weight in said}
            total = sum(odds.values())
            for answer, value in odds.items():
                shares[answer] += likely * value / total
        return shares

    def _odds_after(
        self, weights: Mapping[str, float], by: Iterable[tuple[Cause, Evidence]]
    ) -> dict[str, float]:
        """Return the odds of all causes after an answer, of those too that it brings up."""
        odds = {name: was * math.exp(weights.get(name, 0.0)) for name, was in self._odds.items()}
        for cause, _ in by:
            if cause.id not in odds and weights.get(cause.id, 0.0) > 0:
                self._causes[cause.id] = cause
                odds[cause.id] = math.exp(self._unspoken(cause) + weights[cause.id])
        return odds

    def _unspoken(self, cause: Cause) -> float:
        """Return the log-odds of a cause for which nothing in the log speaks."""
        if cause.id not in self._scores:
            failure, situation = self.case.failure, self.case.situation
            counted, _ = findings_of(cause, self._here, failure, situation)
            weights = (finding.evidence.weight for finding in counted)
            self._scores[cause.id] = cause.prior + sum(weights)
        return self._scores[cause.id]


def _entropy(likely: Collection[float], none: float, count: int) -> float:
    """Return how much is open, in bits; that it is none of some causes means any of the others."""
    others = max(count - len(likely), 1)
    known = -sum(p * math.log2(p) for p in likely if p > 0)
    return known - none * math.log2(none / others)
