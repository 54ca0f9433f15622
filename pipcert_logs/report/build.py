"""From a diagnosis to the report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from msgspec import UNSET, UnsetType

from pipcert_logs.diagnose import overall
from pipcert_logs.diagnose.conditions import Situation
from pipcert_logs.diagnose.diagnosis import Diagnosis
from pipcert_logs.diagnose.facts import Facts
from pipcert_logs.diagnose.failure import Failure
from pipcert_logs.diagnose.questions import Asked, Outcome
from pipcert_logs.diagnose.ranking import Case, Ranked
from pipcert_logs.diagnose.remedies import Offer, fill, log_values, offers
from pipcert_logs.diagnose.shells import TYPED, order
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.knowledge.model import Question
from pipcert_logs.knowledge.model import Step as StepRule
from pipcert_logs.match.hit import Hit
from pipcert_logs.read.lines import Line
from pipcert_logs.read.redact import redact
from pipcert_logs.read.stamps import stamp
from pipcert_logs.report import model
from pipcert_logs.report.summary import summary

LAB_SHELL = "posix"
"""The one whose commands the fault lab executes."""
_CONFIRMED = 0.9
_QUESTIONS = 5
_LIKELIEST = 3


def build(
    diagnosis: Diagnosis,
    rules: Rules,
    *,
    source: str,
    said: Iterable[Line],
    reader_os: str | None,
    reader_shell: str | None,
) -> model.Report:
    """Put a diagnosis into the form that people and programs read."""
    shells = order(reader_os, reader_shell, diagnosis.facts.os, diagnosis.facts.shell)
    builder = _Builder(rules, shells)
    verdict = overall.verdict(diagnosis.cases)
    ranking = overall.ranking(diagnosis.cases)
    offered = offers(ranking, rules.remedies, shells)
    numbers = {id(case): number for number, case in enumerate(diagnosis.cases, 1)}
    causes = tuple(
        builder.cause(ranked, speaker, tuple(numbers[id(case)] for case in cases), offered)
        for ranked, speaker, cases in ranking
    )
    failures = tuple(builder.failure(case, numbers[id(case)], offered) for case in diagnosis.cases)
    facts = diagnosis.facts if diagnosis.cases or diagnosis.other_errors else Facts()
    return model.Report(
        schema=model.SCHEMA,
        source=source,
        verdict=verdict,
        summary=summary(verdict, failures, diagnosis.success.line if diagnosis.success else None),
        tools=tuple(model.Tool(name, version) for name, version in facts.tools.items()),
        python=facts.python_stated,
        python_from=facts.python_from,
        os=facts.os,
        indexes=tuple(
            model.Index(url.host, url.port_in_use, redact(url.text), state)
            for url, state in overall.index_states(diagnosis.cases, facts.indexes)
        ),
        failures=failures,
        causes=causes,
        remedies=tuple(builder.remedy(offer) for offer in offered),
        other_error=_quote(diagnosis.other_errors),
        next_command=_next_command(verdict, causes, shells),
        questions=tuple(islice(builder.questions(diagnosis.questions), _QUESTIONS)),
        context=tuple(model.Quote(line.number, line.text) for line in said),
    )


def _quote(hits: Iterable[Hit]) -> model.Quote | None:
    for hit in hits:
        return model.Quote(hit.line, hit.text)
    return None


def _next_command(
    verdict: overall.Verdict, causes: Iterable[model.Cause], shells: tuple[str, ...]
) -> model.Check | None:
    """For a log that says too little: the first check of the likeliest cause."""
    if verdict != "unexplained":
        return None
    checks = [check for cause in causes for check in cause.checks]
    here = [check for check in checks if check.shell in shells[:2]]
    return next(iter(here or checks), None)


class _Builder:
    """Turns ranked things into reported things."""

    def __init__(self, rules: Rules, shells: tuple[str, ...]) -> None:
        self._rules = rules
        self._shells = shells
        typed = next(shell for shell in shells if shell in TYPED)
        self._as_in_lab = typed == LAB_SHELL
        self._causes: dict[tuple[int, tuple[int, ...]], model.Cause] = {}

    def failure(self, case: Case, number: int, offered: list[Offer]) -> model.Failure:
        """Report one failure."""
        hits = case.failure.hits
        return model.Failure(
            id=number,
            outcome="recovered" if case.failure.recovered else "failed",
            tool=case.situation.tool,
            packages=case.failure.packages,
            endpoint=model.Endpoint(
                case.failure.host,
                case.failure.port,
                case.situation.kind.kind,
                _proxy(case),
            ),
            causes=tuple(
                self.cause(cause, case, (number,), offered) for cause in overall.shown(case)
            ),
            line=hits[0].line,
            end_line=case.failure.last_line,
            text=hits[0].text,
            time=next(filter(None, (stamp(hit.decoration) for hit in hits)), UNSET),
            later=case.failure.later or UNSET,
        )

    def cause(
        self, ranked: Ranked, case: Case, numbers: tuple[int, ...], offered: list[Offer]
    ) -> model.Cause:
        """Report one cause of some failures: that of a single one is the whole log's as well."""
        made = self._causes.get((id(ranked), numbers))
        if made is None:
            made = self._causes[id(ranked), numbers] = self._cause(ranked, case, numbers, offered)
        return made

    def _cause(
        self, ranked: Ranked, case: Case, numbers: tuple[int, ...], offered: list[Offer]
    ) -> model.Cause:
        rule = ranked.cause
        return model.Cause(
            id=rule.id,
            title=rule.title,
            probability=_down(ranked.probability),
            failures=numbers,
            explanation=rule.explanation.strip(),
            evidence=tuple(
                model.Evidence(
                    found.hit.signal.id,
                    found.hit.line,
                    found.hit.end_line,
                    found.hit.text,
                    found.evidence.weight,
                    found.evidence.why,
                )
                for found in sorted(ranked.findings, key=lambda f: -abs(f.evidence.weight))
            ),
            checks=tuple(self._checks(ranked, case.situation)),
            remedies=tuple(o.remedy.id for o in offered if rule.id in o.causes),
            look=_look(ranked, case.failure),
        )

    def _checks(self, ranked: Ranked, situation: Situation) -> Iterable[model.Check]:
        rules = sorted(
            ranked.cause.checks,
            key=lambda check: self._shells.index(check.shell),
        )
        values = log_values(situation)
        for rule in rules:
            if situation.holds(rule.when) is False:
                continue
            step = StepRule(text=rule.title, shell=rule.shell, command=rule.command)
            filled = fill(step, values, {})
            if filled and filled.command:
                yield model.Check(filled.text, filled.command, filled.shell)

    def questions(self, found: Iterable[Asked]) -> Iterator[model.Question]:
        """Report the questions that can be put with what the log tells."""
        for asked in found:
            rule = asked.question
            values = log_values(asked.case.situation)
            here = fill(StepRule(text=rule.here), values, {}) if rule.here else None
            commands = tuple(self._commands(rule, values)) if rule.check else ()
            if rule.check and not commands:
                continue
            yield model.Question(
                id=rule.id,
                kind="run" if rule.check else "ask",
                paste=rule.takes_output,
                text=here.text if here else rule.text,
                why=rule.why,
                gain=round(asked.gain, 3),
                cost=rule.cost,
                commands=commands,
                answers=tuple(map(_answer, asked.outcomes)),
            )

    def _commands(self, rule: Question, values: Mapping[str, str]) -> Iterator[model.Command]:
        """Give the commands of the check that a question is about, the reader's shell first."""
        checks = [
            check
            for cause in self._rules.causes.values()
            for check in cause.checks
            if check.title == rule.check
        ]
        by_shell = {check.shell: check for check in reversed(checks)}
        for check in sorted(by_shell.values(), key=lambda c: self._shells.index(c.shell)):
            step = StepRule(text=check.title, shell=check.shell, command=check.command)
            filled = fill(step, values, {})
            if filled and filled.command:
                yield model.Command(filled.command, check.shell)

    def remedy(self, offer: Offer) -> model.Remedy:
        """Report one remedy."""
        rule = offer.remedy
        return model.Remedy(
            id=rule.id,
            title=rule.title,
            verification=rule.verification,
            by=rule.by,
            for_=tuple(offer.causes),
            caution=rule.caution,
            proof="lab" if rule.id in self._rules.proven and self._as_in_lab else "documented",
            inputs=tuple(model.Input(i.name, i.example, i.text) for i in rule.inputs),
            steps=tuple(model.Step(s.text, s.command, s.shell) for s in offer.steps),
        )


