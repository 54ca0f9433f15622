"""What a person says beside a log: answers by their ids, and the output of checks."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

import regex
from msgspec import Struct

from pipcert_logs.knowledge.answers import PASTED, STATED, by_id, line, signal_id
from pipcert_logs.knowledge.model import Answer, Question, Signal
from pipcert_logs.match.matcher import CompiledSignal
from pipcert_logs.patterns import compiled
from pipcert_logs.read.redact import redact
from pipcert_logs.read.squeeze import squeeze

MAX_OUTPUT = 1 << 20
"""So many characters of a check's output are read."""
_TIMEOUT = 1.0  # seconds that a pattern may take on it, as a last line of defence
_SAID = 60


class ContextError(ValueError):
    """A context that says nothing; the message tells what could be said."""


class Output(Struct, frozen=True):
    """What a check printed in which no answer was recognised; the signals read it."""

    question: Question
    text: str

    @property
    def line(self) -> str:
        """The line of the answer, where the signals find something in it."""
        return line(self.question, PASTED.id)

    @property
    def nothing(self) -> str:
        """What to say where they do not."""
        name = self.question.id
        return f"{_shown(self.text)} says nothing about {name!r}; {_expected(self.question)}"


class Context(Struct, frozen=True):
    """A context, understood: it goes on where the log ends."""

    lines: tuple[str, ...] = ()
    """A line for each answer whose meaning is plain."""
    outputs: tuple[Output, ...] = ()


def understood(
    given: Mapping[str, str], questions: Mapping[str, Question], signals: Mapping[str, Signal]
) -> Context:
    """Understand what a person says.

    Args:
        given: by the id of a question, the id of an answer; or a value, where the question takes
            one; or, where it has a check, what that printed.
        questions: what may be answered.
        signals: with those of the answers.

    Raises:
        ContextError: there is no such question, or the answer is none of its answers.
    """
    lines, outputs = [], []
    for name, said in given.items():
        question = questions.get(name)
        if question is None:
            raise ContextError(f"there is no question {name!r}; {_near(name, questions)}")
        if answer := _answered(question, said.strip(), signals):
            lines.append(line(question, answer))
        elif question.takes_output and len(said.split()) > 1:
            outputs.append(Output(question, said[:MAX_OUTPUT]))
        else:
            raise ContextError(f"{_shown(said)} does not answer {name!r}; {_expected(question)}")
    return Context(tuple(lines), tuple(outputs))


def _answered(question: Question, said: str, signals: Mapping[str, Signal]) -> str | None:
    """Return the id of the answer that was given, or the value; None if neither is recognised."""
    if question.value:
        value = squeeze(said)
        stated = CompiledSignal(signals[signal_id(question, STATED)], {})
        return value if stated.matches(squeeze(line(question, value))) else None
    if said.lower() in {answer.id for answer in by_id(question)}:
        return said.lower()
    shown = recognised(question, said)
    return shown.id if shown else None


def recognised(question: Question, output: str) -> Answer | None:
    """Return the answer that the output of a check shows; None if it shows none."""
    for answer in question.answers:
        if answer.output and _shows(answer.output.pattern, output):
            return answer
    return None


def _shows(pattern: str, output: str) -> bool:
    ready = compiled(pattern, regex.VERBOSE | regex.MULTILINE | regex.IGNORECASE)
    try:
        return ready.search(output[:MAX_OUTPUT], timeout=_TIMEOUT) is not None
    except TimeoutError:
        return False


def _shown(said: str) -> str:
    return repr(" ".join(redact(said[:MAX_OUTPUT]).split())[:_SAID])


def _expected(question: Question) -> str:
    if question.value:
        return f"expected a value such as {question.example!r}"
    known = ", ".join(answer.id for answer in by_id(question))
    printed = ", or what was printed" if question.takes_output else ""
    return f"expected {known}{printed}"


def _near(name: str, questions: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(questions), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(questions)}"
