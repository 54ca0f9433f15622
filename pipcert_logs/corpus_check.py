"""How well the rules do on a folder of labelled logs: `NAME.log` beside `NAME.toml`.

A side file's `causes` are the acceptable first answers, best first; `none` alone marks a control,
a log without such a fault. `not_causes` would be plainly wrong, `hosts` are those that failed.
`truth` is what was really wrong, where `causes` does not begin with it; `resolved` says how the
label was found; logs of one recorded fault share `fault`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec
import tomli

from pipcert_logs.explainer import Explainer
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.report.model import Report

NONE = "none"
_Z = 1.96  # two-sided 95 %
_PIECE = 1 << 20
_KNOWN = ("log", "thread")


class Label(msgspec.Struct, frozen=True):
    """What a side file says; its other fields are for people."""

    causes: tuple[str, ...]
    not_causes: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    truth: str = ""
    resolved: str = ""
    fault: str = ""
    provenance: str = "field"


@dataclass(frozen=True)
class Case:
    """A log and its label."""

    log: Path
    label: Label

    @property
    def name(self) -> str:
        """The name that the log and its side file share."""
        return self.log.stem

    @property
    def fault(self) -> str:
        """The fault that it shares with other logs, or its own name."""
        return self.label.fault or self.name

    @property
    def control(self) -> bool:
        """Whether nothing is to be found here."""
        return self.label.causes == (NONE,)

    @property
    def truth(self) -> str | None:
        """What was really wrong, where somebody knows: a label that is a guess does not."""
        known = self.label.resolved in _KNOWN
        return self.label.truth or (self.label.causes[0] if known else None)


@dataclass(frozen=True)
class Outcome:
    """A case, and what was answered."""

    case: Case
    report: Report

    @property
    def first(self) -> str:
        """The first cause, or `none`."""
        return self._cause(0)

    @property
    def hit(self) -> bool:
        """Whether the first cause is acceptable."""
        return self.first in self.case.label.causes

    @property
    def second_hit(self) -> bool:
        """Whether only the second cause is acceptable."""
        return not self.hit and self._cause(1) in self.case.label.causes

    @property
    def plainly_wrong(self) -> bool:
        """Whether the label excludes the first cause."""
        return self.first in self.case.label.not_causes

    @property
    def quiet(self) -> bool:
        """Whether nothing was found, as should be on a control."""
        return self.report.verdict in ("clean", "recovered") and not self.report.causes

    @property
    def false_alarm(self) -> bool:
        """Whether something was found on a control."""
        return self.case.control and not self.quiet

    @property
    def probability(self) -> float | None:
        """The probability of the first cause."""
        return self.report.causes[0].probability if self.report.causes else None

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The hosts that the report says failed."""
        failed = (f.endpoint.host for f in self.report.failures if f.outcome == "failed")
        return frozenset(host for host in failed if host)

    @property
    def hosts_match(self) -> bool:
        """Whether exactly the label's hosts were named."""
        return self.hosts == self._labelled_hosts

    @property
    def hosts_included(self) -> bool:
        """Whether the label's hosts were named, among others perhaps."""
        return self.hosts >= self._labelled_hosts

    @property
    def _labelled_hosts(self) -> frozenset[str]:
        return frozenset(host.lower() for host in self.case.label.hosts)

    def _cause(self, place: int) -> str:
        causes = self.report.causes
        return causes[place].id if place < len(causes) else NONE


