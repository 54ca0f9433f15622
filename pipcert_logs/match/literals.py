"""The few literals that cover all rules' anchors.

The rules' anchors are covered by factors: short texts, each of which stands in many anchors and in
little else, such that every anchor holds one. Five times as many rules then need few more literals.
The choice takes a second, so that for the built-in rules is kept in `rules/literals.toml`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from ahocorasick_rs import AhoCorasick

_SHORTEST, _LONGEST = 5, 9


def cover(anchors: Iterable[str], literals: Iterable[str]) -> list[str]:
    """Return a choice made earlier, and what it takes to cover the anchors that it does not.

    Args:
        anchors: the literal texts of the rules.
        literals: the choice, perhaps made for other rules.
    """
    known = list(literals)
    holds = AhoCorasick(known).find_matches_as_indexes
    return known + choose({anchor for anchor in anchors if not holds(anchor)}, {})


def choose(anchors: Iterable[str], common: Mapping[str, int]) -> list[str]:
    """Return literals such that each anchor holds one: many anchors' first, and rare ones.

    Greedy, and the same for the same anchors: at each step the factor that covers most for how
    common it is.

    Args:
        anchors: what is to be covered.
        common: how often a factor stands in ordinary text.
    """
    wanted = set(anchors)
    left = {anchor: _factors(anchor) for anchor in wanted}
    chosen: list[str] = []
    while left:
        counts = Counter(factor for factors in left.values() for factor in factors)
        best = min(
            counts,
            key=lambda f: (-counts[f] / (2 + common.get(f, 0)), " " in f, -len(f), f),
        )
        chosen.append(best)
        left = {anchor: factors for anchor, factors in left.items() if best not in factors}
    return sorted(_needed(chosen, wanted))


def _needed(chosen: Iterable[str], anchors: set[str]) -> list[str]:
    """Leave out what was chosen early and whose anchors all hold a later choice as well."""
    kept = list(chosen)
    for literal in list(kept):
        others = [other for other in kept if other != literal]
        if all(any(other in anchor for other in others) for anchor in anchors):
            kept = others
    return kept


def substrings(text: str) -> Iterator[str]:
    """Yield the parts of a text that are long enough to be rare and short enough to be shared."""
    for length in range(_SHORTEST, min(_LONGEST, len(text)) + 1):
        for start in range(len(text) - length + 1):
            yield text[start : start + length]


def _factors(anchor: str) -> frozenset[str]:
    return frozenset(substrings(anchor.strip())) or frozenset({anchor.strip()})
