"""From records to signals: anchors decide which patterns are tried, patterns decide."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import regex
from ahocorasick_rs import AhoCorasick

from pipcert_logs.knowledge.model import Signal
from pipcert_logs.match.hit import Hit
from pipcert_logs.patterns import compiled
from pipcert_logs.read.records import OVERLAP, RAGGED, WRITTEN_NEWLINE, Piece, Record
from pipcert_logs.read.redact import may_hold_secrets, shortened, starred
from pipcert_logs.read.squeeze import Squeezed, squeeze

_TIMEOUT = 1.0  # seconds a pattern may take on one record, as a last line of defence
_MAX_QUOTE = 400
_RECORDS = 2048
"""So many records are remembered: builds and retries say the same things again and again."""
_REMEMBERED = 4096
"""A record of so many characters is not."""
_AS_IT_STOOD = frozenset({"ca_path"})

Names = Mapping[str, "tuple[str, ...]"]


class CompiledSignal:
    """A signal rule whose pattern is compiled when it is first tried."""

    def __init__(self, rule: Signal, names: Names) -> None:
        self.rule = rule
        self._names = names

    @cached_property
    def _others(self) -> dict[str, tuple[str, ...]]:
        """What each capture must not begin with."""
        return {
            capture: tuple(squeeze(name) for name in self._names.get(known, ()))
            for capture, known in self.rule.other_than.items()
        }

    @cached_property
    def pattern(self) -> regex.Pattern[str]:
        """The compiled pattern."""
        lists: dict[str, Any] = {
            name: [squeeze(value) for value in values]
            for name, values in self._names.items()
            if f"\\L<{name}>" in self.rule.pattern
        }
        return compiled(self.rule.pattern, regex.VERBOSE | regex.VERSION0, **lists)

    def matches(self, text: str) -> list[regex.Match[str]]:
        """Return the matches in a squeezed text, as far as a pattern gets in its time."""
        found: list[regex.Match[str]] = []
        with suppress(TimeoutError):
            found.extend(self.pattern.finditer(text, timeout=_TIMEOUT))
        if not found or not self.rule.other_than:
            return found
        others = self._others.items()
        return [m for m in found if not any((m[c] or "").startswith(known) for c, known in others)]


class Matcher:
    """All signal rules, ready to be tried on records."""

    def __init__(self, signals: Mapping[str, Signal], names: Names, own: Mapping[str, str]) -> None:
        """Prepare the signals; `own` names the one program whose signals read certain heads."""
        self._own = {squeeze(head): program for head, program in own.items()}
        self.signals = [CompiledSignal(rule, names) for rule in signals.values()]
        owners: dict[str, list[int]] = {}
        for number, signal in enumerate(self.signals):
            for anchor in signal.rule.anchors:
                owners.setdefault(squeeze(anchor), []).append(number)
        self._owners = list(owners.values())
        self._anchors = AhoCorasick(list(owners))
        self._remembered = lru_cache(_RECORDS)(self._search)

    def candidates(self, text: str) -> list[CompiledSignal]:
        """Return the signals that have an anchor in a squeezed text, in the order of the rules."""
        found: set[int] = set()
        for anchor, _, _ in self._anchors.find_matches_as_indexes(text, overlapping=True):
            found.update(self._owners[anchor])
        return [self.signals[number] for number in sorted(found)]

    def hits(self, record: Record, number: int) -> list[Hit]:
        """Return what is found in a record, in the order of the text."""
        pieces = record.pieces
        texts = tuple([(piece.text, piece.width) for piece in pieces])
        short = sum([len(text) for text, _ in texts]) < _REMEMBERED
        search = self._remembered if short else self._search
        return [
            Hit(
                signal=found.signal,
                captures=found.captures,
                line=pieces[found.first].number,
                end_line=pieces[found.last].number,
                text=found.text,
                record=number,
                start=found.start,
                end=found.end,
                offset=pieces[found.first].offset,
                decoration=pieces[found.first].decoration,
            )
            for found in search(texts, record.continued, record.widest)
        ]

    def _search(
        self, texts: tuple[tuple[str, int], ...], continued: bool, widest: int
    ) -> tuple[_Found, ...]:
        """Return what is found in a record wherever it stands: in the texts of its pieces."""
        source = "\n".join([text for text, _ in texts])
        text = squeeze(source)
        program = next((p for head, p in self._own.items() if text.startswith(head)), None)
        matched = [
            (compiled.rule, match)
            for compiled in self.candidates(text)
            if program in (None, compiled.rule.printed_by.program)
            for match in compiled.matches(text)
            if match.end() > match.start()
        ]
        if not matched:
            return ()
        pieces = tuple([Piece(0, text, width=width) for text, width in texts])
        quoted = _Quoted(Record(pieces, continued, widest), source)
        found = [quoted.found(rule, match) for rule, match in matched]
        if continued:
            seen = quoted.length_of_lines(OVERLAP)
            found = [one for one in found if one.end > seen]
        return tuple(sorted(found, key=lambda one: (one.start, -one.end, one.signal.id)))


class _Found(NamedTuple):
    """A hit in a record, by the numbers of its first and last piece."""

    signal: Signal
    captures: dict[str, str]
    first: int
    last: int
    text: str
    start: int
    end: int


class _Quoted:
    """A record's text, squeezed and as it stood."""

    def __init__(self, record: Record, source: str) -> None:
        """Prepare the way back from what patterns see; `source` is the text of the record."""
        self._pieces = record.pieces
        self._source = source
        self._squeezed = Squeezed(source)
        self._starts = [0, *accumulate([len(piece.text) + 1 for piece in record.pieces])]
        self._ends = list(_ends(record, self._starts))
        self._shown = _shown([piece.text for piece in record.pieces])

    def length_of_lines(self, count: int) -> int:
        """Return how many squeezed characters the first `count` lines have."""
        limit = self._starts[min(count, len(self._starts) - 1)]
        return len(squeeze(self._source[:limit]))

    def found(self, rule: Signal, match: regex.Match[str]) -> _Found:
        begin = self._squeezed.origin(match.start())
        first, last = self._piece_at(begin), self._piece_at(self._squeezed.origin(match.end() - 1))
        return _Found(
            signal=rule,
            captures=self._captures(match),
            first=first,
            last=last,
            text=self._quote(first, last, begin),
            start=match.start(),
            end=match.end(),
        )

    def _piece_at(self, position: int) -> int:
        return bisect_right(self._starts, position) - 1

    def _captures(self, match: regex.Match[str]) -> dict[str, str]:
        captures = {}
        for name, value in match.groupdict().items():
            if value is None:
                continue
            if value:
                begin = self._squeezed.origin(match.start(name))
                stop = self._squeezed.origin(match.end(name) - 1) + 1
                if name in _AS_IT_STOOD:
                    value = self._source[begin:stop].replace("\n", "")
                elif (end := self._end_of_line(begin)) < stop:
                    value = squeeze(self._source[begin:end])
            captures[name] = value
        return captures

    def _end_of_line(self, begin: int) -> int:
        """Return where the line of a place ends for good, so that the next is no rest of it."""
        place = bisect_right(self._ends, begin)
        return self._ends[place] if place < len(self._ends) else len(self._source)

    def _quote(self, first: int, last: int, start: int) -> str:
        """Quote the lines of a match; of a very long line, the part where the match begins."""
        text = " ".join(piece.strip() for piece in self._shown[first : last + 1])
        if len(text) <= _MAX_QUOTE:
            return shortened(text)
        skipped = max(0, start - self._starts[first] - _MAX_QUOTE // 4)
        quote = shortened(text[skipped : skipped + _MAX_QUOTE])
        return (
            ("… " if skipped else "") + quote + (" …" if skipped + _MAX_QUOTE < len(text) else "")
        )


def _ends(record: Record, starts: Iterable[int]) -> Iterator[int]:
    """Yield the ends of lines that nothing can have wrapped, as they are shorter than others."""
    for start, piece in zip(starts, record.pieces, strict=False):
        if "\\" in piece.text:
            yield from [start + end for end in _written_ends(piece.text)]
        if not record.may_be_wrapped(piece):
            yield start + len(piece.text)


def _shown(lines: list[str]) -> list[str]:
    """Return lines with their secrets starred out, also those that were wrapped."""
    bare = [line.strip() for line in lines]
    joined = "".join(bare)
    if not may_hold_secrets(joined):
        return lines
    text = starred(joined)
    ends = [0, *accumulate(map(len, bare))]
    return [
        starred(line.replace(plain, text[ends[number] : ends[number + 1]], 1)) if plain else ""
        for number, (line, plain) in enumerate(zip(lines, bare, strict=True))
    ]


def _written_ends(text: str) -> Iterator[int]:
    """Yield where lines end that are written out in a text, and shorter than others of it."""
    ends = [gap.start() for gap in WRITTEN_NEWLINE.finditer(text)]
    lengths = [stop - begin for begin, stop in pairwise([0, *ends, len(text)])]
    for end, length in zip(ends, lengths, strict=False):
        if length < max(lengths) - RAGGED:
            yield end
