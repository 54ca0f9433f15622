"""`pipcert-logs causes`: what is known, rendered from the rules."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path

from msgspec.structs import asdict

from pipcert_logs.cli.outcome import FINE, WRONG, complain
from pipcert_logs.cli.screen import Screen, screen
from pipcert_logs.knowledge.errors import RuleError
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.knowledge.model import Cause, Check, Condition, Evidence, Remedy
from pipcert_logs.report.inert import inert
from pipcert_logs.report.paper import Paper
from pipcert_logs.report.words import SHELL_NAMES

_FAMILIES = ("trust", "validity", "runtime", "index", "proxy", "network")
_EFFECTS = {"keeps": "", "weakens": "  weakens verification", "off": "  switches verification OFF"}
_ALWAYS = asdict(Condition())
_ALL_OF = ("traits", "all_signals")


def tell(name: str | None, packs: tuple[Path, ...]) -> int:
    """Print every cause, or all about one, or about a remedy."""
    try:
        rules = Rules.load(*packs)
    except RuleError as error:
        complain(str(error))
        return WRONG
    return show_cause(name, rules) if name else show_causes(rules)


def show_causes(rules: Rules) -> int:
    """Print every cause, by family."""
    shown = screen()
    paper = Paper(shown.width)
    causes = rules.causes.values()
    width = max(len(cause.id) for cause in causes)
    ordered = sorted(causes, key=lambda cause: (_FAMILIES.index(cause.family), cause.id))
    for family, members in groupby(ordered, key=lambda cause: cause.family):
        paper.line((family, "bold"))
        for cause in members:
            paper.line(f"{cause.id:{width}}  ", inert(cause.title), indent=2, hang=width + 2)
    paper.blank()
    paper.line("All about one: pipcert-logs causes ID")
    shown.put(paper.lines)
    return FINE


def show_cause(name: str, rules: Rules) -> int:
    """Print all about one cause."""
    cause = rules.causes.get(name)
    if remedy := rules.remedies.get(name):
        _show_remedy(remedy, rules)
        return FINE
    if cause is None:
        known = [*rules.causes, *rules.remedies]
        complain(f"there is no cause and no remedy {name!r}. {_near(name, known)}")
        return WRONG
    _Sheet(cause, rules, screen()).show()
    return FINE


def _show_remedy(remedy: Remedy, rules: Rules) -> None:
    """Print all about one remedy, and which causes it is for."""
    shown = screen()
    paper = Paper(shown.width)
    effect = (_EFFECTS[remedy.verification], "bold red")
    paper.line((inert(remedy.title), "bold"), f"  [{remedy.id}]", effect)
    causes = [c.id for c in rules.causes.values() if remedy.id in {r.id for r in c.remedies}]
    paper.line((f"for {', '.join(causes)}{_when(remedy.when)}", "dim"), indent=2, hang=2)
    paper.blank()
    _steps(remedy, paper, indent=2)
    shown.put(paper.lines)


def _steps(remedy: Remedy, paper: Paper, *, indent: int) -> None:
    examples = {item.name: item.example for item in remedy.inputs}
    if remedy.caution:
        paper.line((f"Caution: {inert(remedy.caution)}", "bold yellow"), indent=indent)
    for step in remedy.steps:
        text = inert(_filled(step.text, examples))
        paper.line(
            "- ", text, (_shell(step.shell) + _when(step.when), "dim"), indent=indent, hang=2
        )
        if step.command:
            paper.command(_filled(step.command, examples), indent=indent + 4)


def _near(name: str, causes: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(causes), n=3, cutoff=0.4)
    near = near or [cause for cause in causes if set(name.split("-")) & set(cause.split("-"))]
    return f"Did you mean {' or '.join(near)}?" if near else "See: pipcert-logs causes"


class _Sheet:
    """A cause on its way to a screen."""

    def __init__(self, cause: Cause, rules: Rules, shown: Screen) -> None:
        self._cause = cause
        self._rules = rules
        self._screen = shown
        self._paper = Paper(shown.width)

    def show(self) -> None:
        """Print the cause, what speaks for it, what tells, what helps."""
        cause = self._cause
        self._paper.line((inert(cause.title), "bold"), f"  [{cause.id}, {cause.family}]")
        self._paper.blank()
        self._paper.line(inert(cause.explanation), indent=2)
        self._relations()
        self._evidence(cause.evidence)
        self._checks(cause.checks)
        self._remedies()
        if cause.prevention:
            self._paper.heading("So that it does not happen again")
            self._paper.line(inert(cause.prevention), indent=2)
        self._screen.put(self._paper.lines)

    def _relations(self) -> None:
        for words, names in (
            ("more precise than", self._cause.specialises),
            ("explains", self._cause.explains),
        ):
            if names:
                self._paper.line(f"{words}: {', '.join(names)}", indent=2, hang=2)

    def _evidence(self, evidence: Iterable[Evidence]) -> None:
        self._paper.heading("What speaks for it (+) and against it (-), in log-odds")
        for item in sorted(evidence, key=lambda item: -item.weight):
            self._paper.line(f"{item.weight:+5.1f}  ", inert(item.why), indent=2, hang=7)
            signals = f"{' or '.join(item.signal)}{_when(item.when)}"
            self._paper.line((signals, "dim"), indent=9)

    def _checks(self, checks: Iterable[Check]) -> None:
        if checks:
            self._paper.heading("What tells it from others")
        for check in checks:
            self._paper.line(inert(check.title), (_shell(check.shell), "dim"), indent=2)
            others = f"from {', '.join(check.separates)}{_when(check.when)}"
            self._paper.line((others, "dim"), indent=4)
            self._paper.command(_filled(check.command, {}), indent=6)

    def _remedies(self) -> None:
        self._paper.heading("What to do, best first")
        known = [choice for choice in self._cause.remedies if choice.id in self._rules.remedies]
        for number, choice in enumerate(known, 1):
            remedy = self._rules.remedies[choice.id]
            effect = (_EFFECTS[remedy.verification], "bold red")
            title = (inert(remedy.title), "bold")
            self._paper.line(f"{number}. ", title, f"  [{remedy.id}]", effect, indent=2, hang=3)
            for condition in (choice.when, remedy.when):
                if words := _when(condition):
                    self._paper.line((words.strip(), "dim"), indent=5)
            _steps(remedy, self._paper, indent=5)


def _shell(shell: str) -> str:
    return "" if shell == "any" else f"  [{SHELL_NAMES.get(shell, shell)}]"


def _filled(text: str, examples: Mapping[str, str]) -> str:
    """Put examples, or names in capitals, where a report has the log's values."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: examples.get(match[1], match[1].upper()), text)


def _when(condition: Condition) -> str:
    """Return the conditions that are stated, in words."""
    stated = {k: v for k, v in asdict(condition).items() if v != _ALWAYS[k]}
    words = [f"{name.replace('_', ' ')} {_words(name, value)}" for name, value in stated.items()]
    return f"  when {', and '.join(words)}" if words else ""


def _words(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key} like {pattern}" for key, pattern in value.items())
    if isinstance(value, tuple):
        return (" and " if name in _ALL_OF else " or ").join(value)
    return str(value)
