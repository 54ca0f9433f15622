"""What a call of `pipcert-explain` asks for, and a way to read the plain calls without typer.

To import typer takes a third of the time of a whole `pip --version`. A call that only names logs
and options is understood here; whatever else there is (help, completion, mistakes) goes to typer,
and a test holds the two to the same answers.
"""

from __future__ import annotations

import os
from enum import Enum
from typing import NamedTuple

_WITH_VALUE = ("--format", "--shell", "--rules", "--context")


class Format(str, Enum):
    """How the report is written."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    MARKDOWN = "markdown"


class Shell(str, Enum):
    """The shell that the reader types commands into."""

    POSIX = "posix"
    POWERSHELL = "powershell"
    CMD = "cmd"


class Request(NamedTuple):
    """A call of `pipcert-explain`, understood."""

    logs: tuple[str, ...] = ()
    format: Format = Format.TEXT
    quiet: bool = False
    rules: tuple[str, ...] = ()
    exit_zero: bool = False
    shell: Shell | None = None
    context: tuple[str, ...] = ()


def quick(words: list[str]) -> Request | None:
    """Understand a plain call; None leaves any other to typer."""
    if _completing() or (os.name == "nt" and any(set("*?[~%$") & set(word) for word in words)):
        return None  # typer expands wildcards, as cmd does not
    request: Request | None = Request()
    rest = list(words)
    while rest and request:
        request = _take(rest, request)
    return request


def _completing() -> bool:
    return any(name.startswith("_PIPCERT_") for name in os.environ)


def _take(rest: list[str], request: Request) -> Request | None:
    """Take one option with its value, or one log, from `rest`."""
    word = rest.pop(0)
    if word in ("-q", "--quiet"):
        return request._replace(quiet=True)
    if word == "--exit-zero":
        return request._replace(exit_zero=True)
    name, equals, value = word.partition("=")
    if name in _WITH_VALUE and (equals or rest):
        return _with_value(name, value if equals else rest.pop(0), request)
    return None if word.startswith("-") and word != "-" else _with_log(word, request)


def _with_log(word: str, request: Request) -> Request:
    return request._replace(logs=(*request.logs, word))


def _with_value(name: str, value: str, request: Request) -> Request | None:
    if value.startswith("-"):
        return None
    try:
        if name == "--format":
            return request._replace(format=Format(value))
        if name == "--shell":
            return request._replace(shell=Shell(value))
    except ValueError:
        return None
    if name == "--context":
        return request._replace(context=(*request.context, value))
    return request._replace(rules=(*request.rules, value))
