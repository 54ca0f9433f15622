"""The sightings: `python -m corpus.probe` looks at the host of each fault, and judges what is said.

For each fault and client `pipcert-logs probe` runs in the client's private root, with the fault's
names, variables and proxy; no log is given to it. A cause that it calls certain has to be true.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatch
from itertools import groupby
from pathlib import Path

import msgspec

from corpus import jobs
from corpus.faults import FAULTS
from corpus.model import Client, Fault
from corpus.sighting import CERTAIN, Sighting

PAGE = Path(__file__).parent.parent / "docs" / "probe.md"
KEPT = Path(__file__).with_name("sightings.jsonl")
CLIENTS = ("pip-23.3.2-py3.11", "pip-24.2-py3.11", "pip-26.3-py3.11")
ORDER = {fault.id: number for number, fault in enumerate(FAULTS)}
HEAD = """\
# Faults, looked at

Written by `python -m corpus.probe`; {count} looks, between {first} and {last}. Each is one fault
of the lab on one exact client: `pipcert-logs probe` of the page or the file that fails, without any
log. What the call says by `--proxy` it is told by `PIP_PROXY`.

*confirmed*: it gives {certain:.0%} or more to what was really wrong. *narrowed*: that comes first,
and less surely. *in doubt*: something else comes first, and nothing is sure. *nothing wrong*: it
finds nothing, and neither TLS nor network nor index is at fault. *not seen*: it finds nothing
although there is something: an `http://` index has no TLS to look at, what a page holds is not
read, and what only this version of pip stumbles over is no fault of the host. *FALSE*: it is sure
of what was not wrong, or finds a cause where all is well; there must be none.

{totals}

| fault | outcome | causes by the probe | clients |
| --- | --- | --- | --- |
"""


def kept() -> list[Sighting]:
    """Read what earlier runs saw."""
    if not KEPT.exists():
        return []
    return [msgspec.json.decode(line, type=Sighting) for line in KEPT.read_bytes().splitlines()]


def merged(old: Iterable[Sighting], new: Iterable[Sighting]) -> list[Sighting]:
    """Put new looks in the place of old ones, in the order of the faults."""
    found = {(seen.fault, seen.client): seen for seen in (*old, *new)}
    known = (place for place in found if place[0] in ORDER)
    return [found[place] for place in sorted(known, key=lambda place: (ORDER[place[0]], place))]


def page(found: Sequence[Sighting]) -> str:
    """Return the table, one row for the clients that fare alike."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for seen in found:
        told = ", ".join(f"{cause} {probability:.2f}" for cause, probability in seen.causes)
        alike = (seen.fault, seen.outcome, told or seen.detail)
        rows.setdefault(alike, []).append(seen.client)
    counts = Counter(seen.outcome for seen in found)
    totals = ", ".join(f"{outcome} {count}" for outcome, count in counts.most_common())
    lines = [f"| {' | '.join(alike)} | {', '.join(who)} |" for alike, who in rows.items()]
    dates = sorted(seen.date for seen in found if seen.date) or [""]
    head = HEAD.format(
        first=dates[0],
        last=dates[-1],
        count=len(found),
        certain=CERTAIN,
        totals=f"In all: {totals}.",
    )
    return head + "\n".join(lines) + "\n"


def some(client_glob: str | None) -> Iterator[tuple[Fault, Client]]:
    """Give the clients asked for; or three that differ in what they trust, or one that there is."""
    for _, pairs in groupby(jobs.chosen("*", client_glob or "pip-*"), key=lambda pair: pair[0].id):
        of_fault = list(pairs)
        chosen = [pair for pair in of_fault if client_glob or pair[1].id in CLIENTS]
        yield from chosen or of_fault[-1:]


def main() -> int:
    """Look at what the command line chooses, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m corpus.probe", description=__doc__)
    jobs.add_choice(parser)
    parser.set_defaults(client=None)
    options = parser.parse_args()
    if why := jobs.obstacle():
        print(f"corpus.probe: {why}", file=sys.stderr)
        return 2
    pairs = [pair for pair in some(options.client) if fnmatch(pair[0].id, options.only)]
    can, skipped = jobs.split(pairs)
    with tempfile.TemporaryDirectory(prefix="lab-sightings-") as folder:
        out = Path(folder)
        worked = jobs.run("probe", can, out, options.cache.resolve())
        written = [file for job in can if (file := out / f"{job}.json").exists()]
        new = [msgspec.json.decode(file.read_bytes(), type=Sighting) for file in written]
    for line in skipped:
        print(line)
    found = merged(kept(), new)
    KEPT.write_bytes(b"".join(msgspec.json.encode(seen) + b"\n" for seen in found))
    PAGE.write_text(page(found), "utf-8")
    return int(not worked or any(seen.outcome == "FALSE" for seen in new))


if __name__ == "__main__":
    sys.exit(main())
