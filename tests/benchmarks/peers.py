"""The same logs through pipcert-logs, pipelinemd and a grep table, into `docs/side-by-side.md`.

    python -m tests.benchmarks.peers --field DIR

Installs pipelinemd, from the index that pip is set to, into an environment that is thrown away.
Needs `grep`.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from pipcert_logs import Rules, __version__
from pipcert_logs.corpus_check import Case, Share, find_cases
from tests.benchmarks.contestants import (
    PEER,
    Answer,
    Meanings,
    Pattern,
    grep,
    install_peer,
    meanings,
    ours,
    pipelinemd,
)
from tests.benchmarks.run import SMALL, medians, whole
from tests.wheel_layout import COMMAND, ROOT, environment, lay_out

PAGE = ROOT / "docs" / "side-by-side.md"
HEAD = """\
# Side by side

Written by `python -m tests.benchmarks.peers` on {date}, with pipcert-logs {version}, pipelinemd
{peer} and CPython {python}. The same labelled logs are read by three programs:

- **pipcert-logs**, its first cause.
- **[pipelinemd](https://pypi.org/project/pipelinemd/)**, the nearest peer on PyPI: a doctor for
  failed jobs of GitLab CI with a catalogue of rules. Rules only: what `pipelinemd distill` does,
  without network and without a model.
- **a grep table** of {patterns} patterns, the more telling first, as a careful engineer would write
  it from the list of causes (`tests/benchmarks/peers.toml`).

## How the peers' answers are taken

Generously. The peer has one rule for all failures of TLS, and three for the network, so its answers
are taken to mean every cause that they could be meant for (the same file says which): its TLS rule
is right for every cause of trust and validity and for a CA file that is missing or unreadable, each
of its network rules for every cause of the network and for most of a proxy's, and its "no
installable version" also for an index that asks for a password or is none. An answer is right if
one of these is among the causes that the log's label accepts. *Any rule* counts a log as right if
any rule that fired could be meant right, wherever it stands in the list; a reader would have to
know which. pipcert-logs is judged by its first cause, which stands for itself alone.

A control is a log in which nothing of TLS or the network failed, or a retry helped. It is right for
a peer if its first answer names no such failure, and for pipcert-logs only if it names no cause.

## Accuracy

Shares of logs, with Wilson's 95 % interval for as many cases as there are faults: one fault that
was recorded with many versions is one case. The rules of pipcert-logs were written with both sets
in sight, the grep table once, from the list of causes, by somebody who knew many of the recorded
logs; pipelinemd knew neither set. What pipcert-logs made of logs that it had not seen is in
[accuracy.md](accuracy.md).

| logs | | right | controls right |
| --- | --- | --- | --- |
"""
TIME = """
## Time

*Whole process*: one small log of five lines, medians of {times} in turn, on a machine that others
used too, so only the ratios count. *A log*: the median over all logs above within one process, of
each the fastest of three times, reading the file left out.

| | whole process | a log |
| --- | --- | --- |
"""
REMARKS = """
## What these figures are not

pipelinemd is made for something else: what broke in a job of GitLab CI, whatever it is, from npm to
Kubernetes; certificates are one rule of some sixty. It can also hand what it distilled to a model,
which was not used here. Where its right rule is not the first, the first is nearly always "No
installable version of a requirement": pip's last line is the loudest, and only a symptom.

The grep table names the error that stands in the log, and is fast. It says nothing of what lies
behind it: which host failed and which answered, whose certificate it is, what to do. Neither its
patterns nor the meanings of the peer's rules were mended by looking at what they missed.
"""
OURS, GREP = "pipcert-logs", "grep table"
TIMES = 15


def accuracy(name: str, cases: list[Case], found: Mapping[str, list[Answer]]) -> str:
    """Return the rows of one set of logs."""
    rows = []
    for who, answers in found.items():
        controls = _controls(cases, answers)
        rows.append((who, _faults(cases, answers, lambda answer: answer.first), controls))
        if who == PEER:
            rows.append(
                (f"{who}, any rule", _faults(cases, answers, lambda answer: answer.any), "")
            )
    return "".join(f"| {name} | {who} | {right} | {quiet} |\n" for who, right, quiet in rows)


def _faults(
    cases: list[Case], answers: list[Answer], named: Callable[[Answer], frozenset[str]]
) -> str:
    hits = [
        (case.fault, bool(named(answer) & set(case.label.causes)))
        for case, answer in zip(cases, answers, strict=True)
        if not case.control
    ]
    faults = {fault for fault, _ in hits}
    return _written(Share(sum(hit for _, hit in hits), len(hits), len(faults)))


def _controls(cases: list[Case], answers: list[Answer]) -> str:
    quiet = [not answer.alarm for case, answer in zip(cases, answers, strict=True) if case.control]
    return f"{sum(quiet)} of {len(quiet)}"


def _written(share: Share) -> str:
    low, high = (end * 100 for end in share.interval())
    percent = 100 * share.hits / share.total
    return f"{share.hits} of {share.total}, {percent:.1f} % ({low:.1f}-{high:.1f})"


def processes(folder: Path, programs: Path, table: Iterable[Pattern]) -> list[float]:
    """Return the seconds that whole processes take for one small log, in the page's order."""
    site = lay_out(folder / "site")
    patterns = folder / "patterns.txt"
    patterns.write_text("".join(f"{row.pattern}\n" for row in table), encoding="utf-8")
    log = str(SMALL)
    installed = {"cwd": site, "env": environment(site)}
    return medians(
        whole([*COMMAND, "--format", "json", log], **installed),
        whole([str(programs / PEER), "distill", "--format", "json", log]),
        whole(["grep", "-n", "-i", "-E", "-f", str(patterns), log]),
        times=TIMES,
    )


def compare(sets: Mapping[str, list[Case]], meant: Meanings, rules: Rules) -> str:
    """Let all answer, and return the page."""
    every = [case for cases in sets.values() for case in cases]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs = install_peer(folder / "peer")
        version, theirs = pipelinemd(every, programs, meant.pipelinemd, rules.causes)
        found = {
            OURS: ours(every, rules),
            PEER: theirs,
            GREP: grep(every, meant.grep, rules.causes),
        }
        taken = processes(folder, programs, meant.grep)
    rows, start = [], 0
    for name, cases in sets.items():
        end = start + len(cases)
        rows.append(accuracy(name, cases, {who: a[start:end] for who, a in found.items()}))
        start = end
    head = HEAD.format(
        date=datetime.date.today().isoformat(),
        version=__version__,
        peer=version,
        python=platform.python_version(),
        patterns=len(meant.grep),
    )
    times = (
        f"| {who} | {process * 1000:.0f} ms | {_median(answers):.2f} ms |\n"
        for (who, answers), process in zip(found.items(), taken, strict=True)
    )
    return "".join((head, *rows, TIME.format(times=TIMES), *times, REMARKS))


def _median(answers: Iterable[Answer]) -> float:
    return statistics.median(answer.seconds for answer in answers) * 1000


def main() -> int:
    """Compare, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.peers")
    parser.add_argument("--field", type=Path, nargs="+", default=[], metavar="DIR")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args()
    rules = Rules.builtin()
    sets = {}
    for name, folders in {"recorded": [ROOT / "corpus" / "logs"], "field": options.field}.items():
        cases, errors = find_cases(folders, rules.causes)
        if errors:
            print("\n".join(errors), file=sys.stderr)
            return 2
        if cases:
            sets[name] = cases
    options.page.write_text(compare(sets, meanings(), rules), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
