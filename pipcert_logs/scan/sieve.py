"""Read a log at the speed of memory until there is something in it to explain.

Most logs of an archive hold nothing. So blocks are only searched, and dropped, until one holds a
place worth reading; an `Explainer` takes over from a little before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from pipcert_logs.explainer import Explainer, search_tools
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.match.prefilter import Prefilter
from pipcert_logs.read.decode import HEAD_SIZE, sniff
from pipcert_logs.read.lines import CONTEXT, MAX_LINE, REACH
from pipcert_logs.report.model import Report

_BORDER = 2 * CONTEXT
"""How far from the border of two blocks a place is searched with both in view."""
_KEPT = 1 << 22
"""To count lines takes as long as to search them, so it is put off: most logs are smaller."""
_BEFORE = REACH + MAX_LINE + CONTEXT + _BORDER
"""How many bytes before the block of a find an explainer has to be given."""


def explain_blocks(blocks: Iterable[bytes], *, source: str, rules: Rules) -> Report | None:
    """Explain a log that comes in blocks; None if there is nothing in it to explain.

    The report is that of `explain` for the same bytes.
    """
    blocks = iter(blocks)
    sieve = _Sieve(search_tools(rules)[0])
    if not sieve.find(blocks):
        return None
    explainer = Explainer(source=source, rules=rules)
    if sieve.passed:
        explainer.pass_over(sieve.passed, sieve.newlines)
    for block in (*sieve.kept, *blocks):
        explainer.feed(block)
    report = explainer.close()
    return report if report.failures or report.other_error else None


class _Sieve:
    """Passes over blocks, and keeps the latest."""

    def __init__(self, prefilter: Prefilter) -> None:
        self._find = prefilter.find
        self.kept: deque[bytes] = deque()
        self.passed = 0
        """How many bytes came before those that are kept."""
        self.newlines = 0
        """How many lines ended there."""
        self._kept_size = 0
        self._tail = b""

    def find(self, blocks: Iterator[bytes]) -> bool:
        """Take blocks up to one that is worth reading, and tell whether there is one."""
        block = _first(blocks)
        hot = _takes_a_reader(block[:HEAD_SIZE])
        while block:
            hot = hot or self._is_hot(block)
            self.kept.append(block)
            self._kept_size += len(block)
            if hot:
                self._drop(until=_BEFORE)
                return True
            self._tail = (self._tail + block[-_BORDER:])[-_BORDER:]
            if self._kept_size > _KEPT:
                self._drop(until=_BEFORE)
            block = next(blocks, b"")
        return False

    def _is_hot(self, block: bytes) -> bool:
        border = self._tail + block[:_BORDER] if self._tail else b""
        return any(self._find(memoryview(part), 0, len(part)) for part in (block, border) if part)

    def _drop(self, until: int) -> None:
        """Forget the oldest blocks, but for so many bytes before the latest block."""
        until += len(self.kept[-1])
        while self._kept_size - len(self.kept[0]) >= until:
            block = self.kept.popleft()
            self._kept_size -= len(block)
            self.passed += len(block)
            self.newlines += block.count(b"\n")


def _first(blocks: Iterator[bytes]) -> bytes:
    """Return enough to tell the encoding by, or the whole log."""
    first = next(blocks, b"")
    while len(first) < HEAD_SIZE and (more := next(blocks, b"")):
        first += more
    return first


def _takes_a_reader(head: bytes) -> bool:
    """Tell whether a log is not searched as it is: UTF-16, or lines that only return."""
    return sniff(head)[0] != "utf-8" or (b"\r" in head and b"\n" not in head)
