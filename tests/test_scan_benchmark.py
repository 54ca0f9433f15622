"""The benchmark of `scan` finds out when the scan finds something else than what was planted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.benchmarks import scan
from tests.benchmarks.scan import Data, Ours, clear_cases, mistakes

CASE = clear_cases()[0]
(CAUSE,), (HOST,) = CASE.label.causes, CASE.label.hosts
RIGHT = {"path": "p/1.log", "cause": CAUSE, "host": HOST}


class Found(Ours):
    """Whatever is asked for, this was found."""

    found: tuple[dict[str, object], ...] = ()

    def rows(self, *words: str | Path) -> list[dict[str, object]]:
        return [{**row, "path": f"{words[0]}/{row['path']}"} for row in self.found]


@pytest.mark.parametrize(
    ("found", "right"),
    [
        ([RIGHT], True),
        ([{**RIGHT, "path": "7.zip!p/1.log"}], True),
        ([{**RIGHT, "path": "p/1.log.gz"}], True),
        ([], False),
        ([RIGHT, RIGHT], False),
        ([RIGHT, {**RIGHT, "cause": "dns-failure"}], False),
        ([RIGHT, {**RIGHT, "host": "other.example"}], False),
        ([RIGHT, {**RIGHT, "path": "p/2.log"}], False),
        ([{**RIGHT, "host": None}], False),
    ],
)
def test_nothing_else_than_what_was_planted_is_right(
    tmp_path: Path, found: list[dict[str, object]], right: bool
) -> None:
    ours = Found(tmp_path)
    ours.found = tuple(found)
    assert (mistakes(ours, Data("plain", tmp_path, {"p/1.log": CASE}, 0)) == []) == right


@pytest.mark.parametrize("way", ["zst", "one"])
@pytest.mark.parametrize("finds", [True, False])
def test_a_mistake_is_the_end(monkeypatch: pytest.MonkeyPatch, way: str, finds: bool) -> None:
    monkeypatch.setattr(scan, "compare", lambda *_: None)
    monkeypatch.setattr(scan, "start", lambda *_: None)
    if not finds:
        monkeypatch.setattr(Ours, "rows", lambda *_: [])
    monkeypatch.setattr(sys, "argv", ["scan", "--size", "3", "--only", way])
    assert scan.main() == (not finds)