def _answer(outcome: Outcome) -> model.Answer:
    likeliest = outcome.causes[:_LIKELIEST]
    return model.Answer(
        id=outcome.answer.id,
        text=outcome.answer.text,
        probability=_down(outcome.probability),
        causes=tuple(model.Likely(cause.id, _down(likely)) for cause, likely in likeliest),
    )


def _down(probability: float) -> float:
    """Round so that a sum stays below 1."""
    return math.floor(probability * 1000) / 1000


def _look(ranked: Ranked, failure: Failure) -> model.Look | UnsetType:
    """Say what a look at the host makes of a cause, where there is a log beside it."""
    if not failure.probed or not (failure.messages or failure.symptoms):
        return UNSET
    found = [f for f in (*ranked.findings, *ranked.passed_over) if f.hit.signal.probed]
    if not found:
        return model.Look("unseen", None)
    weightiest = max(reversed(found), key=lambda finding: abs(finding.evidence.weight))
    if sum(finding.evidence.weight for finding in found) < 0:
        return model.Look("refuted", weightiest.evidence.why)
    confirmed = ranked.probability >= _CONFIRMED
    return model.Look("confirmed" if confirmed else "supported", weightiest.evidence.why)


def _proxy(case: Case) -> str | bool | None:
    """The proxy as the log names it, true where it only says that there is one."""
    named = case.failure.proxy or next(iter(case.situation.captures.get("proxy", ())), None)
    return redact(named) if named else case.situation.via_proxy
