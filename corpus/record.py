"""The recorder: `python -m corpus.record` runs real clients against real faults, keeps the logs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from corpus import jobs
from corpus.labels import as_text, side_file
from corpus.model import Client, Fault

LOGS = Path(__file__).parent / "logs"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m corpus.record", description=__doc__)
    jobs.add_choice(parser)
    parser.add_argument("--out", type=Path, default=LOGS, help="folder for the logs")
    parser.add_argument("--relabel", action="store_true", help="only write the side files anew")
    parser.add_argument("--missing", action="store_true", help="record only what is not there yet")
    return parser.parse_args()


def relabel(out: Path, pairs: list[tuple[Fault, Client]]) -> None:
    """Write the side files of logs that are there, after a label was changed in the fault table."""
    for fault, client in pairs:
        log = out / f"{jobs.name(fault, client)}.log"
        if log.exists():
            side = side_file(fault, client, as_text(log.read_bytes()))
            log.with_name(f"{log.stem}.toml").write_text(side, "utf-8")


def main() -> int:
    """Record what the command line chooses."""
    options = _options()
    pairs = list(jobs.chosen(options.only, options.client))
    if options.relabel:
        relabel(options.out, pairs)
        return 0
    if why := jobs.obstacle():
        print(f"corpus.record: {why}", file=sys.stderr)
        return 2
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    can, cannot = jobs.split(pairs)
    if options.missing:
        can = [job for job in can if not (out / f"{job}.log").exists()]
    worked = jobs.run("record", can, out, options.cache.resolve())
    for job in cannot:
        print(f"{job}: skipped, this machine lacks its Python, libfaketime, squid, nginx or devpi")
    return int(not worked)


if __name__ == "__main__":
    sys.exit(main())
