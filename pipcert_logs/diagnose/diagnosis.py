"""The stages from signals to a diagnosis, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from pipcert_logs.diagnose.conditions import Situation
from pipcert_logs.diagnose.endpoints import HostClassifier
from pipcert_logs.diagnose.facts import Facts, gather, surrounding
from pipcert_logs.diagnose.failure import Failure
from pipcert_logs.diagnose.grouping import failures
from pipcert_logs.diagnose.questions import Asked, Hearing, hearing, worth_asking
from pipcert_logs.diagnose.ranking import Case, causes_by_signal, places, rank
from pipcert_logs.diagnose.urls import Url
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.knowledge.model import Cause
from pipcert_logs.match.hit import Hit


class Diagnosis(Struct, frozen=True):
    """All that was found in a log."""

    facts: Facts
    cases: tuple[Case, ...]
    other_errors: tuple[Hit, ...]
    success: Hit | None
    """Where the run that had the last failure says that it did what it was asked to do."""
    questions: tuple[Asked, ...]
    """What would tell most of what is open, best first."""


def diagnose(hits: Iterable[Hit], rules: Rules) -> Diagnosis:
    """Group the signals of a log into failures and rank the causes of each."""
    hits = list(hits)
    tools = _tools(rules)
    facts = gather(hits, rules.pythons_by_ssl_line)
    found = failures(hits, facts, tools.explained)
    if any(failure.outlives_look for failure in found):
        # what looked may be another client than the one that failed
        told = [hit for hit in hits if not hit.signal.probed]
        facts = gather(told, rules.pythons_by_ssl_line)
    context = places(surrounding(hits))
    other_errors = tuple(hit for hit in hits if hit.signal.role == "other-error")
    cases = []
    for failure in found:
        situation = _situation(failure, facts, tools.classifier, rules)
        causes = tuple(rank(failure, situation, context, tools.causes))
        if causes or failure.reasons or (failure.given_up and not other_errors):
            cases.append(Case(failure, situation, causes))
    questions = worth_asking(cases, context, rules, tools.hearing)
    return Diagnosis(facts, tuple(cases), other_errors, _success(hits, cases), tuple(questions))


class _Tools(NamedTuple):
    classifier: HostClassifier
    explained: dict[str, frozenset[str]]
    causes: dict[str, tuple[Cause, ...]]
    hearing: Hearing


@lru_cache(maxsize=8)
def _tools(rules: Rules) -> _Tools:
    """What is made of the rules once, for all logs."""
    return _Tools(
        HostClassifier(rules.hosts),
        _explained(rules.causes),
        causes_by_signal(rules.causes.values()),
        hearing(rules.questions.values(), rules.causes.values()),
    )


def _only_tool(facts: Facts) -> str | None:
    return next(iter(facts.tools)) if len(facts.tools) == 1 else None


def _success(hits: Iterable[Hit], cases: Iterable[Case]) -> Hit | None:
    told = [hit for case in cases for hit in case.failure.hits if not hit.signal.probed]
    last = max((hit.record for hit in told), default=-1)
    for hit in hits:
        if hit.record > last and (hit.signal.begins or hit.signal.role == "progress"):
            if hit.signal.begins:
                return None
            if hit.signal.final:
                return hit
    return None


def _explained(causes: Mapping[str, Cause]) -> dict[str, frozenset[str]]:
    """Turn the causal edges round: for each symptom, the signals that speak for its causes."""
    explained: dict[str, frozenset[str]] = {}
    for cause in causes.values():
        signals = frozenset(signal for e in cause.evidence if e.weight > 0 for signal in e.signal)
        for symptom in cause.explains:
            explained[symptom] = explained.get(symptom, frozenset()) | signals - {symptom}
    return explained


def _only_port(urls: Iterable[Url]) -> int | None:
    ports = {url.port_in_use for url in urls}
    return ports.pop() if len(ports) == 1 else None


def _situation(
    failure: Failure, facts: Facts, classifier: HostClassifier, rules: Rules
) -> Situation:
    host = failure.host or (failure.asked.host if failure.asked else None)
    configured = any(url.host == host for url in facts.indexes)
    captures: dict[str, dict[str, None]] = {}
    for hit in failure.hits:
        for name, value in hit.captures.items():
            captures.setdefault(name, {})[value] = None
    captures["package"] = dict.fromkeys(failure.packages)
    return Situation(
        host=host,
        port=failure.port or _only_port(url for url in facts.indexes if url.host == host),
        kind=classifier.classify(host, failure.paths, configured=configured),
        tool=failure.tool or _only_tool(facts) or "pip",
        signals=frozenset(hit.signal.id for hit in failure.hits),
        captures={name: tuple(values) for name, values in captures.items()},
        via_proxy=failure.via_proxy or None,
        reason_known=bool(failure.reasons),
        facts=facts,
        traits=rules.traits,
    )
