"""Writes `rules/literals.toml`: the texts that the prefilter looks for first."""

from __future__ import annotations

import json
import random
from collections import Counter
from itertools import islice

from pipcert_logs import Rules
from pipcert_logs.knowledge.load import builtin_directory
from pipcert_logs.match.literals import choose, substrings
from tests.benchmarks.clean_log import clean_lines

HEADER = """\
# Written by `python -m tests.benchmarks.literals`: texts such that each anchor that is sought holds
# one, and ordinary logs hold few. What a pack needs besides is added when it is loaded.
"""


def main() -> None:
    """Choose the literals for the rules as they are."""
    rules = Rules.builtin()
    anchors = {anchor for signal in rules.signals.values() for anchor in signal.sought}
    lines = islice(clean_lines(random.Random(1)), 5000)
    prose = (cause.explanation for cause in rules.causes.values())
    common = Counter(factor for text in (*lines, *prose) for factor in substrings(text))
    chosen = choose(anchors, common)
    quoted = [f"    {json.dumps(literal, ensure_ascii=False)},\n" for literal in chosen]
    text = HEADER + "literals = [\n" + "".join(quoted) + "]\n"
    (builtin_directory() / "literals.toml").write_text(text, encoding="utf-8")
    print(f"{len(chosen)} literals for {len(anchors)} anchors")


if __name__ == "__main__":
    main()
