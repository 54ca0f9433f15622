"""The work of `pipcert-explain`: read each log, report on it, remember how it all ends."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

from pipcert_logs.cli.outcome import CODES, FINE, FOUND, INTERRUPTED, WRONG, complain
from pipcert_logs.cli.reader import reader
from pipcert_logs.cli.request import Format, Request
from pipcert_logs.cli.streams import STDIN, Echo, InputError, Interrupt, called, opened, pieces
from pipcert_logs.cli.writing import Writer, writing
from pipcert_logs.context import MAX_OUTPUT, ContextError
from pipcert_logs.explainer import Explainer
from pipcert_logs.knowledge.errors import RuleError
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.report.model import Report

_HINT = """\
pipcert-explain reads what pip printed. Give it pip's output, or a log:

    pip install PACKAGE 2>&1 | pipcert-explain
    pipcert-explain build.log

To paste a log, run `pipcert-explain -`. All options: pipcert-explain --help"""
_NOTHING_PIPED = "pip prints errors on standard error: 2>&1 before the pipe takes them along."


def run(request: Request) -> int:
    """Do what was asked and return the exit code."""
    if not request.logs and sys.stdin and sys.stdin.isatty():
        print(_HINT, file=sys.stderr)
        return WRONG
    try:
        rules = Rules.load(*request.rules)
        context = _context(request.context)
        for output in Explainer(rules=rules, context=context).unheard:
            _complain(output.nothing)
        return _Session(request, rules, context).run()
    except (RuleError, ContextError) as error:
        _complain(str(error))
        return WRONG


def _context(words: Iterable[str]) -> dict[str, str]:
    """Return what is said beside the log.

    Raises:
        ContextError: a word is no answer to a question.
    """
    context = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise ContextError(f"--context takes QUESTION=ANSWER, such as clock=right, not {word}")
        if name in context:
            raise ContextError(f"--context answers {name!r} twice")
        context[name] = _printed(value[1:]) if value.startswith("@") else value
    return context


def _printed(file: str) -> str:
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - pathlib takes a while to load
            return stream.read(MAX_OUTPUT).decode("utf-8", "replace")
    except OSError as error:
        named = file or "the file after @, which has no name,"
        raise ContextError(f"{named} cannot be read: {error.strerror}") from error


def _complain(message: str) -> None:
    complain(message, program="pipcert-explain")


class _Session:
    """One call: its logs in their order, and the worst of their outcomes."""

    def __init__(self, request: Request, rules: Rules, context: Mapping[str, str]) -> None:
        self._request = request
        self._rules = rules
        self._context = context
        self._interrupt = Interrupt()

    def run(self) -> int:
        """Explain the logs; what cannot be read is told, and the others are explained."""
        logs = self._request.logs or (STDIN,)
        codes = [FINE]
        with (
            self._interrupt.caught(),
            writing(self._request.format, several=len(logs) > 1) as write,
        ):
            for log in logs:
                if not self._interrupt.pressed:
                    codes.append(self._one(log, write))
        if self._interrupt.pressed:
            return INTERRUPTED
        return FINE if max(codes) == FOUND and self._request.exit_zero else max(codes)

    def _one(self, log: str, write: Writer) -> int:
        try:
            report = self._explain(log)
        except InputError as error:
            _complain(f"{called(log)} {error}")
            return WRONG
        write(report)
        return CODES[report.verdict]

    def _explain(self, log: str) -> Report:
        explainer = Explainer(
            source=log,
            rules=self._rules,
            reader=reader(self._request.shell),
            context=self._context,
        )
        echo = self._echo(log)
        size = 0
        with opened(log) as descriptor:
            for piece in pieces(descriptor, self._interrupt, echo):
                explainer.feed(piece)
                size += len(piece)
        if log == STDIN and not size:
            _complain(_NOTHING_PIPED)
        return explainer.close()

    def _echo(self, log: str) -> Echo | None:
        """Standard input is passed on, but for what the reader types and so sees already."""
        if log != STDIN:
            return None
        _warm_up(self._rules)
        if self._request.quiet or (sys.stdin and sys.stdin.isatty()):
            return None
        return Echo(beside_report=self._request.format is Format.TEXT)


def _warm_up(rules: Rules) -> None:
    """Load, while pip still works, what would make the reader wait when pip has ended."""
    for name in ("causes", "remedies", "hosts", "traits", "pythons_by_ssl_line"):
        getattr(rules, name)
