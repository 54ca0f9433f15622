"""Measures how far stated probabilities can be believed: `python -m corpus.calibrate`.

Explains the recorded logs, and other folders of labelled logs that are named, and writes
`docs/calibration.md` with its diagram. Only recorded and field logs are used to try a scale.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path

from corpus import diagram
from corpus.calibration_page import FIELD, RECORDED, UNSEEN, page
from corpus.reliability import Group, answers
from pipcert_logs.corpus_check import find_cases, outcomes
from pipcert_logs.knowledge.load import Rules

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "calibration.md"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m corpus.calibrate", description=__doc__)
    parser.add_argument(
        "--field", type=Path, nargs="+", default=[], metavar="DIR", help="field logs"
    )
    parser.add_argument("--unseen", type=Path, nargs="+", default=[], metavar="DIR", help="others")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    return parser.parse_args()


def main() -> int:
    """Measure, and write the page and its diagram."""
    options = _options()
    if options.page.resolve() == PAGE.resolve() and not options.field:
        print(
            "corpus.calibrate: docs/calibration.md is about field logs as well; name their folder "
            "with --field, or another page with --page",
            file=sys.stderr,
        )
        return 2
    rules = Rules.builtin()
    folders = {
        RECORDED: [ROOT / "corpus" / "logs"],
        FIELD: options.field,
        UNSEEN: options.unseen,
    }
    found = {}
    for name, directories in folders.items():
        cases, errors = find_cases(directories, rules.causes)
        if errors:
            print("\n".join(errors), file=sys.stderr)
            return 2
        if cases:
            found[name] = answers(outcomes(cases, rules), rules.causes)
    options.page.write_text(page(found, datetime.date.today()), "utf-8")
    groups = {name: Group.of(part) for name, part in found.items()}
    options.page.with_suffix(".svg").write_text(diagram.draw(groups), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
