"""However a log is decorated, wrapped, recoded, cut or fed, it says the same."""

from __future__ import annotations

import cProfile
import itertools
import random
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipcert_logs import Explainer, Rules, explain
from pipcert_logs.match.prefilter import Prefilter
from tests import reference
from tests.corpus_logs import verdict_and_ranking, wordings
from tests.transforms import DECORATIONS, ENCODINGS, LINE_ENDS, WRAPS

WORDINGS = wordings()
NOISE = b"".join(
    b"make[2]: Entering directory '/srv/build/%d' -- cc -O2 -c part%d.c\n" % (n, n)
    for n in range(400)
)


@cache
def plain_logs() -> dict[str, tuple[str, object]]:
    """The logs as they were recorded, one of each wording, and what they say."""
    rules = Rules.builtin()
    texts = {path.stem: path.read_text(encoding="utf-8") for path in WORDINGS}
    return {
        name: (text, verdict_and_ranking(explain(text, rules=rules)))
        for name, text in texts.items()
    }


def changed(rules: Rules, dress: Callable[[str], bytes]) -> list[str]:
    """Return the logs that say something else when dressed up."""
    return [
        name
        for name, (text, expected) in plain_logs().items()
        if verdict_and_ranking(explain(dress(text), rules=rules)) != expected
    ]


@pytest.mark.parametrize("name", DECORATIONS)
def test_decoration(rules: Rules, name: str) -> None:
    assert changed(rules, lambda text: DECORATIONS[name](text).encode()) == []


@pytest.mark.parametrize("name", WRAPS)
def test_wrapping(rules: Rules, name: str) -> None:
    assert changed(rules, lambda text: WRAPS[name](text).encode()) == []


@pytest.mark.parametrize("wrap", ["terminal-80", "words-100"])
@pytest.mark.parametrize("decoration", ["github-actions", "buildkit", "mail-quote", "journald"])
def test_wrapping_below_decoration(rules: Rules, wrap: str, decoration: str) -> None:
    """A console wraps first, then a CI system puts its mark before each line."""
    assert changed(rules, lambda text: DECORATIONS[decoration](WRAPS[wrap](text)).encode()) == []


@pytest.mark.parametrize("name", LINE_ENDS)
def test_line_ends(rules: Rules, name: str) -> None:
    assert changed(rules, lambda text: text.replace("\n", LINE_ENDS[name]).encode()) == []


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encoding(rules: Rules, encoding: str) -> None:
    assert changed(rules, lambda text: text.encode(encoding, "replace")) == []


def test_broken_bytes(rules: Rules) -> None:
    """What a program prints before and after, in no encoding at all."""

    def broken(text: str) -> bytes:
        return b"\x80\xff\xfe \xc3\n" + text.encode() + b"\n\xf0\x9f caf\xe9 \x81\n"

    assert changed(rules, broken) == []


def test_other_output_around_it(rules: Rules) -> None:
    assert changed(rules, lambda text: NOISE + text.encode() + NOISE) == []


def test_collapsed_lines(rules: Rules) -> None:
    """A chat or a web page that loses the line ends."""
    different = changed(rules, lambda text: " ".join(text.split("\n")).encode())
    assert different == []


def test_pieces_of_any_size(rules: Rules) -> None:
    chance = random.Random(2026)
    for path in WORDINGS[::3]:
        data = NOISE * 8 + path.read_bytes() + NOISE
        explainer = Explainer(rules=rules)
        start = 0
        while start < len(data):
            size = chance.choice((1, 7, 100, 4096, 70_000, 300_000)) if start > 250_000 else 200_000
            explainer.feed(data[start : start + size])
            start += size
        assert explainer.close() == explain(data, rules=rules), path.stem


def test_fast_matcher_equals_reference(rules: Rules) -> None:
    for path in WORDINGS[::5]:
        data = NOISE + path.read_bytes() + NOISE
        assert explain(data, rules=rules) == reference.explain(data, rules), path.stem


def test_lines_keep_their_numbers(rules: Rules) -> None:
    before = NOISE.count(b"\n")
    for path in WORDINGS[::3]:
        plain = explain(path.read_bytes(), rules=rules)
        moved = explain(NOISE + path.read_bytes(), rules=rules)
        assert [f.line + before for f in plain.failures] == [f.line for f in moved.failures]


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=3000))
def test_no_input_crashes_it(rules: Rules, data: bytes) -> None:
    explain(data, rules=rules).to_json()


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_mangled_log_crashes_it(rules: Rules, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(WORDINGS))
    log = path.read_bytes()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(log)), min_size=2, max_size=6)))
    junk = data.draw(st.binary(max_size=40))
    mangled = junk.join(log[start:end] for start, end in itertools.pairwise(cuts))
    report = explain(mangled, rules=rules)
    report.to_json()
    assert all(r.verification == "keeps" for r in report.remedies[:1])


def many_packages(count: int) -> str:
    """An install of many packages, none of which can be fetched."""
    warning = (
        "WARNING: Retrying (Retry(total={left}, connect=None, read=None, redirect=None, "
        "status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3."
        "connection.HTTPSConnection object at 0x7f00>: Failed to establish a new connection: "
        "[Errno 111] Connection refused')': /simple/pkg{n}/\n"
    )
    end = "ERROR: No matching distribution found for pkg{n}\n"
    return "".join(
        text.format(n=f"{count}-{number}", left=left)  # the matcher remembers what it saw
        for number in range(count)
        for left, text in ((1, warning), (0, warning), (None, end))
    )


def test_work_grows_with_the_log_and_not_faster(rules: Rules) -> None:
    """Counted in calls, not seconds, so that a busy machine changes nothing."""

    def calls(count: int) -> int:
        profile = cProfile.Profile()
        log = many_packages(count)
        profile.runcall(explain, log, rules=rules)
        return sum(entry.callcount for entry in profile.getstats())

    calls(2)
    assert calls(200) < 3 * calls(100)


@pytest.mark.parametrize("wrap", ["\n", "\n│ ", "\\n"], ids=["terminal", "box", "written"])
def test_the_search_sees_an_anchor_wrapped_anywhere_but_within_a_literal(
    rules: Rules, wrap: str
) -> None:
    sought = [anchor for signal in rules.signals.values() for anchor in signal.sought]
    prefilter = Prefilter(sought, rules.literals)
    literals = [literal.decode() for literal in prefilter.literals]
    for anchor in sought:
        held = [(anchor.find(text), text) for text in literals if text in anchor]
        for place in range(1, len(anchor)):
            if any(not start < place < start + len(text) for start, text in held):
                torn = (anchor[:place] + wrap + anchor[place:]).encode()
                assert prefilter.find(memoryview(torn), 0, len(torn)), (anchor, place)
