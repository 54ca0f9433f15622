"""Read a log at the speed of memory, but for where there is something in it to explain.

Most of an archive says nothing of failures. So a log's blocks are searched, and only those in which
something was found, and their neighbours, are read line by line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from pipcert_logs.explainer import Explainer, search_tools
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.match.prefilter import Prefilter
from pipcert_logs.read.decode import HEAD_SIZE, sniff
from pipcert_logs.read.lines import CONTEXT
from pipcert_logs.report.model import Report

BLOCK = 1 << 19
"""Bytes read at once: what fits into a processor's cache is searched fastest."""
SMALLEST = HEAD_SIZE
"""A block holds so many bytes, or ends the log: its neighbours need nothing beyond it."""
_BORDER = 2 * CONTEXT
"""How far from the border of two blocks a place is searched with both in view."""
_UNCOUNTED = 1 << 22
"""To count lines takes as long as to search them, so it is put off: most logs are smaller."""


def explain_blocks(blocks: Iterable[bytes], *, source: str, rules: Rules) -> Report | None:
    """Explain a log that comes in blocks; None if there is nothing in it to explain.

    The report is that of `explain` for the same bytes.
    """
    search = Search(rules)
    reading = _Reading(source, rules)
    for block in _sizable(blocks):
        reading.take(block, hot=search.is_hot(block))
    return reading.close()


def explain_surveyed(
    read: Callable[[int], bytes],
    hot: Sequence[bool],
    newlines: Sequence[int],
    *,
    source: str,
    rules: Rules,
) -> Report | None:
    """Explain a log of which is known which blocks are hot, and how many lines end in each.

    Args:
        read: gives a block by its number; all but the last are `BLOCK` bytes long.
        hot: of each block whether something was found in it, or on the border before it.
        newlines: of each block.
        source: what the report calls the log.
        rules: the knowledge to use.
    """
    explainer = Explainer(source=source, rules=rules)
    passed = ended = 0
    for number, lines in enumerate(newlines):
        if any(hot[max(number - 1, 0) : number + 2]):
            if passed:
                explainer.pass_over(passed * BLOCK, ended)
                passed = ended = 0
            explainer.feed(read(number))
        else:
            passed += 1
            ended += lines
    return _worth_telling(explainer.close())


class Search:
    """Tells which blocks of a log are worth reading, one after the other."""

    def __init__(self, rules: Rules) -> None:
        self._prefilter: Prefilter = search_tools(rules)[0]
        self._tail: bytes | None = None
        self._all_hot = False

    def is_hot(self, block: bytes) -> bool:
        """Tell whether something begins in a block, or on its border with the one before."""
        border = b""
        if self._tail is None:
            self._all_hot = needs_reader(block)
        else:
            border = self._tail + block[:_BORDER]
        self._tail = block[-_BORDER:]
        return self._all_hot or self._finds(block) or self._finds(border)

    def begin_after(self, tail: bytes) -> None:
        """Begin within a log, behind some bytes of it."""
        self._tail = tail[-_BORDER:]

    def _finds(self, text: bytes) -> bool:
        return bool(text) and bool(self._prefilter.find(memoryview(text), 0, len(text)))


def needs_reader(head: bytes) -> bool:
    """Tell by its begin whether a log is not searched as it is: UTF-16, lines that only return."""
    head = head[:HEAD_SIZE]
    return sniff(head)[0] != "utf-8" or (b"\r" in head and b"\n" not in head)


class _Reading:
    """Gives an explainer the hot blocks of a log and their neighbours."""

    def __init__(self, source: str, rules: Rules) -> None:
        self._explainer = Explainer(source=source, rules=rules)
        self._any = False
        self._cold: list[bytes] = []
        self._cold_size = 0
        self._after = False

    def take(self, block: bytes, *, hot: bool) -> None:
        """Take the next block."""
        if not (hot or self._after):
            self._cold.append(block)
            self._cold_size += len(block)
            if self._cold_size > _UNCOUNTED:
                self._pass_over()
            return
        if hot and self._cold:
            self._pass_over()
            self._explainer.feed(self._cold.pop())
            self._cold_size = 0
        self._explainer.feed(block)
        self._any = self._any or hot
        self._after = hot

    def close(self) -> Report | None:
        """Return the report, if there is anything to report."""
        return _worth_telling(self._explainer.close()) if self._any else None

    def _pass_over(self) -> None:
        """Pass over the cold blocks but the last, which is the next one's neighbour."""
        *passed, last = self._cold
        newlines = sum(block.count(b"\n") for block in passed)
        self._explainer.pass_over(sum(map(len, passed)), newlines)
        self._cold, self._cold_size = [last], len(last)


def _worth_telling(report: Report) -> Report | None:
    return report if report.failures else None


def _sizable(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Put small blocks together."""
    waiting = b""
    for block in blocks:
        if waiting or len(block) < SMALLEST:
            waiting += block
            if len(waiting) < SMALLEST:
                continue
            block, waiting = waiting, b""
        yield block
    if waiting:
        yield waiting
