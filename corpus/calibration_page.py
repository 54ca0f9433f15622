"""The page `docs/calibration.md`: its tables, and what they mean."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping

from corpus import scale
from corpus.reliability import EDGES, READINGS, Answer, Group

RECORDED, FIELD, UNSEEN = "recorded", "field", "unseen"
SURE = 0.9
FEW = 3
HEAD = """\
# How far the probabilities can be believed

Written by `python -m corpus.calibrate` on {date}; [accuracy.md](accuracy.md) says what was
changed because of it. A report states a probability for each cause of a failure. Here the **first**
cause of each report is compared with what was really wrong, where that is known: for recorded logs
from the lab, which made the fault; for others where the thread told the outcome, or where the log
alone decides. Labels that are a guess, and controls, are left out.

{sizes}

An answer can be right in three ways. **Exact**: it is the true cause. **In kind**: it is the true
cause, or a general one that the true one specialises (`missing-issuer`, the answer where the log
does not say more, for an inspecting proxy). **Accepted**: the label accepts it, as the log leaves
it open. Exact is the hardest, and partly a matter of luck: where a log leaves three causes open,
how often the likeliest is the true one depends on how often each fault was recorded. That is the
lab's mix, not the world's. "A stated 0.9 is right nine times in ten" is held here to the exact
sense.

Intervals are Wilson's, for 95 %. Every **fault** counts one, shared among its logs, so that twelve
logs of one fault do not vouch for themselves; a log from outside the lab is a fault of its own.

"""
UNSEEN_NOTE = """
*Unseen* logs come from public issue trackers and are no part of the project (376 with the guesses
and the controls). No weight was set by their figures. They are not untouched, though: the rules
that they showed to be missing had been written, and their wrong answers had been looked at before
it was chosen which weights to change. On logs that are really new, expect less."""
STATED = """\
## A stated 0.9

First causes with a stated probability of 0.9 or more. *By the log* means that the label says that
the log alone decides, *by the outcome* that the thread told what helped; the latter is the harder
test, as the truth need not show in the log.

| logs | truth known | answers | faults | stated | exact | in kind |
| --- | --- | --- | --- | --- | --- | --- |
"""
CLASSES = """
## By stated probability

![Stated against right; a dot with its interval is exact, a ring is right in kind](calibration.svg)

"""
BRIER = """
| logs | right | Brier score | expected calibration error |
| --- | --- | --- | --- |
"""
SCALE = """
The probabilities of all accepted causes of a failure should add up to nearly one: they add up to
{mass}.

## Would one scale for all make them truer?

A temperature flattens all probabilities (above 1) or sharpens them (below 1) without changing their
order. Fitted to recorded and field logs together (the temperature whose log loss is least), then
cross-validated in ten parts: what is stated of a fault is scaled by what fits the others.

| right | temperature | scaled | log loss | Brier score | calibration error |
| --- | --- | --- | --- | --- | --- |
"""
BY_CAUSE = """
The rules hold no such scale; [accuracy.md](accuracy.md) says why. What is left is a matter of
single causes.

## By cause

First causes of recorded and field logs, {few} faults or more. An asterisk marks those where the
stated probability lies outside the interval of what is exactly right.

