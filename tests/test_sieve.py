"""What a scan reads of a log gives the report of all of it, however the log comes."""

from __future__ import annotations

import random

import pytest

from pipcert_logs import Rules, explain
from pipcert_logs.scan.sieve import BLOCK, SMALLEST, Search, explain_blocks, explain_surveyed
from tests.archives import EXPIRED, SELF_SIGNED, clean, recorded

FAILURES = recorded(SELF_SIGNED), recorded(EXPIRED)
BEFORE = b"Running with gitlab-runner 16.2.0 (782c6ecb)\n"
AFTER = b"PS C:\\work>pip install demo\n"
APART = 3000
"""Bytes between a failure and what else counts, less than a reader looks back."""


def log(seed: int) -> bytes:
    """Return a log with failures at one to three places, seldom far enough apart to be alone."""
    chance = random.Random(seed)
    pieces = []
    for _ in range(chance.randint(1, 3)):
        pieces.append(clean(chance.choice((10, 30_000, 90_000, 700_000, 1_600_000)), seed))
        near = clean(APART, seed)
        pieces += [BEFORE, near, chance.choice(FAILURES), near, AFTER]
    pieces.append(clean(chance.choice((10, 400_000)), seed))
    return b"".join(pieces)


def blocks(data: bytes, seed: int) -> list[bytes]:
    """Cut a log into blocks of some sizes that archives give."""
    chance = random.Random(seed)
    sizes = (chance.choice((100, SMALLEST, 2 * SMALLEST, BLOCK)) for _ in iter(int, 1))
    found = []
    while data:
        size = next(sizes)
        found.append(data[:size])
        data = data[size:]
    return found


@pytest.mark.parametrize("seed", range(24))
def test_blocks_of_any_size(rules: Rules, seed: int) -> None:
    data = log(seed)
    found = explain_blocks(blocks(data, seed), source="log", rules=rules)
    assert found == explain(data, source="log", rules=rules)


@pytest.mark.parametrize("seed", range(24))
def test_a_log_that_was_searched_before(rules: Rules, seed: int) -> None:
    data = log(seed)
    search = Search(rules)
    cut = [data[start : start + BLOCK] for start in range(0, len(data), BLOCK)]
    found = explain_surveyed(
        cut.__getitem__,
        [search.find(block) for block in cut],
        [block.count(b"\n") for block in cut],
        source="log",
        rules=rules,
    )
    assert found == explain(data, source="log", rules=rules)
