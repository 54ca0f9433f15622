"""What is said of a wrong rule file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class RuleError(Exception):
    """A rule file or folder that cannot be used.

    Attributes:
        path: the file.
        line: the line in it, 1 the first, or None where the whole file is meant.
    """

    def __init__(self, path: Path, wrong: str, expected: str, *, line: int | None = None) -> None:
        self.path = path
        self.line = line
        place = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{place}: {wrong}; expected {expected}")
