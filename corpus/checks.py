"""Do the checks separate what they claim to? `python -m corpus.checks` runs them and compares.

A check of the rules names the causes that its output tells apart. The same install is met by each
of these causes in turn (`corpus.faults.variants`), twice and with other certificates the second
time, and what the check prints alike both times is compared: two causes for which it prints the
same are not told apart.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from corpus import jobs
from corpus.certificates import Certificates
from corpus.clients import CACHE, by_id
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
compared, as far as it is the same when the same cause is met again with other certificates.
*told apart* counts the pairs of causes that it claims to separate and whose output differs. A
cause may come about in several ways: pairs of which one way looks alike are named as told apart
*in part*. For the pairs named last the lab has no variant, or the client not the program. That two
outputs differ is all that is compared: whether a person reads the right cause out of them is not.

| check | told apart | in part | not told apart | not tried |
| --- | --- | --- | --- | --- |
"""

TIME = re.compile(r"\b\d\d:\d\d:\d\d\b")
"""What differs between two runs of the same day."""
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
    """Run, under one cause met twice, each check that claims to tell it from others."""
    first = _printed(fault, client, cache, certificates)
    with tempfile.TemporaryDirectory(prefix="lab-certs-") as folder:
        second = _printed(fault, client, cache, Certificates(Path(folder)))
    return {command: _alike(lines, second[command]) for command, lines in first.items()}


def _printed(
    fault: Fault, client: Client, cache: Path, certificates: Certificates
) -> dict[str, list[str]]:
    with trial(fault, client, cache, certificates) as met, met.network(met.fault):
        found = {
            command: _lines(met.shell, command)
            for command, pairs in claims().items()
            if any(fault.causes[0] in pair for pair in pairs)
        }
    return {command: lines for command, lines in found.items() if lines is not None}


def _lines(shell: Session, command: str) -> list[str] | None:
    """Run a check and return what it prints, or None where its program is not here."""
    for placeholder, value in VALUES.items():
        command = command.replace(placeholder, value)
    printed = as_text(shell.run(command).printed)
    lines = TIME.sub("hh:mm:ss", printed).splitlines()
    program = command.split()[0]
    return None if any(f"{program}: not found" in line for line in lines) else lines


def _alike(first: list[str], second: list[str]) -> str:
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
        alike = {(one, other) for one, other in tried if {*printed[one]} == {*printed[other]}}
        meet = {(one, other) for one, other in tried if {*printed[one]} & {*printed[other]}}
        cells = (
            cell(command),
            f"{len(tried - meet)} of {len(tried)}",
            *(
                ", ".join("/".join(pair) for pair in sorted(some))
                for some in (meet - alike, alike, pairs - tried)
            ),
        )
        yield f"| {' | '.join(cells)} |\n"


def cell(command: str) -> str:
    """Return a command as the page shows it."""
    return f"`` {command.replace('|', chr(92) + '|').strip()} ``"


def main() -> int:
    """Run all checks and write the page."""
    parser = argparse.ArgumentParser(prog="python -m corpus.checks", description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for the clients")
    options = parser.parse_args()
    if why := jobs.obstacle():
        print(f"corpus.checks: {why}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="lab-checks-") as folder:
        can, skipped = jobs.split([(variant, by_id(CLIENT)) for variant in VARIANTS])
        worked = jobs.run("checks", can, Path(folder), options.cache.resolve())
        found: dict[str, list[Printed]] = {}
        for variant in VARIANTS:
            if (file := Path(folder) / f"{variant.id}__{CLIENT}.json").exists():
                printed = msgspec.json.decode(file.read_bytes(), type=dict[str, str])
                found.setdefault(variant.causes[0], []).append(printed)
    for line in skipped:
        print(line)
    PAGE.write_text(page(found), "utf-8")
    return int(not worked)


if __name__ == "__main__":
    sys.exit(main())
