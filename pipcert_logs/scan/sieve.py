"""Read a log at the speed of memory, but for where there is something in it to explain.

Most of an archive says nothing of failures. So a log is searched block by block, and only what is
around a find is read line by line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from pipcert_logs.explainer import Explainer, search_tools
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.match.prefilter import Prefilter
from pipcert_logs.read.decode import HEAD_SIZE, sniff
from pipcert_logs.read.lines import CONTEXT, FAR, count
from pipcert_logs.report.model import Report
from pipcert_logs.scan.model import Finds

BLOCK = 1 << 19
"""Bytes read at once: what fits into a processor's cache is searched fastest."""
SMALLEST = HEAD_SIZE
"""A block holds so many bytes, or ends the log."""
_BORDER = 2 * CONTEXT
"""How far from the border of two blocks a place is searched with both in view."""
_UNCOUNTED = 1 << 22
"""To count lines takes a while, so it is put off: most logs are smaller."""


def explain_blocks(blocks: Iterable[bytes], *, source: str, rules: Rules) -> Report | None:
    """Explain a log that comes in blocks; None if there is nothing in it to explain.

    The report is that of `explain` for the same bytes.
    """
    search = Search(rules)
    reading = _Reading(source, rules)
    for block in _sizable(blocks):
        reading.take(block, search.find(block))
    return reading.close()


def explain_surveyed(
    read: Callable[[int], bytes],
    finds: Sequence[Finds | None],
    newlines: Sequence[int],
    *,
    source: str,
    rules: Rules,
) -> Report | None:
    """Explain a log of which is known where in its blocks something was found.

    Args:
        read: gives a block by its number; all but the last are `BLOCK` bytes long, and an empty
            one ends the log.
        finds: of each block, as `Search.find` tells them.
        newlines: how many lines end in each block.
        source: what the report calls the log.
        rules: the knowledge to use.
    """
    explainer = Explainer(source=source, rules=rules)
    near = _blocks_near(finds)
    passed = ended = 0
    for number, lines in enumerate(newlines):
        if number in near:
            if passed:
                explainer.pass_over(passed * BLOCK, ended)
                passed = ended = 0
            block = read(number)
            if not block:
                break
            explainer.feed(block)
        else:
            passed += 1
            ended += lines
    return _worth_telling(explainer.close())


def _blocks_near(finds: Sequence[Finds | None]) -> set[int]:
    """Return the numbers of the blocks that hold what is around finds."""
    return {
        near
        for number, found in enumerate(finds)
        if found
        for near in range(
            number + (found[0] - FAR) // BLOCK, number + (found[1] + FAR) // BLOCK + 1
        )
    }


class Search:
    """Tells where in the blocks of a log there is something, one block after the other."""

    def __init__(self, rules: Rules) -> None:
        self._prefilter: Prefilter = search_tools(rules)[0]
        self._tail: bytes | None = None
        self._reads_all = False

    def find(self, block: bytes) -> Finds | None:
        """Return where finds begin and end, in a block and on its border with the one before."""
        spans = []
        if self._tail is None:
            self._reads_all = needs_reader(block)
        else:
            begin = -len(self._tail)
            spans += [self._span(self._tail + block[:_BORDER], begin)]
        self._tail = block[-_BORDER:]
        spans += [(0, len(block)) if self._reads_all else self._span(block)]
        found = [span for span in spans if span]
        return (min(first for first, _ in found), max(last for _, last in found)) if found else None

    def begin_after(self, tail: bytes) -> None:
        """Begin within a log, behind some bytes of it."""
        self._tail = tail[-_BORDER:]

    def _span(self, text: bytes, begin: int = 0) -> Finds | None:
        """Return where the finds of a text begin and end, which itself begins at `begin`."""
        found = self._prefilter.find(memoryview(text), 0, len(text)) if text else ()
        if not found:
            return None
        return begin + found[0][0], begin + max(end for _, end in found)


def needs_reader(head: bytes) -> bool:
    """Tell by its begin whether a log is not searched as it is: UTF-16, lines that only return."""
    head = head[:HEAD_SIZE]
    return sniff(head)[0] != "utf-8" or (b"\r" in head and b"\n" not in head)


class _Reading:
    """Gives an explainer what is around the finds of a log."""

    def __init__(self, source: str, rules: Rules) -> None:
        self._source = source
        self._rules = rules
        self._any = False
        self._waiting: deque[bytes] = deque()
        self._size = 0  # bytes that wait
        self._given = 0  # bytes of the log that were fed or passed over
        self._until = 0  # so many are to be fed

    @cached_property
    def _explainer(self) -> Explainer:
        """What reads the log, which most logs do not need."""
        return Explainer(source=self._source, rules=self._rules)

    def take(self, block: bytes, found: Finds | None) -> None:
        """Take the next block."""
        start = self._given + self._size
        self._waiting.append(block)
        self._size += len(block)
        if found:
            self._any = True
            begin = start + found[0] - FAR
            if begin > max(self._given, self._until, SMALLEST):
                self._feed()
                self._pass_over(begin - self._given)
            self._until = max(self._until, start + found[1] + FAR, SMALLEST)
        self._feed()
        if self._size > _UNCOUNTED:
            self._pass_over(self._size - BLOCK)

    def close(self) -> Report | None:
        """Return the report, if there is anything to report."""
        return _worth_telling(self._explainer.close()) if self._any else None

    def _feed(self) -> None:
        """Feed what is wanted of what waits."""
        for piece in self._taken(self._until - self._given):
            self._explainer.feed(piece)

    def _pass_over(self, size: int) -> None:
        newlines = sum(count(b"\n", piece) for piece in self._taken(size))
        self._explainer.pass_over(size, newlines)

    def _taken(self, size: int) -> Iterator[bytes]:
        """Take so many bytes from what waits."""
        size = min(size, self._size)
        while size > 0:
            piece = self._waiting.popleft()
            if len(piece) > size:
                self._waiting.appendleft(piece[size:])
                piece = piece[:size]
            size -= len(piece)
            self._size -= len(piece)
            self._given += len(piece)
            yield piece


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