def wilson(share: float, n: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share of `n`."""
    square = _Z * _Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    spread = _Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, middle - spread), min(1.0, middle + spread)


@dataclass(frozen=True)
class Share:
    """So many of so many logs."""

    hits: int
    total: int
    faults: int
    """How many different faults the logs are of: logs of one fault are alike."""

    @property
    def value(self) -> float | None:
        """The share, unless there is nothing to share."""
        return self.hits / self.total if self.total else None

    def interval(self) -> tuple[float, float]:
        """Return Wilson's 95 % interval, for as many cases as there are faults."""
        return wilson(self.hits / self.total, self.faults) if self.total else (0.0, 1.0)


@dataclass(frozen=True)
class Scores:
    """The shares that floors are set for, of one group of cases."""

    first: Share
    plainly_wrong: Share
    controls: Share
    hosts: Share
    hosts_included: Share


@dataclass(frozen=True)
class CauseScores:
    """How one cause fares: as the label's first, and as the first answer."""

    cases: int
    first: int
    second: int
    precision: Share
    recall: Share


def find_cases(directories: Iterable[Path], known: Iterable[str]) -> tuple[list[Case], list[str]]:
    """Find the cases below the directories; also return what is wrong with others."""
    names = {*known, NONE}
    found, errors = [], []
    for directory in directories:
        logs = sorted(log for log in directory.rglob("*.log") if log.is_file())
        if not logs:
            errors.append(f"{directory}: no NAME.log below it")
        unlabelled = [log for log in logs if not log.with_suffix(".toml").exists()]
        if unlabelled:
            errors.append(
                f"{directory}: {len(unlabelled)} of {len(logs)} logs have no label, the first is "
                f"{unlabelled[0]}; a label is a NAME.toml beside it with at least `causes`"
            )
        for log in (log for log in logs if log not in unlabelled):
            try:
                found.append(Case(log, _label(log.with_suffix(".toml"), names)))
            except ValueError as error:
                errors.append(str(error))
    return found, errors


def _label(path: Path, known: set[str]) -> Label:
    try:
        label = msgspec.convert(tomli.loads(path.read_text(encoding="utf-8")), Label)
    except (OSError, ValueError) as error:  # what TOML and msgspec raise are ValueErrors
        raise ValueError(f"{path}: {error}") from error
    named = {*label.causes, *label.not_causes, label.truth or NONE}
    unknown = sorted(named - known)
    if unknown or not label.causes:
        raise ValueError(f"{path}: no such cause: {', '.join(unknown) or 'causes is empty'}")
    return label


def outcomes(found: Iterable[Case], rules: Rules) -> Iterator[Outcome]:
    """Explain each case."""
    for case in found:
        explainer = Explainer(source=case.name, rules=rules)
        with case.log.open("rb") as file:
            while piece := file.read(_PIECE):
                explainer.feed(piece)
        yield Outcome(case, explainer.close())


def scores(group: Iterable[Outcome]) -> Scores:
    """Score a group of cases."""
    group = list(group)
    return Scores(
        first=_share(group, lambda outcome: outcome.hit),
        plainly_wrong=_share(group, lambda outcome: outcome.plainly_wrong),
        controls=_share([o for o in group if o.case.control], lambda outcome: outcome.quiet),
        hosts=_share(group, lambda outcome: outcome.hosts_match),
        hosts_included=_share(group, lambda outcome: outcome.hosts_included),
    )


def _share(group: list[Outcome], test: Callable[[Outcome], bool]) -> Share:
    faults = {outcome.case.fault for outcome in group}
    return Share(sum(map(test, group)), len(group), len(faults))


def by_cause(group: Iterable[Outcome]) -> dict[str, CauseScores]:
    """Score each cause that a label names first or an answer gives first.

    Precision: of the cases answered with it, those whose label accepts it. Recall: of the cases
    whose label names it first, those answered with it and nothing else that is acceptable.
    """
    group = list(group)
    names = {outcome.case.label.causes[0] for outcome in group} | {o.first for o in group}
    return {name: _cause_scores(name, group) for name in sorted(names)}


def _cause_scores(name: str, group: list[Outcome]) -> CauseScores:
    labelled = [outcome for outcome in group if outcome.case.label.causes[0] == name]
    answered = [outcome for outcome in group if outcome.first == name]
    return CauseScores(
        cases=len(labelled),
        first=sum(outcome.hit for outcome in labelled),
        second=sum(outcome.second_hit for outcome in labelled),
        precision=_share(answered, lambda outcome: outcome.hit),
        recall=_share(labelled, lambda outcome: outcome.first == name),
    )


def confusions(group: Iterable[Outcome]) -> list[tuple[str, str, int]]:
    """Return (label, answer, how often) of the misses, most frequent first."""
    pairs = Counter((o.case.label.causes[0], o.first) for o in group if not o.hit)
    return [(label, answer, count) for (label, answer), count in pairs.most_common()]


def misses(group: Iterable[Outcome]) -> list[Outcome]:
    """Return what was answered wrongly: the first cause, or an alarm on a control."""
    return [o for o in group if not o.hit or o.plainly_wrong or o.false_alarm]
