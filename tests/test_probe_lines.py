"""The lines of a look, and the signals that read them: neither changes without the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from pipcert_logs import Rules
from pipcert_logs.authoring.check import hits_of
from pipcert_logs.knowledge.model import Signal
from pipcert_logs.match.matcher import Matcher
from pipcert_logs.probe.client import Pip
from pipcert_logs.probe.examine import examine
from pipcert_logs.probe.lines import written
from pipcert_logs.probe.target import Target
from tests.conftest import ROOT
from tests.probe_lab import LOCAL, Lab

HEAD = "pipcert-probe: "
Form = tuple[str, tuple[str, ...]]


def form(line: str) -> Form:
    """The word of a line and its keys; what a setting says is one, whatever its name is."""
    word, *pairs = line.removeprefix(HEAD).split("; ")
    keys = tuple(pair.partition("=")[0] for pair in pairs)
    return word, keys[:1] if word == "setting" else keys


@pytest.fixture
def lines(lab: Lab, rules: Rules, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One line of each form that there is."""
    monkeypatch.setenv("PIP_CERT", str(lab.bundle))
    monkeypatch.setenv("PIP_CLIENT_CERT", "/no-such-folder/me.pem")
    monkeypatch.setenv("SSLKEYLOGFILE", "/no-such-folder/keys.log")
    lab.client = replace(lab.client, pip=Pip("24.0", str(lab.bundle)))
    found = examine(Target(LOCAL, lab.site()), lab.client, rules, seconds=5)
    seen = found.seen._replace(chain=(*found.seen.chain, None))
    return written(found._replace(seen=seen, unnamed_port=80)).splitlines()


def probes(rules: Rules) -> Iterator[Signal]:
    return (s for s in rules.signals.values() if s.printed_by.program == "pipcert-logs probe")


def test_examples_are_of_a_form_that_is_written(lines: list[str], rules: Rules) -> None:
    forms = {form(line) for line in lines}
    for signal in probes(rules):
        texts = [example.text for example in (*signal.matches, *signal.differs)]
        for text in texts:
            assert not text.startswith(HEAD) or form(text) in forms, (signal.id, text)


def test_the_page_names_every_word(lines: list[str]) -> None:
    page = (ROOT / "docs" / "probe-lines.md").read_text("utf-8")
    assert [word for word, _ in map(form, lines) if f"| `{word}` |" not in page] == []


def test_a_new_key_at_the_end_changes_no_signal(rules: Rules) -> None:
    matcher = Matcher(rules.signals, rules.names, rules.records.own)
    for signal in probes(rules):
        for example in signal.matches:
            hits = hits_of(matcher, rules.records, f"{example.text}; later=1")
            own = [hit.captures for hit in hits if hit.signal.id == signal.id]
            assert own, signal.id
            assert own[0].items() >= example.captures.items(), signal.id
