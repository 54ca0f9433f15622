"""What docs/calibration.md claims of the recorded logs, and how its figures are made."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.calibrate import ROOT
from corpus.reliability import READINGS, Answer, Group, answers
from corpus.scale import WANTED, fit, out_of_sample, scaled
from pipcert_logs import Rules
from pipcert_logs.corpus_check import find_cases, outcomes

EXACT = READINGS["exact"]


def answer(truth: str, fault: str = "", **stated: float) -> Answer:
    kind = accepted = frozenset((truth,))
    return Answer(fault or truth, "log", stated, truth, kind, accepted)


@pytest.fixture(scope="module")
def recorded(rules: Rules) -> Group:
    cases, errors = find_cases([ROOT / "corpus" / "logs"], rules.causes)
    assert not errors
    return Group.of(answers(outcomes(cases, rules), rules.causes))


def test_a_stated_nine_in_ten_is_right_nine_times_in_ten(recorded: Group) -> None:
    sure = recorded.part(lambda answer: answer.probability >= 0.9)
    assert sure.weight > 40
    assert sure.mean(EXACT) >= 0.9
    assert sum(EXACT(answer) for answer, _ in sure.weighted) >= 0.9 * sure.logs


def test_the_surer_the_oftener_right(recorded: Group) -> None:
    def between(low: float, high: float) -> float:
        return recorded.part(lambda answer: low <= answer.probability < high).mean(EXACT)

    assert between(0.0, 0.5) < between(0.5, 0.8) < between(0.8, 0.9) < between(0.9, 1.1)


def test_every_class_states_what_its_interval_holds(recorded: Group) -> None:
    """Nowhere more than half sure is more stated than the faults could bear out."""
    for low, part in recorded.classes():
        if low >= 0.5:
            assert part.interval(EXACT)[1] >= part.stated(), low


def test_the_weights_need_no_scale(recorded: Group) -> None:
    assert 0.8 <= fit(recorded, WANTED["in kind"]) <= 1.25


def test_probabilities_of_a_failure_leave_a_rest(recorded: Group) -> None:
    assert all(sum(answer.stated.values()) < 1 for answer, _ in recorded.weighted)


def test_a_fault_counts_one_however_often_it_was_recorded() -> None:
    often = [answer("a", "first", a=0.9) for _ in range(3)]
    group = Group.of([*often, answer("b", "second", a=0.9)])
    assert group.logs == 4
    assert group.weight == pytest.approx(2)
    assert group.mean(EXACT) == pytest.approx(0.5)
    assert group.brier(EXACT) == pytest.approx((0.01 + 0.81) / 2)
    assert group.calibration_error(EXACT) == pytest.approx(0.4)


def test_a_scale_flattens_and_keeps_order_and_rest() -> None:
    flat = scaled(answer("a", a=0.9, b=0.05), 2.0)
    assert list(flat.stated) == ["a", "b"]
    assert 0.05 < flat.stated["b"] < flat.stated["a"] < 0.9
    assert sum(flat.stated.values()) < 1


def test_overconfidence_is_found_and_not_vouched_for_by_itself() -> None:
    group = Group.of(
        answer("a" if number % 10 < 7 else "b", str(number), a=0.95, b=0.03) for number in range(50)
    )
    assert fit(group, WANTED["exact"]) > 1.3
    assert out_of_sample(group, WANTED["exact"]).brier(EXACT) < group.brier(EXACT)


def test_a_guess_has_no_truth(tmp_path: Path, rules: Rules) -> None:
    for name, resolved in (("known", "thread"), ("guessed", "guess")):
        (tmp_path / f"{name}.log").write_text("", encoding="utf-8")
        side = f'causes = ["dns-failure"]\nresolved = "{resolved}"\n'
        (tmp_path / f"{name}.toml").write_text(side, encoding="utf-8")
    cases, _ = find_cases([tmp_path], rules.causes)
    assert {case.name: case.truth for case in cases} == {"known": "dns-failure", "guessed": None}
