"""The reference matcher: what the fast one has to equal, written to be plainly right.

All lines are read, every pattern is tried on every record, and the log is taken in one piece.
"""

from __future__ import annotations

from pipcert_logs.diagnose.diagnosis import diagnose
from pipcert_logs.explainer import Reader
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.match.collect import Collector
from pipcert_logs.match.matcher import CompiledSignal, Matcher
from pipcert_logs.read.lines import LineReader
from pipcert_logs.read.records import Assembler
from pipcert_logs.report.build import build
from pipcert_logs.report.model import Report


class EveryPattern(Matcher):
    """Tries all patterns, whatever their anchors."""

    def candidates(self, text: str) -> list[CompiledSignal]:
        return self.signals


def explain(data: bytes, rules: Rules, *, source: str = "-") -> Report:
    """Explain a log the slow way."""
    reader = LineReader(None)
    assembler = Assembler(rules.records)
    collector = Collector(EveryPattern(rules.signals, rules.names, rules.records.own))
    for line in [*reader.feed(data), *reader.close()]:
        for record in assembler.add(line):
            collector.add(record)
    for record in assembler.flush():
        collector.add(record)
    who = Reader()
    return build(
        diagnose(collector.hits, rules),
        rules,
        source=source,
        said=(),
        reader_os=who.os,
        reader_shell=who.shell,
    )
