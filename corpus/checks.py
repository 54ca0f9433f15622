"""Do the checks separate what they claim to? `python -m corpus.checks` runs them and compares.

A check of the rules names the causes that its output tells apart. The same install is met by each
of these causes in turn (`corpus.faults.variants`), the check is run twice each time, and what
both runs print alike is compared: two causes that print the same are not told apart.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from corpus import jobs
from corpus.certificates import Certificates
from corpus.clients import CACHE
from corpus.faults.common import CORP
from corpus.faults.variants import VARIANTS
from corpus.labels import as_text
from corpus.model import Client, Fault
from corpus.proof import trial
from corpus.session import Session
from pipcert_logs.knowledge.load import Rules

PAGE = Path(__file__).parent.parent / "docs" / "checks.md"
CLIENT = "pip-26.3-py3.11"
VALUES = {
    "{{host}}": CORP.host,
    "{{port}}": "443",
    "{{address}}": CORP.host,
    "{{index_url}}": f"https://{CORP.host}/simple/",
    "{{package}}": "corp-utils",
}
HEAD = """\
# Checks, tried

Written by `python -m corpus.checks`. A check is a command that tells causes apart where the log
cannot. One install is met by each cause in turn, on {client}; the check is run, and its output
compared, as far as it is the same whenever it is run. *told apart* counts the pairs of causes
that it claims to separate and whose output differs, where a cause comes about in several ways in
one of them. For the pairs named last the lab has no variant, or the client not the program.

| check | told apart | not told apart | not tried |
| --- | --- | --- | --- |
"""

NOT_FOUND = 127
Printed = Mapping[str, str]
"""What the checks print; a check for another tool than the client's prints nothing."""


def claims() -> dict[str, set[tuple[str, str]]]:
    """Return which causes each check, by its command, claims to tell from which others."""
    found: dict[str, set[tuple[str, str]]] = {}
    for cause in Rules.builtin().causes.values():
        for check in cause.checks:
            if check.shell in ("any", "posix"):
                others = set(check.separates) - {cause.id}
                found.setdefault(check.command, set()).update((cause.id, one) for one in others)
    return found


def outputs(
    fault: Fault, client: Client, cache: Path, certificates: Certificates
) -> dict[str, str]:
    """Run, under one cause, each check that claims to tell it from others."""
    with trial(fault, client, cache, certificates) as met, met.network(met.fault):
        wanted = (
            command
            for command, pairs in claims().items()
            if any(fault.causes[0] in pair for pair in pairs)
        )
        found = {command: _steady(met.shell, command) for command in wanted}
        return {command: printed for command, printed in found.items() if printed is not None}


def _steady(shell: Session, command: str) -> str | None:
    """Run a check twice and return the lines that both runs have, if its program is here."""
    for placeholder, value in VALUES.items():
        command = command.replace(placeholder, value)
    runs = [shell.run(command) for _ in range(2)]
    if runs[0].code == NOT_FOUND:
        return None
    first, second = (as_text(run.printed).splitlines() for run in runs)
    return "\n".join(line for line in first if line in second)


def page(found: Mapping[str, list[Printed]]) -> str:
    """Return docs/checks.md, from what the checks print under each variant of each cause."""
    return HEAD.format(client=CLIENT) + "".join(_rows(found))


def _rows(found: Mapping[str, list[Printed]]) -> Iterator[str]:
    for command, pairs in claims().items():
        printed = {
            cause: [output[command] for output in variants if command in output]
            for cause, variants in found.items()
        }
        tried = {pair for pair in pairs if all(printed.get(cause) for cause in pair)}
        alike = {
            (one, other)
            for one, other in tried
            if {*printed[one], *printed[other]} == {printed[one][0]}
        }
        cells = (
            f"`` {command.replace('|', chr(92) + '|').strip()} ``",
            f"{len(tried - alike)} of {len(tried)}",
            ", ".join("/".join(pair) for pair in sorted(alike)),
            ", ".join("/".join(pair) for pair in sorted(pairs - tried)),
        )
        yield f"| {' | '.join(cells)} |\n"


def main() -> int:
    """Run all checks and write the page."""
    parser = argparse.ArgumentParser(prog="python -m corpus.checks", description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for the clients")
    options = parser.parse_args()
    if why := jobs.obstacle():
        print(f"corpus.checks: {why}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="lab-checks-") as folder:
        names = [f"{variant.id}__{CLIENT}" for variant in VARIANTS]
        worked = jobs.run("checks", names, Path(folder), options.cache.resolve())
        found: dict[str, list[Printed]] = {}
        for variant in VARIANTS:
            if (file := Path(folder) / f"{variant.id}.json").exists():
                printed = msgspec.json.decode(file.read_bytes(), type=dict[str, str])
                found.setdefault(variant.causes[0], []).append(printed)
    PAGE.write_text(page(found), "utf-8")
    return int(not worked)


if __name__ == "__main__":
    sys.exit(main())
