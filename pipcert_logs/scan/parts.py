"""A large plain log is searched in parts, by all workers, before one of them reads it.

Only what can be begun anywhere is cut: no compressed file, no remote one.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipcert_logs.read.kind import KIND_HEAD, kind_of
from pipcert_logs.scan.inputs import opened
from pipcert_logs.scan.model import Input, Part, Survey, Surveyed
from pipcert_logs.scan.sieve import BLOCK, SMALLEST, needs_reader

LARGE = 64 << 20
"""A log of fewer bytes is not cut."""
_PART = 32 << 20


def cut(given: Input) -> list[Part]:
    """Return the parts of a large plain log; none of any other."""
    if given.size < LARGE or "://" in given.path:
        return []
    try:
        with opened(given.path) as file:
            head = file.read(SMALLEST)
    except OSError:
        return []  # whoever scans it will say so
    if kind_of(head[:KIND_HEAD], whole=False) or needs_reader(head):
        return []
    begins = range(0, given.size, _PART)
    return [Part(given, begin, min(begin + _PART, given.size)) for begin in begins]


class Assembly:
    """Puts the surveys of parts together, in whatever order they come."""

    def __init__(self) -> None:
        self._wanted: dict[Input, list[Part]] = {}
        self._found: dict[Part, Survey] = {}

    def expect(self, parts: list[Part]) -> None:
        """Wait for all parts of a log."""
        self._wanted[parts[0].input] = parts

    def take(self, survey: Survey) -> None:
        """Take what was found in one."""
        self._found[survey.part] = survey

    def surveyed(self) -> Iterator[Surveyed]:
        """Yield the logs whose parts have all come, each once."""
        for given, parts in list(self._wanted.items()):
            if not self._found.keys() >= set(parts):
                continue
            found = [self._found.pop(part) for part in self._wanted.pop(given)]
            yield Surveyed(
                given,
                tuple(finds for survey in found for finds in survey.finds),
                tuple(count for survey in found for count in survey.newlines),
            )


def unsearched(part: Part) -> Survey:
    """Return a survey that has all of a part read: whoever does that tells what is wrong."""
    blocks = -(-(part.end - part.begin) // BLOCK)
    return Survey(part, ((0, BLOCK),) * blocks, (0,) * blocks)
