"""What the renderings have in common: the words for numbers and places, and what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from pipcert_logs.diagnose.shells import TYPED
from pipcert_logs.report.inert import inert
from pipcert_logs.report.model import (
    Answer,
    Endpoint,
    Failure,
    Index,
    Input,
    Look,
    Remedy,
    Report,
    Step,
)

SURE = 0.9
"""A first cause as likely as this needs no check and no rival."""

NO_HOST = "no host named"

SHELL_NAMES = {
    "posix": "sh",
    "powershell": "PowerShell",
    "cmd": "cmd",
    "ini": "pip.conf (pip.ini)",
    "requirements": "requirements.txt",
    "dockerfile": "Dockerfile",
    "yaml": "CI file",
    "python": "Python",
}
_ANSWERS = 6
_CERTAINTIES = ((0.9, "almost certain"), (0.7, "likely"), (0.4, "plausible"), (0.15, "possible"))

_LOOKS = {
    "confirmed": "the look confirms it",
    "supported": "the look speaks for it, and for others as well",
    "refuted": "the look refutes it, for here and now",
    "unseen": "the look cannot see whether it is so",
}


class _ForShell(Protocol):
    @property
    def shell(self) -> str: ...


_Item = TypeVar("_Item", bound=_ForShell)


def certainty(probability: float) -> str:
    """Return a probability in words and as a number."""
    word = next((word for least, word in _CERTAINTIES if probability >= least), "unlikely")
    return f"{word}, {percent(probability)}"


def percent(probability: float) -> str:
    """Return a probability as a number."""
    return f"{min(round(probability * 100), 99)} %"  # nothing is certain


def seen_by(look: Look) -> str:
    """Return what a look at the host says of a cause, in words."""
    return _LOOKS[look.outcome] + (f": {inert(look.why)}" if look.why else "")


def first_shell(items: Iterable[_ForShell]) -> str:
    """Return the reader's shell: the engine puts it before the other shells that one types into."""
    return next((item.shell for item in items if item.shell in TYPED), TYPED[0])


def typed_here(items: Iterable[_Item]) -> list[_Item]:
    """Return what is not for another shell than the reader's, nor for a file."""
    items = list(items)
    return [item for item in items if item.shell in ("any", first_shell(items))]


def folded(items: Iterable[_ForShell], shown: Iterable[_ForShell]) -> list[str]:
    """Return the names of the shells and files for which `shown` leaves something out."""
    here = {item.shell for item in shown}
    others = dict.fromkeys(item.shell for item in items if item.shell not in here)
    return [SHELL_NAMES.get(shell, shell) for shell in others]


def likeliest(answers: Sequence[Answer]) -> list[Answer]:
    """Return the answers to show where there is little room, in their order."""
    best = sorted(answers, key=lambda answer: -answer.probability)[:_ANSWERS]
    return [answer for answer in answers if answer in best]


def needed_inputs(remedy: Remedy, steps: Iterable[Step]) -> list[Input]:
    """Return what the reader has to supply for these steps."""
    text = "".join(f"{step.text}{step.command}" for step in steps)
    return [item for item in remedy.inputs if item.example in text]


def address(server: Endpoint | Index) -> str:
    """Return the host, with its port where that is not the usual one; nothing if it is unknown."""
    host, port = server.host or "", server.port
    return inert(host if not host or port in (None, 443) else f"{host}:{port}")


def endpoint(failure: Failure) -> str:
    """Return what could not be reached: the host, or the proxy where the log names only that."""
    proxy = failure.endpoint.via_proxy
    named = f"proxy {inert(proxy)}" if isinstance(proxy, str) else ""
    return address(failure.endpoint) or named


def when_met(failure: Failure) -> str:
    """Return a remark on a failure that is hidden by another."""
    return ", once what fails there first is mended" if failure.later else ""


def place(source: str, line: int) -> str:
    """Return where a line is, in the form that editors and terminals open."""
    return f"line {line}" if source == "-" else f"{inert(source)}:{line}"


def programs(report: Report) -> str:
    """Return the programs that the log names, with versions."""
    names = [f"{tool.name} {tool.version or ''}".strip() for tool in report.tools]
    if report.python:
        names.append(f"Python {report.python}")
    return inert(", ".join(names))


def of_outcome(report: Report, outcome: str) -> list[Failure]:
    """Return the failures that ended so."""
    return [failure for failure in report.failures if failure.outcome == outcome]
