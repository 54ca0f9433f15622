"""What a person says beside a log becomes lines, and each answer a signal that reads its line."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from pipcert_logs.knowledge.model import (
    Answer,
    Counterexample,
    Example,
    PrintedBy,
    Question,
    Signal,
)

UNKNOWN = Answer(id="unknown", text="I cannot tell")
STATED = Answer(id="stated", text="as stated")
"""The answer to a question that takes a value."""
PASTED = Answer(id="pasted", text="what was printed is pasted")
"""The answer to a question that takes more of what was printed."""
_PROGRAM = "pipcert-logs context"
_LINE = "pipcert-context:"


def answers(question: Question) -> tuple[Answer, ...]:
    """Return what may be answered."""
    if question.value:
        return (STATED,)
    pasted = (PASTED,) if question.takes_output else ()
    return (*question.answers, *pasted, UNKNOWN)


def by_id(question: Question) -> tuple[Answer, ...]:
    """Return what a person may answer by its id."""
    return () if question.value else (*question.answers, UNKNOWN)


def signal_id(question: Question, answer: Answer) -> str:
    """Return the id by which evidence names an answer."""
    return f"answer-{question.id}-{answer.id}"


def line(question: Question, value: str) -> str:
    """Return the line that states an answer, by its id, or a value."""
    return f"{_LINE} {question.id}={value}"


def signals_of(question: Question) -> Iterator[Signal]:
    """Yield a signal for each answer to a question."""
    for answer in answers(question):
        said = question.example if question.value else answer.id
        text = line(question, said)
        anchor = line(question, "")
        value = question.value or regex.escape(answer.id)
        yield Signal(
            id=signal_id(question, answer),
            role="context",
            states=f"the answer to {question.id!r}: {answer.text}",
            anchors=(anchor,),
            seek=(_LINE,),
            pattern=rf"{regex.escape(_LINE, special_only=True)} {question.id} = (?:{value}) \Z",
            printed_by=PrintedBy(program=_PROGRAM, format=f"{_LINE} ...=..."),
            matches=(Example(text=text),),
            differs=(Counterexample(text=f"{text};", why="more than the answer"),),
            facts=answer.facts,
        )
