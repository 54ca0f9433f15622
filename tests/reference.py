"""The reference matcher: what the fast one has to equal, written to be plainly right.

The literals are looked for one by one, every pattern is tried on every record, and the log is
taken in one piece.
"""

from __future__ import annotations

from pipcert_logs.diagnose.diagnosis import diagnose
from pipcert_logs.explainer import Reader
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.match.collect import Collector
from pipcert_logs.match.matcher import CompiledSignal, Matcher
from pipcert_logs.match.prefilter import AROUND, Prefilter
from pipcert_logs.read.lines import LineReader
from pipcert_logs.read.records import Assembler
from pipcert_logs.report.build import build
from pipcert_logs.report.model import Report


class EveryPattern(Matcher):
    """Tries all patterns, whatever their anchors."""

    def candidates(self, text: str) -> list[CompiledSignal]:
        return self.signals


class FindEach:
    """Looks for all places of all literals, one literal after the other."""

    def __init__(self, prefilter: Prefilter) -> None:
        self._prefilter = prefilter

    def find(self, block: bytes, begin: int, stop: int) -> list[tuple[int, int]]:
        found = []
        for literal in self._prefilter.literals:
            start = block.find(literal, begin)
            while 0 <= start < stop:
                end = start + len(literal)
                if self._prefilter.holds_anchor(block[max(start - AROUND, 0) : end + AROUND]):
                    found.append((start, end))
                start = block.find(literal, start + 1)
        return sorted(found)


def explain(data: bytes, rules: Rules, *, source: str = "-") -> Report:
    """Explain a log the slow way."""
    anchors = [a for s in rules.signals.values() for a in s.sought]
    reader = LineReader(FindEach(Prefilter(anchors, rules.literals)).find)
    assembler = Assembler(rules.heads)
    collector = Collector(EveryPattern(rules.signals, rules.names))
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
        reader_os=who.os,
        reader_shell=who.shell,
    )
