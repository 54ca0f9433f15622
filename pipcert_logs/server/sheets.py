"""The knowledge base as programs read it: causes, remedies, questions."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from pipcert_logs.knowledge.answers import by_id
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.knowledge.model import Actor, Verification
from pipcert_logs.report.model import Input, Step


class CauseName(Struct, frozen=True):
    """A cause in a list."""

    id: str
    family: str
    title: str


class CheckSheet(Struct, frozen=True):
    """A command that tells a cause from others; names in double braces stand for the log's."""

    title: str
    command: str
    shell: str
    separates: tuple[str, ...]


class RemedyName(Struct, frozen=True):
    """A remedy in a list."""

    id: str
    title: str
    verification: Verification


class CauseSheet(Struct, frozen=True):
    """All about a cause. Its remedies stand in order of preference."""

    id: str
    family: str
    title: str
    explanation: str
    prevention: str
    specialises: tuple[str, ...]
    checks: tuple[CheckSheet, ...]
    remedies: tuple[RemedyName, ...]


class RemedySheet(Struct, frozen=True):
    """All about a remedy; `causes` are those that it is for."""

    id: str
    title: str
    verification: Verification
    by: Annotated[Actor, Meta(description="Who has to act.")]
    caution: str | None
    proof: Annotated[str, Meta(description="`lab`: it was executed there, and worked.")]
    causes: tuple[str, ...]
    inputs: tuple[Input, ...]
    steps: tuple[Step, ...]


class AnswerSheet(Struct, frozen=True):
    """What may be answered, by its id, and what that means."""

    id: str
    text: str


class QuestionSheet(Struct, frozen=True):
    """What may be answered as context: an answer's id, what was printed, or a value."""

    id: str
    text: str
    why: str
    answers: tuple[AnswerSheet, ...]
    paste: bool
    """Whether what was printed answers it too."""
    example: str | None
    """A value that answers it, where it takes one instead of an id."""


def cause_names(rules: Rules) -> tuple[CauseName, ...]:
    """Return all causes, by family and id."""
    found = sorted(rules.causes.values(), key=lambda cause: (cause.family, cause.id))
    return tuple(CauseName(cause.id, cause.family, cause.title) for cause in found)


def cause_sheet(name: str, rules: Rules) -> CauseSheet | None:
    """Return all about a cause, if there is one of that id."""
    cause = rules.causes.get(name)
    if cause is None:
        return None
    choices = dict.fromkeys(choice.id for choice in cause.remedies)
    remedies = [rules.remedies[choice] for choice in choices if choice in rules.remedies]
    return CauseSheet(
        id=cause.id,
        family=cause.family,
        title=cause.title,
        explanation=cause.explanation.strip(),
        prevention=cause.prevention,
        specialises=cause.specialises,
        checks=tuple(CheckSheet(c.title, c.command, c.shell, c.separates) for c in cause.checks),
        remedies=tuple(RemedyName(r.id, r.title, r.verification) for r in remedies),
    )


def remedy_sheet(name: str, rules: Rules) -> RemedySheet | None:
    """Return all about a remedy, if there is one of that id."""
    remedy = rules.remedies.get(name)
    if remedy is None:
        return None
    causes = [c.id for c in rules.causes.values() if name in {r.id for r in c.remedies}]
    return RemedySheet(
        id=remedy.id,
        title=remedy.title,
        verification=remedy.verification,
        by=remedy.by,
        caution=remedy.caution,
        proof="lab" if name in rules.proven else "documented",
        causes=tuple(causes),
        inputs=tuple(Input(i.name, i.example, i.text) for i in remedy.inputs),
        steps=tuple(Step(s.text, s.command, s.shell) for s in remedy.steps),
    )


def question_sheets(rules: Rules) -> tuple[QuestionSheet, ...]:
    """Return all questions."""
    return tuple(
        QuestionSheet(
            id=question.id,
            text=question.text,
            why=question.why,
            answers=tuple(AnswerSheet(answer.id, answer.text) for answer in by_id(question)),
            paste=question.takes_output,
            example=question.example if question.value else None,
        )
        for question in rules.questions.values()
    )
