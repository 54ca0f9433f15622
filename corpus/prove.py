"""The proof: `python -m corpus.prove` does what the remedies of each report say, and looks.

For each fault and client: the install is run and fails; its output is explained; the first remedy's
commands for a posix shell are executed as they stand in the report, with what a person would
supply; the install is run again. Then somebody else answers for every host, and must be refused.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import msgspec

from corpus import jobs, proofs
from corpus.advice import useless
from corpus.proof import Proof


def main() -> int:
    """Prove what the command line chooses, and write down what was found."""
    parser = argparse.ArgumentParser(prog="python -m corpus.prove", description=__doc__)
    jobs.add_choice(parser)
    parser.add_argument(
        "--tried",
        choices=("first", "every", "useless"),
        default="first",
        help="the first remedy of each report, all of them, or the advice of corpus/advice.py",
    )
    options = parser.parse_args()
    if why := jobs.obstacle():
        print(f"corpus.prove: {why}", file=sys.stderr)
        return 2
    pairs = [pair for pair in jobs.chosen(options.only, options.client) if pair[0].fails]
    if options.tried == "useless":
        pairs = [pair for pair in pairs if any(useless(*pair))]
    if not pairs:
        print("corpus.prove: nothing of that is to be tried: it does not fail", file=sys.stderr)
        return 2
    can, skipped = jobs.split(pairs)
    with tempfile.TemporaryDirectory(prefix="lab-proofs-") as folder:
        worked = jobs.run(options.tried, can, Path(folder), options.cache.resolve())
        new = [
            proof
            for file in Path(folder).glob("*.json")
            for proof in msgspec.json.decode(file.read_bytes(), type=list[Proof])
        ]
    for line in skipped:
        print(line)
    old = proofs.kept()
    proofs.write(proofs.merged(old, new))
    _tell_changes(old, new)
    wrong = proofs.unexplained(new)
    for proof in wrong:
        print(f"{proof.fault}__{proof.client}: {proof.outcome}, and nobody knows why")
    return int(not worked or bool(wrong))


def _tell_changes(old: list[Proof], new: list[Proof]) -> None:
    before = {proofs.trial(proof): proof for proof in old}
    for proof in new:
        was = before.get(proofs.trial(proof))
        if was and (was.outcome, was.remedy) != (proof.outcome, proof.remedy):
            print(
                f"{proof.fault}__{proof.client}: was {was.outcome} by {was.remedy}, "
                f"is {proof.outcome} by {proof.remedy}"
            )


if __name__ == "__main__":
    sys.exit(main())
