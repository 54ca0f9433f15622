"""From a stream of bytes to the numbered lines near something worth reading.

The stream is searched as bytes; only lines within `REACH` bytes of a find are decoded and handed
on. Whether a line is handed on depends on the bytes alone, never on how they were cut into pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipcert_logs.read.decode import HEAD_SIZE, Recoder, decode_line, sniff

REACH = 4096
"""How far from a find, in bytes, lines are still read: more than any wrapped message takes."""
MAX_LINE = 32768
"""A longer physical line is handed on in parts of this many bytes, all with its number."""
FAR = REACH + MAX_LINE
"""Nothing that is farther from a find, in bytes, has to do with it."""
_BLOCK = 1 << 19  # what fits into a processor's cache is searched fastest

CONTEXT = 512
"""How many bytes on either side of a place a search may look at."""

Find = Callable[[memoryview, int, int], "list[tuple[int, int]]"]
"""A search: the (start, end) of each find that starts in block[begin:stop], in order."""


def count(byte: bytes, data: bytes) -> int:
    """Count a byte; to leave it out is four times as fast as `bytes.count`."""
    return len(data) - len(data.replace(byte, b""))


class Line(NamedTuple):
    """One physical line, or a part of it that a carriage return ended."""

    number: int
    text: str
    adjacent: bool
    """Whether the line (or part) before this one was handed on as well."""
    offset: int = 0
    """Where it begins, in bytes of the (recoded) stream."""


class LineReader:
    """Cuts a stream into lines; feed it pieces, then close it."""

    def __init__(self, find: Find | None) -> None:
        """`find` searches a block; None hands on every line."""
        self._find = find
        self._head: bytes | None = b""
        self._recoder = Recoder("utf-8")
        self._newline = b"\n"
        self._buffer = b""
        self._fresh: list[bytes] = []  # what is to follow the buffer
        self._fresh_size = 0
        self._number = 1  # of the line at the start of the buffer
        self._offset = 0  # of the start of the buffer
        self._handed = 0  # bytes of the buffer that were handed on or passed over
        self._active = 0  # bytes of the buffer that a find reaches
        self._searched = 0
        self._adjacent = False

    @property
    def next(self) -> tuple[int, int]:
        """The number of the line that would follow, and where it would begin, once closed."""
        unended = bool(self._buffer) and not self._buffer.endswith(self._newline)
        number = self._number + count(self._newline, self._buffer) + unended
        return number, self._offset + len(self._buffer)

    def pass_over(self, size: int, newlines: int) -> Iterator[Line]:
        """Leave out bytes that were searched elsewhere, in vain; yield the lines before them.

        No find is within `FAR` bytes of them. The stream is ASCII-compatible.

        Args:
            size: how many bytes.
            newlines: how many of them end a line.
        """
        if self._head is None:
            yield from self._process(final=True)
        self._head = None
        self._number += count(self._newline, self._buffer) + newlines
        self._offset += len(self._buffer) + size
        self._buffer = b""
        self._handed = self._active = self._searched = 0
        self._adjacent = False

    def feed(self, piece: bytes) -> Iterator[Line]:
        """Take the next piece of the stream; yield the lines that are decided."""
        if self._head is not None:
            self._head += piece
            if len(self._head) < HEAD_SIZE:
                return
            piece = self._begin()
        for start in range(0, len(piece), _BLOCK):
            self._take(self._recoder.recode(piece[start : start + _BLOCK]))
            if self._fresh_size >= _BLOCK:
                yield from self._process(final=False)

    def close(self) -> Iterator[Line]:
        """Yield what is left."""
        piece = self._begin() if self._head is not None else b""
        self._take(self._recoder.recode(piece, final=True))
        yield from self._process(final=True)

    def _begin(self) -> bytes:
        head, self._head = self._head or b"", None
        encoding, mark = sniff(head[:HEAD_SIZE])
        self._recoder = Recoder(encoding)
        sample = head[:HEAD_SIZE].replace(b"\x00", b"")
        if b"\r" in sample and b"\n" not in sample:
            self._newline = b"\r"
        return head[mark:]

    def _take(self, fresh: bytes) -> None:
        self._fresh.append(fresh)
        self._fresh_size += len(fresh)

    def _recognise_newline(self) -> None:
        """Carriage returns of a progress bar had looked like the ends of lines."""
        if self._newline == b"\r" and b"\n" in self._buffer:
            self._newline = b"\n"
            self._number = 1

    def _process(self, *, final: bool) -> Iterator[Line]:
        self._buffer = b"".join((self._buffer, *self._fresh))
        self._fresh, self._fresh_size = [], 0
        self._recognise_newline()
        end = len(self._buffer) if final else self._settled_end()
        for start, stop in self._regions(end, final=final):
            yield from self._lines(start, stop)
        searched = end if self._find is None else self._searched
        seen = min(self._handed, max(searched - CONTEXT, 0))
        self._pass_over(max(seen, end - FAR, 0))

    def _settled_end(self) -> int:
        """The end of the last whole line; a line that never ends is settled as it comes."""
        end = self._buffer.rfind(self._newline) + 1
        return end if len(self._buffer) - end < MAX_LINE + REACH else len(self._buffer) - REACH

    def _regions(self, end: int, *, final: bool) -> Iterator[tuple[int, int]]:
        """Yield the byte ranges, whole lines each, that finds reach and that end before `end`."""
        if self._find is None:
            if end > self._handed:
                yield self._handed, end
            return
        offset = max(0, self._searched - CONTEXT)
        block = memoryview(self._buffer)[offset:end]
        begin, stop = self._searched - offset, end - offset
        if not final:  # what is around the last finds has to be seen first
            stop = max(begin, stop - CONTEXT)
        self._searched = offset + stop
        pending: tuple[int, int] | None = None
        if self._active > self._handed:
            pending = self._handed, self._line_end(min(self._active, end), end)
        for first, last in self._find(block, begin, stop):
            start = self._line_start(max(offset + first - REACH, self._handed))
            reach = offset + last + REACH
            self._active = max(self._active, reach)
            until = self._line_end(min(reach, end), end)
            if pending and start <= pending[1]:
                pending = pending[0], max(pending[1], until)
                continue
            if pending:
                yield pending
            pending = start, until
        if pending and pending[1] > pending[0]:
            yield pending

    def _line_start(self, position: int) -> int:
        floor = max(self._handed, position - MAX_LINE)
        return max(self._buffer.rfind(self._newline, floor, position) + 1, floor)

    def _line_end(self, position: int, end: int) -> int:
        if position >= end:
            return end
        found = self._buffer.find(
            self._newline, max(position - 1, 0), min(end, position + MAX_LINE)
        )
        return found + 1 if found >= 0 else min(end, position + MAX_LINE)

    def _pass_over(self, end: int) -> None:
        """Forget the buffer up to `end` (or to what a later find may still reach back to)."""
        self._number += count(self._newline, self._buffer[:end])
        if end > self._handed:
            self._adjacent = False
        self._buffer = self._buffer[end:]
        self._offset += end
        self._handed = max(self._handed - end, 0)
        self._active = max(self._active - end, 0)
        self._searched -= end

    def _lines(self, start: int, stop: int) -> Iterator[Line]:
        number = self._number + count(self._newline, self._buffer[:start])
        adjacent = self._adjacent and start == self._handed
        position = start
        while position < stop:
            found = self._buffer.find(self._newline, position, stop)
            end = found if found >= 0 else stop
            end = min(end, position + MAX_LINE)
            for part in _parts(self._buffer[position:end]):
                yield Line(number, part, adjacent, self._offset + position)
                adjacent = True
            position = end
            if found == end:
                number, position = number + 1, position + len(self._newline)
        self._handed, self._adjacent = stop, True


def _parts(raw: bytes) -> Iterator[str]:
    """Yield the parts of a line that carriage returns part: what a progress bar overwrote."""
    text = decode_line(raw)
    if "\r" not in text:
        yield text
        return
    yield from [part for part in text.split("\r") if part.strip()] or [""]
