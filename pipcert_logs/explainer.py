"""The stages put together: bytes in pieces go in, a report comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from msgspec import Struct
from msgspec.structs import replace

from pipcert_logs.context import understood
from pipcert_logs.diagnose.diagnosis import diagnose
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.match.collect import Collector
from pipcert_logs.match.matcher import Matcher
from pipcert_logs.match.prefilter import Prefilter
from pipcert_logs.read.lines import Line, LineReader
from pipcert_logs.read.records import Assembler
from pipcert_logs.report.build import build
from pipcert_logs.report.model import Report
from pipcert_logs.report.summary import EMPTY


class Reader(Struct, frozen=True):
    """Who reads the report: the steps for this system and shell come first."""

    os: str | None = None
    shell: str | None = None


@cache
def _builtin_rules() -> Rules:
    return Rules.builtin()


@lru_cache(maxsize=8)
def search_tools(rules: Rules) -> tuple[Prefilter, Matcher]:
    """What is built from the rules once, for all logs; neither changes while it is used."""
    anchors = [anchor for s in rules.signals.values() for anchor in s.sought]
    return Prefilter(anchors, rules.literals), Matcher(
        rules.signals, rules.names, rules.records.own
    )


class Explainer:
    r"""Explains one log that comes in pieces, in memory that does not grow with the log.

    >>> explainer = Explainer(source="build.log")
    >>> explainer.feed(b"Successfully installed demo-1.0\n")
    >>> explainer.close().verdict
    'clean'
    """

    def __init__(
        self,
        *,
        source: str = "-",
        rules: Rules | None = None,
        reader: Reader | None = None,
        context: Mapping[str, str] | None = None,
    ) -> None:
        """Start a log; the arguments are those of `explain`.

        Raises:
            ContextError: the context says nothing.
        """
        self._source = source.encode(
            "utf-8", "backslashreplace"
        ).decode()  # names may hold any byte
        self._closed = False
        self._empty = True
        self._rules = rules or _builtin_rules()
        self._reader = reader or Reader()
        self._context = understood(context or {}, self._rules.questions, self._rules.signals)
        prefilter, self._matcher = search_tools(self._rules)
        outputs = self._context.outputs
        self.unheard = [o for o in outputs if o.question.check and not self._hears(o.text)]
        """What checks printed in which nothing was recognised: their questions stay open."""
        self._lines = LineReader(prefilter.find)
        self._records = Assembler(self._rules.records)
        self._collector = Collector(self._matcher)

    def pass_over(self, size: int, newlines: int) -> None:
        """Leave out bytes of the log that hold nothing; see `LineReader.pass_over`."""
        self._empty = False
        self._take(self._lines.pass_over(size, newlines))

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the log, of any size.

        Raises:
            ValueError: the log was closed.
        """
        if self._closed:
            raise ValueError("the log is closed; start another Explainer for another log")
        self._empty &= not piece
        self._take(self._lines.feed(piece))

    def close(self) -> Report:
        """End the log and return what was found."""
        self._closed = True
        self._take(self._lines.close())
        self._end_record()
        said = tuple(self._take_context())
        report = build(
            diagnose(self._collector.hits, self._rules),
            self._rules,
            source=self._source,
            said=said,
            reader_os=self._reader.os,
            reader_shell=self._reader.shell,
        )
        return replace(report, summary=EMPTY) if self._empty and not said else report

    def _take_context(self) -> Iterator[Line]:
        """Go on with what a person says, as if it stood after the log; yield the answers."""
        number, offset = self._lines.next
        outputs = [output for output in self._context.outputs if output not in self.unheard]
        said = [*(output.line for output in outputs), *self._context.lines]
        for text in (*(output.text for output in outputs), *said):
            reader = LineReader(None)
            moved = [
                Line(number + n - 1, t, n > 1, offset + o) for n, t, _, o in _lines(text, reader)
            ]
            self._take(iter(moved))
            self._end_record()
            if text in said:
                yield from moved
            number, offset = number + reader.next[0] - 1, offset + reader.next[1]

    def _hears(self, text: str) -> bool:
        """Tell whether any signal is in a text."""
        records, collector = Assembler(self._rules.records), Collector(self._matcher)
        for line in _lines(text, LineReader(None)):
            for record in records.add(line):
                collector.add(record)
        for record in records.flush():
            collector.add(record)
        return bool(collector.hits)

    def _end_record(self) -> None:
        for record in self._records.flush():
            self._collector.add(record)

    def _take(self, lines: Iterator[Line]) -> None:
        for line in lines:
            for record in self._records.add(line):
                self._collector.add(record)


def _lines(text: str, reader: LineReader) -> list[Line]:
    return [*reader.feed(text.encode("utf-8", "replace")), *reader.close()]


def explain(
    data: bytes | str,
    *,
    source: str = "-",
    rules: Rules | None = None,
    reader: Reader | None = None,
    context: Mapping[str, str] | None = None,
) -> Report:
    """Explain a whole log.

    Args:
        data: the log; bytes in any encoding that logs have, or text.
        source: what the report calls the log.
        rules: the knowledge to use; the built-in rules where None.
        reader: who will read the report.
        context: what is known beside the log: answers to the questions of `rules/questions/`, by
            their ids, such as {"os": "windows", "clock": "right"}; or what a check printed.

    Raises:
        RuleError: a rule file cannot be used.
        ContextError: the context answers no question; the message says what could be answered.
    """
    explainer = Explainer(source=source, rules=rules, reader=reader, context=context)
    explainer.feed(data.encode("utf-8", "replace") if isinstance(data, str) else data)
    return explainer.close()
