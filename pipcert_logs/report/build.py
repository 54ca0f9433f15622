"""From a diagnosis to the report: words, redaction, and the ranking of the whole log."""

from __future__ import annotations

from collections.abc import Iterable

from pipcert_logs.diagnose.conditions import Situation
from pipcert_logs.diagnose.diagnosis import Case, Diagnosis
from pipcert_logs.diagnose.facts import Facts
from pipcert_logs.diagnose.ranking import Ranked
from pipcert_logs.diagnose.remedies import Offer, fill, offers, shell_order
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.knowledge.model import Step as StepRule
from pipcert_logs.match.hit import Hit
from pipcert_logs.read.redact import redact
from pipcert_logs.report import model
from pipcert_logs.report.summary import summary

_SHOWN = 0.02  # a cause less likely than this is left out
_TOLD = 0.25  # a stated reason explains a failure if a cause is at least as likely
_EXPLAINED = 0.8  # without a stated reason, only a cause as likely as this explains a failure


def build(
    diagnosis: Diagnosis,
    rules: Rules,
    *,
    source: str,
    reader_os: str | None,
    reader_shell: str | None,
) -> model.Report:
    """Put a diagnosis into the form that people and programs read."""
    shells = shell_order(reader_os, reader_shell, diagnosis.facts.os)
    builder = _Builder(rules, shells)
    failed = [case for case in diagnosis.cases if not case.failure.recovered]
    verdict = _verdict(diagnosis, failed)
    ranked = _ranking(failed)
    offered = offers([(cause, case.situation) for cause, case, _ in ranked], rules.remedies, shells)
    numbers = {id(case): number for number, case in enumerate(diagnosis.cases, 1)}
    causes = tuple(
        builder.cause(cause, case, tuple(numbers[id(c)] for c in cases), offered)
        for cause, case, cases in ranked
    )
    failures = tuple(builder.failure(case, numbers[id(case)], offered) for case in diagnosis.cases)
    facts = diagnosis.facts if diagnosis.cases or diagnosis.other_errors else Facts()
    return model.Report(
        source=source,
        verdict=verdict,
        summary=summary(verdict, failures, causes),
        tools=tuple(model.Tool(name, version) for name, version in facts.tools.items()),
        python=facts.python_stated,
        python_from=facts.python_from,
        os=facts.os,
        indexes=_indexes(diagnosis, facts),
        failures=failures,
        causes=causes,
        remedies=tuple(builder.remedy(offer) for offer in offered),
        other_error=_quote(diagnosis.other_errors),
        next_command=_next_command(verdict, causes, shells),
    )


def _verdict(diagnosis: Diagnosis, failed: list[Case]) -> model.Verdict:
    if not diagnosis.cases:
        return "clean"
    if not failed:
        return "recovered"
    explained = any(
        case.causes[0].probability >= (_TOLD if case.failure.reasons else _EXPLAINED)
        for case in failed
    )
    return "failed" if explained else "unexplained"


def _ranking(failed: list[Case]) -> list[tuple[Ranked, Case, list[Case]]]:
    """Rank the causes of all failures: each by its best failure, which then speaks for it."""
    best: dict[str, tuple[Ranked, Case]] = {}
    shared: dict[str, list[Case]] = {}
    for case in failed:
        for cause in case.causes:
            if cause.probability < _SHOWN:
                continue
            name = cause.cause.id
            shared.setdefault(name, []).append(case)
            if name not in best or cause.probability > best[name][0].probability:
                best[name] = cause, case
    order = sorted(
        best.values(), key=lambda pair: (-round(pair[0].probability, 6), pair[0].cause.id)
    )
    return [(cause, case, shared[cause.cause.id]) for cause, case in order]


def _indexes(diagnosis: Diagnosis, facts: Facts) -> tuple[model.Index, ...]:
    """Say of each index that the log names whether it failed."""
    failed = {case.failure.host for case in diagnosis.cases if not case.failure.recovered}
    with_reason = {case.failure.host for case in diagnosis.cases if case.failure.reasons}
    named = {url.host: url for url in reversed(facts.indexes)}
    return tuple(
        model.Index(
            host,
            url.text,
            "failed"
            if host in failed & with_reason
            else "silent"
            if not with_reason
            else "answered",
        )
        for host, url in reversed(named.items())
    )


def _quote(hits: Iterable[Hit]) -> model.Quote | None:
    for hit in hits:
        return model.Quote(hit.line, hit.text)
    return None


def _next_command(
    verdict: model.Verdict, causes: Iterable[model.Cause], shells: tuple[str, ...]
) -> model.Check | None:
    """For a log that says too little: the first check of the likeliest cause."""
    if verdict != "unexplained":
        return None
    checks = [check for cause in causes for check in cause.checks]
    here = [check for check in checks if check.shell in ("any", shells[0])]
    return next(iter(here or checks), None)


class _Builder:
    """Turns ranked things into reported things."""

    def __init__(self, rules: Rules, shells: tuple[str, ...]) -> None:
        self._rules = rules
        self._shells = shells

    def failure(self, case: Case, number: int, offered: list[Offer]) -> model.Failure:
        """Report one failure."""
        hits = case.failure.hits
        return model.Failure(
            id=number,
            outcome="recovered" if case.failure.recovered else "failed",
            tool=case.failure.tool,
            packages=case.failure.packages,
            endpoint=model.Endpoint(
                case.failure.host,
                case.failure.port,
                case.situation.kind.kind,
                _proxy(case),
            ),
            causes=tuple(
                self.cause(cause, case, (number,), offered)
                for cause in case.causes
                if cause.probability >= _SHOWN
            ),
            line=hits[0].line,
            end_line=case.failure.last_line,
            text=hits[0].text,
        )

    def cause(
        self, ranked: Ranked, case: Case, numbers: tuple[int, ...], offered: list[Offer]
    ) -> model.Cause:
        """Report one cause of a failure."""
        rule = ranked.cause
        return model.Cause(
            id=rule.id,
            title=rule.title,
            probability=round(ranked.probability, 3),
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
        )

    def _checks(self, ranked: Ranked, situation: Situation) -> Iterable[model.Check]:
        rules = sorted(
            ranked.cause.checks,
            key=lambda c: self._shells.index(c.shell) if c.shell in self._shells else -1,
        )
        for rule in rules:
            if situation.holds(rule.when) is False:
                continue
            step = StepRule(text=rule.title, shell=rule.shell, command=rule.command)
            filled = fill(step, situation, {})
            if filled and filled.command:
                yield model.Check(filled.text, filled.command, filled.shell)

    def remedy(self, offer: Offer) -> model.Remedy:
        """Report one remedy."""
        rule = offer.remedy
        return model.Remedy(
            id=rule.id,
            title=rule.title,
            verification=rule.verification,
            for_=tuple(offer.causes),
            caution=rule.caution,
            proof=rule.proof,
            inputs=tuple(model.Input(i.name, i.example, i.text) for i in rule.inputs),
            steps=tuple(model.Step(s.text, s.command, s.shell) for s in offer.steps),
        )


def _proxy(case: Case) -> str | bool | None:
    """The proxy as the log names it, true where it only says that there is one."""
    named = case.failure.proxy or next(iter(case.situation.captures.get("proxy", ())), None)
    return redact(named) if named else case.situation.via_proxy