| first cause | logs | faults | stated | exact | in kind | what it was instead |
| --- | --- | --- | --- | --- | --- | --- |
"""


def page(found: Mapping[str, list[Answer]], date: datetime.date) -> str:
    """Return the page."""
    groups = {name: Group.of(part) for name, part in found.items()}
    fitted = Group.of(answer for name in (RECORDED, FIELD) for answer in found.get(name, ()))
    return "".join(
        (
            HEAD.format(date=date.isoformat(), sizes=_sizes(groups)),
            STATED,
            *(_sure(name, group) for name, group in groups.items()),
            *(_in_words(name, group) for name, group in groups.items()),
            CLASSES,
            *(_classes(name, group) for name, group in groups.items()),
            BRIER,
            *(_scores(name, group) for name, group in groups.items()),
            SCALE.format(mass=_mass(groups)),
            *(_scales(reading, wanted, fitted) for reading, wanted in scale.WANTED.items()),
            BY_CAUSE.format(few=FEW),
            *_by_cause(fitted),
        )
    )


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |\n"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _share(group: Group, reading: str) -> str:
    low, high = (end * 100 for end in group.interval(READINGS[reading]))
    return f"{_percent(group.mean(READINGS[reading]))} ({low:.1f}-{high:.1f})"


def _listed(parts: Iterable[str]) -> str:
    *before, last = parts
    return f"{', '.join(before)} and {last}" if before else last


def _sizes(groups: Mapping[str, Group]) -> str:
    sizes = _listed(f"{g.logs} {name} logs ({g.weight:.0f} faults)" for name, g in groups.items())
    return f"That leaves {sizes}.{UNSEEN_NOTE if UNSEEN in groups else ''}"


def _sure(name: str, group: Group) -> str:
    sure = group.part(lambda answer: answer.probability >= SURE)
    if name == RECORDED:
        return _sure_row(name, "by the lab", sure)
    by_log = sure.part(lambda answer: answer.resolved == "log")
    by_outcome = sure.part(lambda answer: answer.resolved == "thread")
    rows = {"by the log": by_log, "by the outcome": by_outcome, "either": sure}
    return "".join(_sure_row(name, how, group) for how, group in rows.items())


def _in_words(name: str, group: Group) -> str:
    """Say where the harder test tells another thing than the probabilities do."""
    told = group.part(lambda a: a.probability >= SURE and a.resolved == "thread")
    if not told.logs or told.mean(READINGS["exact"]) >= told.stated():
        return ""
    stated, right = _percent(told.stated()), _percent(told.mean(READINGS["exact"]))
    logs = f"{told.logs} {name} logs whose thread told the outcome"
    return f"\nOf the {logs}, {stated} was stated and {right} right.\n"


def _sure_row(name: str, how: str, group: Group) -> str:
    if not group.logs:
        return ""
    shares = (_share(group, reading) for reading in ("exact", "in kind"))
    stated = _percent(group.stated())
    return _row(name, how, group.logs, f"{group.weight:.0f}", stated, *shares)


def _classes(name: str, group: Group) -> str:
    ends = dict(zip(EDGES, (*EDGES[1:], 1.0), strict=True))
    rows = (
        _row(
            f"{low:.2f}-{ends[low]:.2f}",
            part.logs,
            f"{part.weight:.1f}",
            _percent(part.stated()),
            *(_share(part, reading) for reading in ("exact", "in kind")),
            _percent(part.mean(READINGS["accepted"])),
        )
        for low, part in group.classes()
    )
    head = _row(name, "logs", "faults", "stated", "exact", "in kind", "accepted")
    return f"{head}{_row(*['---'] * 7)}{''.join(rows)}\n"


def _scores(name: str, group: Group) -> str:
    return "".join(
        _row(name, reading, f"{group.brier(right):.3f}", f"{group.calibration_error(right):.3f}")
        for reading, right in READINGS.items()
    )


def _mass(groups: Mapping[str, Group]) -> str:
    def accepted(answer: Answer) -> float:
        return sum(p for cause, p in answer.stated.items() if cause in answer.accepted)

    return _listed(f"{group.mean(accepted):.3f} ({name})" for name, group in groups.items())


def _scales(reading: str, wanted: scale.Wanted, group: Group) -> str:
    scaled = {
        "not": group,
        "by what fits the same logs": scale.in_sample(group, wanted),
        "by what fits the other faults": scale.out_of_sample(group, wanted),
    }
    fitted = f"{scale.fit(group, wanted):.2f}"
    return "".join(
        _row(
            reading,
            fitted,
            how,
            f"{scale.log_loss(part, wanted):.4f}",
            f"{part.brier(READINGS[reading]):.4f}",
            f"{part.calibration_error(READINGS[reading]):.3f}",
        )
        for how, part in scaled.items()
    )


def _by_cause(group: Group) -> list[str]:
    firsts = {answer.first for answer, _ in group.weighted}
    parts = [(name, group.part(_begins_with(name))) for name in sorted(firsts)]
    shown = [(name, part) for name, part in parts if part.weight > FEW - 0.5]
    return [_cause(name, part) for name, part in sorted(shown, key=lambda pair: -pair[1].weight)]


def _begins_with(name: str) -> Callable[[Answer], bool]:
    return lambda answer: answer.first == name


def _cause(name: str, group: Group) -> str:
    low, high = group.interval(READINGS["exact"])
    mark = "" if low <= group.stated() <= high else " *"
    truths = sorted({a.truth for a, _ in group.weighted if a.truth != name})
    shares = (_share(group, "exact"), _percent(group.mean(READINGS["in kind"])))
    stated = f"{_percent(group.stated())}{mark}"
    return _row(name, group.logs, f"{group.weight:.1f}", stated, *shares, ", ".join(truths))
