"""Measures what questions are worth: `python -m corpus.converse` writes `docs/conversation.md`.

For each recorded log, whole and cut, the question that the report puts first is answered as a
person of that place would truthfully answer, then the next one. Counted is how often the likeliest
cause is the one that was made.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from corpus.jobs import named
from corpus.model import Fault
from corpus.truths import truth
from pipcert_logs.explainer import explain
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.report.model import Question, Report

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "conversation.md"
HEAD = """\
# Conversations, measured

Written by `python -m corpus.converse`. Each log was recorded in the lab from a fault that was made
there. The question that the report puts first is answered as a person who met that fault would
truthfully answer (`corpus/truths.py` derives it from how the fault is made; where that does not
say, the answer is that one cannot tell), then the next one. Of a log of which a part was cut off,
the rest is pasted where the lines above are asked for. Counted is how often the likeliest cause is
the one that was made, in whole logs and in parts; *by lot* takes two of the questions offered at
random.

The weights of the answers were written by hand, and looked over with a fifth of these
conversations in view: there is no held-out set. What people really answer was not measured."""
TURNS = 2
_UNKNOWN = "unknown"

Cut = Callable[[list[bytes]], list[bytes]]
CUTS: dict[str, Cut] = {
    "whole": lambda lines: lines,
    "last half": lambda lines: lines[len(lines) // 2 :],
    "last two lines": lambda lines: lines[-2:],
    "first half": lambda lines: lines[: (len(lines) + 1) // 2],
}
Choose = Callable[[tuple[Question, ...]], Question]


class Case(NamedTuple):
    """A recorded log of a failure, with what was really wrong."""

    fault: Fault
    cause: str
    log: bytes


class Talk(NamedTuple):
    """A conversation: whether the first cause was right after none, one and two questions."""

    right: tuple[bool, ...]
    likely: tuple[float, ...]
    """The probability of the true cause."""
    asked: tuple[str, ...]


def cases() -> Iterator[Case]:
    """Yield each recorded log of a failure, with what was really wrong."""
    for path in sorted((ROOT / "corpus" / "logs").glob("*.log")):
        fault, _ = named(path.stem)
        log = path.read_bytes()
        if fault.fails:
            yield Case(fault, fault.truth_of(log.decode("utf-8", "replace")), log)


def talk(case: Case, cut: Cut, rules: Rules, choose: Choose) -> Talk:
    """Hold a conversation of up to TURNS questions about a part of a log."""
    fault, cause = case.fault, case.cause
    lines = case.log.splitlines(keepends=True)
    log = b"".join(cut(lines))
    rest = case.log.replace(log, b"", 1).decode("utf-8", "replace")
    context: dict[str, str] = {}
    right, likely, asked = [], [], []
    for _ in range(TURNS + 1):
        report = explain(log, rules=rules, context=context)
        first = report.causes[0].id if report.causes else None
        right.append(first == cause)
        likely.append(_probability(report, cause))
        if report.questions:
            question = choose(report.questions)
            asked.append(question.id)
            above = (rest.strip() or "nothing") if question.id == "lines-above" else None
            context[question.id] = above or truth(fault, question.id) or _UNKNOWN
    return Talk(tuple(right), tuple(likely), tuple(asked[:TURNS]))


def _probability(report: Report, cause: str) -> float:
    return next((c.probability for c in report.causes if c.id == cause), 0.0)


def best(questions: tuple[Question, ...]) -> Question:
    """Choose the question that the report puts first."""
    return questions[0]


def any_of(seed: int) -> Choose:
    """Choose one of the questions by lot."""
    return random.Random(seed).choice


def main() -> int:
    """Hold all conversations, and write the page."""
    PAGE.write_text("\n".join(_page(list(cases()), Rules.builtin())), "utf-8")
    return 0


def _page(found: list[Case], rules: Rules) -> Iterator[str]:
    yield from (HEAD, "", "| log | logs | no question | one | two | two, by lot |")
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    asked: Counter[str] = Counter()
    likely: list[str] = []
    worse = 0
    for name, cut in CUTS.items():
        talks = [talk(case, cut, rules, best) for case in found]
        lot = any_of(1)
        others = [talk(case, cut, rules, lot) for case in found]
        shares = [*(_share(talks, turn) for turn in range(TURNS + 1)), _share(others, TURNS)]
        yield f"| {name} | {len(talks)} | {' | '.join(f'{share:.1%}' for share in shares)} |"
        means = [fmean(talk.likely[turn] for talk in talks) for turn in range(TURNS + 1)]
        likely.append(f"| {name} | {' | '.join(f'{mean:.2f}' for mean in means)} |")
        worse += sum(talk.right[0] and not talk.right[TURNS] for talk in talks)
        asked.update(name for talk in talks for name in talk.asked)
    yield from ("", f"A first cause that was right was given up after the questions {worse} times.")
    yield from ("", "The mean probability of the true cause:", "")
    yield from ("| log | no question | one | two |", "| --- | ---: | ---: | ---: |", *likely)
    yield from ("", "Asked, in all of these conversations:", "")
    yield from ("| question | times |", "| --- | ---: |")
    yield from (f"| {name} | {times} |" for name, times in asked.most_common())
    yield ""


def _share(talks: Sequence[Talk], turn: int) -> float:
    return fmean(talk.right[turn] for talk in talks)


if __name__ == "__main__":
    sys.exit(main())
