"""The sightings: `python -m corpus.probe` looks at the host of each fault, and judges what is said.

For each fault and client `pipcert-logs probe` runs in the client's private root, with the fault's
names, variables and proxy; no log is given to it. A cause that it calls certain has to be true.
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
from corpus.sighting import CERTAIN, Sighting

PAGE = Path(__file__).parent.parent / "docs" / "probe.md"
CLIENT = "pip-2[36].3*-py3.11"
HEAD = """\
# Faults, looked at

Written by `python -m corpus.probe{choice}` on {date}; {count} looks. Each is one
fault of the lab on one exact client: `pipcert-logs probe` of the page or the file that fails,
without any log. What the call says by `--proxy` it is told by `PIP_PROXY`.

*confirmed*: it gives a cause {certain:.0%} or more, and the fault's label has that cause.
*narrowed*: it finds a failure, and leaves more than one cause open. *nothing wrong*: it finds
nothing, and neither TLS nor network nor index is at fault. *not seen*: it finds nothing although
there is something: an `http://` index has no TLS to look at, and what a page holds is not read.
*FALSE*: it is sure of a cause that the label lacks, or finds one where all is well; there must be
none.

{totals}

| fault | outcome | causes by the probe | clients |
| --- | --- | --- | --- |
"""


def page(sightings: Iterable[Sighting], choice: str, date: datetime.date) -> str:
    """Return the table of what was chosen, one row for the clients that fare alike."""
    found = list(sightings)
    rows: dict[tuple[str, ...], list[str]] = {}
    for seen in found:
        told = ", ".join(f"{cause} {probability:.2f}" for cause, probability in seen.causes)
        alike = (seen.fault, seen.outcome, told or seen.detail)
        rows.setdefault(alike, []).append(seen.client)
    counts = Counter(seen.outcome for seen in found)
    totals = ", ".join(f"{outcome} {count}" for outcome, count in counts.most_common())
    lines = [f"| {' | '.join(alike)} | {', '.join(who)} |" for alike, who in rows.items()]
    head = HEAD.format(
        choice=choice,
        date=date.isoformat(),
        count=len(found),
        certain=CERTAIN,
        totals=f"In all: {totals}.",
    )
    return head + "\n".join(lines) + "\n"


def main() -> int:
    """Look at what the command line chooses, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m corpus.probe", description=__doc__)
    jobs.add_choice(parser)
    parser.set_defaults(client=CLIENT)
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args()
    if why := jobs.obstacle():
        print(f"corpus.probe: {why}", file=sys.stderr)
        return 2
    can, cannot = jobs.split(list(jobs.chosen(options.only, options.client)))
    with tempfile.TemporaryDirectory(prefix="lab-sightings-") as folder:
        out = Path(folder)
        worked = jobs.run("probe", can, out, options.cache.resolve())
        written = [file for job in can if (file := out / f"{job}.json").exists()]
        sightings = [msgspec.json.decode(file.read_bytes(), type=Sighting) for file in written]
    for job in cannot:
        print(f"{job}: skipped, this machine lacks its Python, libfaketime, squid, nginx or devpi")
    choice = f" {shlex.join(sys.argv[1:])}".rstrip()
    options.page.write_text(page(sightings, choice, datetime.date.today()), "utf-8")
    false = any(seen.outcome == "FALSE" for seen in sightings)
    return int(false or not worked)


if __name__ == "__main__":
    sys.exit(main())
