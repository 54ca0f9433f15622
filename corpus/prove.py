"""The proof: `python -m corpus.prove` does what the first remedy of each report says, and looks.

For each fault and client: the install is run and fails; its output is explained; the first remedy's
commands for a posix shell are executed as they stand in the report, with what a person would
supply; the install is run again. Then somebody else answers for every host, and must be refused.
"""

from __future__ import annotations

import argparse
import datetime
import shlex
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from corpus import jobs
from corpus.proof import Proof

PAGE = Path(__file__).parent.parent / "docs" / "proof.md"
HEAD = """\
# Remedies, tried

Written by `python -m corpus.prove{choice}` on {date}; {count} runs. Each is one
fault of the lab on one exact client: the install fails, its output is explained, the commands of
the report's **first** remedy are executed as they stand, and the install is run again. *fixed*: it
then works, and a server with a certificate of nobody's is refused, so verification is still on.

*nothing to do here*: the remedy asks somebody else to act. *not answered*: it asks for what the lab
cannot supply yet, such as an address or a password. *did not fail*: a retry had helped.

{totals}

| fault | first cause | first remedy | outcome | clients |
| --- | --- | --- | --- | --- |
"""


def page(proofs: Iterable[Proof], choice: str, date: datetime.date) -> str:
    """Return the table of what was chosen, one row for the clients that fare alike."""
    found = list(proofs)
    rows: dict[tuple[str, ...], list[str]] = {}
    for proof in found:
        alike = (proof.fault, proof.cause, proof.remedy, proof.outcome)
        rows.setdefault(alike, []).append(proof.client)
    counts = Counter(proof.outcome for proof in found)
    totals = ", ".join(f"{outcome} {count}" for outcome, count in counts.most_common())
    lines = [f"| {' | '.join(alike)} | {', '.join(who)} |" for alike, who in rows.items()]
    head = HEAD.format(
        choice=choice, date=date.isoformat(), count=len(found), totals=f"In all: {totals}."
    )
    return head + "\n".join(lines) + "\n"


def main() -> int:
    """Prove what the command line chooses, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m corpus.prove", description=__doc__)
    jobs.add_choice(parser)
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args()
    if why := jobs.obstacle():
        print(f"corpus.prove: {why}", file=sys.stderr)
        return 2
    pairs = list(jobs.chosen(options.only, options.client))
    can, cannot = jobs.split(pairs)
    with tempfile.TemporaryDirectory(prefix="lab-proofs-") as folder:
        out = Path(folder)
        worked = jobs.run("prove", can, out, options.cache.resolve())
        written = [file for job in can if (file := out / f"{job}.json").exists()]
        proofs = [msgspec.json.decode(file.read_bytes(), type=Proof) for file in written]
    for job in cannot:
        print(f"{job}: skipped, this machine lacks its Python or libfaketime")
    choice = f" {shlex.join(sys.argv[1:])}".rstrip()
    options.page.write_text(page(proofs, choice, datetime.date.today()), "utf-8")
    return int(not worked)


if __name__ == "__main__":
    sys.exit(main())
