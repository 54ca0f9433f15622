"""Which lines are read depends on the bytes alone, not on the pieces they come in."""

from __future__ import annotations

import random

import pytest

from pipcert_logs.read import lines
from pipcert_logs.read.lines import Line, LineReader

WORD = b"NEEDLE"


def find(view: memoryview, begin: int, stop: int) -> list[tuple[int, int]]:
    found, block = [], bytes(view)
    start = block.find(WORD, begin)
    while 0 <= start < stop:
        found.append((start, start + len(WORD)))
        start = block.find(WORD, start + 1)
    return found


def read(data: bytes, sizes: list[int], *, everything: bool = False) -> list[tuple[int, str]]:
    reader = LineReader(None if everything else find)
    taken: list[Line] = []
    start = 0
    for size in sizes:
        taken += reader.feed(data[start : start + size])
        start += size
    taken += reader.feed(data[start:])
    taken += reader.close()
    return [(line.number, line.text) for line in taken]


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The borders are where errors are, so let there be many."""
    monkeypatch.setattr(lines, "HEAD_SIZE", 64)
    monkeypatch.setattr(lines, "REACH", 60)
    monkeypatch.setattr(lines, "CONTEXT", 20)
    monkeypatch.setattr(lines, "_BLOCK", 200)


def random_log(chance: random.Random) -> bytes:
    words = [b"word", b"other words", b"x" * 30, b"", WORD]
    weights = [10, 10, 5, 3, 1]
    count = chance.randrange(5, 120)
    return b"\n".join(chance.choices(words, weights)[0] + b"%d" % n for n in range(count))


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("seed", range(400))
def test_pieces_do_not_matter(seed: int) -> None:
    chance = random.Random(seed)
    data = random_log(chance)
    sizes = [chance.choice((1, 3, 17, 100, 150)) for _ in range(60)]
    assert read(data, sizes) == read(data, [])
    assert (
        read(data, sizes, everything=True)
        == [(number, line) for number, line in enumerate(data.decode().split("\n"), 1) if line]
        or not data.strip()
    )


@pytest.mark.usefixtures("small_limits")
def test_numbers_are_those_of_the_file() -> None:
    data = (
        b"\n".join(b"line %d" % number for number in range(1, 301)) + b" NEEDLE\n" + b"more\n" * 50
    )
    for number, text in read(data, [7] * 100):
        if text.startswith("line"):
            assert text.split()[1] == str(number)


@pytest.mark.usefixtures("small_limits")
def test_a_progress_bar_before_the_first_newline_ends_no_line() -> None:
    data = b"".join(b"%d%%\r" % n for n in range(200)) + b"\nsecond\nthird NEEDLE\n"
    assert (3, "third NEEDLE") in read(data, [])


def test_lines_that_carriage_returns_end_are_counted() -> None:
    assert (3, "c NEEDLE") in read(b"a\rb\rc NEEDLE\rd", [])


def test_an_endless_line_is_read_in_parts() -> None:
    data = b"y" * 200_000 + WORD + b"z" * 200_000
    assert any("NEEDLE" in text for _, text in read(data, [1000] * 100))


def test_memory_is_bounded_where_everything_is_found() -> None:
    reader = LineReader(find)
    piece = (WORD + b" all over\n") * 1000
    for _ in range(300):
        list(reader.feed(piece))
        assert len(reader._buffer) < 1 << 20
