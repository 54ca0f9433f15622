"""The table that the side-by-side benchmark takes the peers' answers by."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipcert_logs import Rules
from pipcert_logs.corpus_check import Case, Label
from tests.benchmarks.contestants import Answer, grep, meanings, ours


@pytest.fixture
def cases(tmp_path: Path) -> list[Case]:
    texts = {
        "expired": "certificate verify failed: certificate has expired (_ssl.c:1006)\n"
        "ERROR: No matching distribution found for demo\n",
        "clean": "Successfully installed demo-1.0\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.log").write_text(text, encoding="utf-8")
    return [Case(tmp_path / f"{name}.log", Label(causes=("none",))) for name in texts]


def test_every_cause_and_family_of_the_table_exists(rules: Rules) -> None:
    meant = meanings()
    families = {cause.family for cause in rules.causes.values()}
    assert {row.cause for row in meant.grep} <= rules.causes.keys()
    for name, meaning in meant.pipelinemd.items():
        assert set(meaning.families) <= families, name
        assert set(meaning.causes) <= rules.causes.keys(), name


def test_grep_answers_with_the_more_telling_pattern(rules: Rules, cases: list[Case]) -> None:
    expired, clean = grep(cases, meanings().grep, rules.causes)
    assert expired.first == {"expired-certificate"}
    assert expired.alarm
    assert clean.first == {"none"}
    assert not clean.alarm


def test_ours_answers_with_its_first_cause(rules: Rules, cases: list[Case]) -> None:
    clean: Answer = ours(cases, rules)[1]
    assert clean.first == {"none"}
    assert not clean.alarm
