"""Ranges of versions, and whether one lies within another."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from pipcert_logs.patterns import compiled

Version = tuple[int, ...]
_INFINITY: Version = (1 << 30,)
NUMBERS = compiled(r"\d+(?:\.\d+)*")
_PART = compiled(r"(>=|<|==)?\s*(\d+(?:\.\d+)*)")


def parse_version(text: str) -> Version:
    """Return the numbers of a version; trailing zeros and what follows the numbers do not count."""
    stated = NUMBERS.match(text)
    numbers = [int(part) for part in stated[0].split(".")] if stated else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


class VersionRange(NamedTuple):
    """Versions from `low` on and below `high`."""

    low: Version = ()
    high: Version = _INFINITY

    @classmethod
    @lru_cache(maxsize=512)
    def parse(cls, text: str) -> VersionRange:
        """Read '>=24.2', '<26.1', '>=24.2,<26.1' or a version, which stands for all that begin so.

        >>> VersionRange.parse("3.11")
        VersionRange(low=(3, 11), high=(3, 12))
        """
        low, high = cls()
        for operator, number in _PART.findall(text):
            version = tuple(int(part) for part in number.split("."))
            if operator == ">=":
                low = parse_version(number)
            elif operator == "<":
                high = parse_version(number)
            else:
                low, high = version, (*version[:-1], version[-1] + 1)
        return cls(low, high)

    def within(self, other: VersionRange) -> bool | None:
        """True where all of these versions are in `other`, False where none is, else None."""
        if self.low >= other.low and self.high <= other.high:
            return True
        if self.low >= other.high or self.high <= other.low:
            return False
        return None

    def narrowed(self, other: VersionRange) -> VersionRange:
        """Return what is in both; `self` where that is nothing, as a log may hold two programs."""
        both = VersionRange(max(self.low, other.low), min(self.high, other.high))
        return both if both.low < both.high else self


ANY_VERSION = VersionRange()
