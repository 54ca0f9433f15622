"""Speed of `pipcert-logs scan`, as ratios against ripgrep and ugrep in the same run.

    python -m tests.benchmarks.scan [--size MB] [--times N] [--only WORD]

Makes its own data: CI logs of many sizes, one in ten with a real failure of the corpus. The peers
search for the same anchors and count lines; the scan classifies, and every planted failure has to
be found with a right cause and host, and nothing else. Figures are medians of whole processes.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pipcert_logs import Rules, explain
from pipcert_logs.corpus_check import Case, find_cases
from tests.archives import zstd
from tests.benchmarks.clean_log import clean_lines, write_clean_log
from tests.benchmarks.memory import ARCHIVES, TARGET, peak
from tests.benchmarks.run import medians, multiplied_rules, whole
from tests.corpus_logs import LOGS
from tests.wheel_layout import environment, lay_out

SCAN = [sys.executable, "-m", "pipcert_logs", "scan"]
_MEDIAN_SIZE = 400_000
_BUNDLE = 20  # logs in one archive
_RERUN_FILES = 10_000


class Planted(NamedTuple):
    """A log of the data, and the failure in it."""

    name: str
    data: bytes
    case: Case | None


def logs(size: int, seed: int = 5) -> Iterator[Planted]:
    """Make logs of `size` bytes in all: one in ten has a failure somewhere."""
    chance = random.Random(seed)
    lines = clean_lines(chance)
    pool = ["".join(next(lines) for _ in range(2000)).encode() for _ in range(16)]
    failing = clear_cases()
    made = number = 0
    while made < size:
        wanted = int(chance.lognormvariate(0, 0.8) * _MEDIAN_SIZE)
        pieces = [chance.choice(pool) for _ in range(max(wanted // len(pool[0]), 1))]
        case = chance.choice(failing) if number % 10 == 0 else None
        if case:
            pieces.insert(chance.randrange(len(pieces) + 1), case.log.read_bytes())
        data = b"".join(pieces)
        yield Planted(f"project-{number % 7}/job-{number % 31}/{number}.log", data, case)
        made += len(data)
        number += 1


def clear_cases() -> list[Case]:
    """Return the failing logs of the corpus that leave one cause open, and name its host."""
    found, _ = find_cases([LOGS[0].parent], Rules.builtin().causes)
    return [case for case in found if _is_clear(case)]


def _is_clear(case: Case) -> bool:
    return not case.control and bool(case.label.hosts) and len(case.label.causes) == 1


class Data(NamedTuple):
    """The same logs, packed in one way."""

    way: str
    folder: Path
    planted: dict[str, Case]
    """The failing logs by a part of their names."""
    size: int
    """Bytes as unpacked."""


def pack(way: str, folder: Path, size: int) -> Data:
    """Write the data in one of the ways of PACKED."""
    planted: dict[str, Case] = {}
    total = 0
    bundle: list[Planted] = []
    place = folder / way
    for number, log in enumerate(logs(size)):
        total += len(log.data)
        if log.case:
            planted[log.name] = log.case
        bundle.append(log)
        if way in ONE_BY_ONE:
            _write(place / (log.name + ONE_BY_ONE[way][0]), ONE_BY_ONE[way][1](log.data))
            bundle = []
        elif len(bundle) == _BUNDLE:
            _write(place / f"{number}.{way}", BUNDLED[way](bundle))
            bundle = []
    if bundle:
        _write(place / f"last.{way}", BUNDLED[way](bundle))
    return Data(way, place, planted, total)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _zip(bundle: Iterable[Planted]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for log in bundle:
            archive.writestr(log.name, log.data)
    return packed.getvalue()


def _tar(bundle: Iterable[Planted]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=6) as archive:
        for log in bundle:
            member = tarfile.TarInfo(log.name)
            member.size = len(log.data)
            archive.addfile(member, io.BytesIO(log.data))
    return packed.getvalue()


ONE_BY_ONE: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "plain": ("", bytes),
    "gz": (".gz", lambda data: gzip.compress(data, 6)),
    "zst": (".zst", zstd.compress),
}
BUNDLED: dict[str, Callable[[Iterable[Planted]], bytes]] = {"zip": _zip, "tar.gz": _tar}


def peers(way: str, anchors: Path, data: Path) -> dict[str, list[str]]:
    """Return the commands that search data packed in a way, and their targets."""
    rg = ["rg", "-c", "-F", "-f", str(anchors)]
    ugrep = ["ugrep", "-r", "-c", "-F", "-f", str(anchors)]
    if way in ("plain", "one file"):
        return {"rg": [*rg, str(data)], "ugrep": [*ugrep, str(data)]}
    found = {"ugrep -z": [*ugrep, "-z", str(data)]}
    if way in ("gz", "zst"):
        found["rg -z"] = [*rg, "-z", str(data)]
    return found


TARGETS = {
    ("plain", "rg"): 0.5,
    ("one file", "rg"): 0.5,
    ("gz", "ugrep -z"): 0.5,
    ("gz", "rg -z"): 0.2,
    ("zip", "ugrep -z"): 0.5,
    ("tar.gz", "ugrep -z"): 0.5,
    ("zst", "rg -z"): 0.5,
}
"""The share of a peer's time that is to be reached."""


class Ours(NamedTuple):
    """The package as its wheel lays it out."""

    site: Path

    def timed(self, *words: str | Path) -> Callable[[], float]:
        """Measure a whole scan in seconds."""
        return whole([*SCAN, *map(str, words)], cwd=self.site, env=environment(self.site))

    def rows(self, *words: str | Path) -> list[dict[str, object]]:
        """Return what a scan finds."""
        call = [*SCAN, "--format", "jsonl", *map(str, words)]
        done = subprocess.run(
            call, cwd=self.site, env=environment(self.site), capture_output=True, check=False
        )
        return [json.loads(line) for line in done.stdout.splitlines()]


Told = tuple[object, object]
"""The cause and the host of a failure."""


def failures(case: Case) -> list[Told]:
    """Return what is told of a log of the corpus that stands alone."""
    report = explain(case.log.read_bytes())
    return [
        (found.causes[0].id if found.causes else None, found.endpoint.host)
        for found in report.failures
    ]


def mistakes(ours: Ours, data: Data) -> list[str]:
    """Scan, and say what was planted and not found rightly, and what was found and not planted."""
    found: dict[str, list[Told]] = {}
    for row in ours.rows(data.folder):
        name = str(row["path"]).split("!")[-1].removeprefix(f"{data.folder}{os.sep}")
        name = name.removesuffix(".gz").removesuffix(".zst")
        found.setdefault(name, []).append((row["cause"], row["host"]))
    wrong = [f"{name}: nothing was planted" for name in found.keys() - data.planted.keys()]
    for name, case in data.planted.items():
        told, alone = sorted(found.get(name, []), key=str), sorted(failures(case), key=str)
        causes = {cause for cause, _ in told}
        if told != alone or not causes & set(case.label.causes):
            wrong.append(f"{name} ({case.name}): {told}, and alone {alone}")
    return wrong


def compare(ours: Ours, data: Data, anchors: Path, times: int) -> None:
    """Measure a scan and its peers, and print their ratios."""
    against = {
        name: command
        for name, command in peers(data.way, anchors, data.folder).items()
        if shutil.which(command[0])
    }
    searches = [whole(command, stdout=subprocess.PIPE) for command in against.values()]
    scan, *others = medians(ours.timed(data.folder), *searches, times=times)
    print(f"{data.way:10} {scan:6.2f} s  {data.size / scan / 1e6:6.0f} MB/s", end="")
    for name, taken in zip(against, others, strict=True):
        target = TARGETS.get((data.way, name))
        print(f"   {name} {taken:.2f} s: {scan / taken:.2f}", end="")
        print(f" (target {target})" if target else "", end="")
    print(flush=True)


def one_file(ours: Ours, folder: Path, anchors: Path, size: int, times: int) -> list[str]:
    """Measure one large log, and say what was found wrongly."""
    case = clear_cases()[0]
    log = folder / "one" / "large.log"
    log.parent.mkdir()
    write_clean_log(log, size, failure=case.log.read_bytes(), every=size // 20)
    compare(ours, Data("one file", log, {}, size), anchors, times)
    told = {(row["cause"], row["host"]) for row in ours.rows(log)}
    log.unlink()
    return [] if told == set(failures(case)) else [f"one file ({case.name}): {told}"]


def more_rules(ours: Ours, data: Data, folder: Path, times: int) -> None:
    """Measure with five times as many rules."""
    pack_of_rules = multiplied_rules(folder / "pack", 5)
    few, many = medians(
        ours.timed(data.folder),
        ours.timed("--rules", pack_of_rules, data.folder),
        times=times,
    )
    print(f"5 x rules  {few / many:.2f} of the rate (target 0.9)", flush=True)


def workers(ours: Ours, data: Data, times: int) -> None:
    """Measure two workers against one."""
    one, two = medians(
        ours.timed("--jobs", "1", data.folder),
        ours.timed("--jobs", "2", data.folder),
        times=times,
    )
    print(f"2 workers  {one / two:.2f} times one (target 1.7)", flush=True)


def growth(ours: Ours, folder: Path) -> None:
    """Show that time and memory grow as they should with the size of an archive."""
    for size in (10_000_000, 100_000_000, 1_000_000_000, 4_000_000_000):
        data = pack("plain", folder / "growth", size)
        (taken,) = medians(ours.timed(data.folder), times=2)
        print(
            f"{size // 1_000_000:5} MB   {taken:6.2f} s  {size / taken / 1e6:6.0f} MB/s", flush=True
        )
        shutil.rmtree(data.folder)


def again(ours: Ours, folder: Path) -> None:
    """Measure a second run over an archive that did not change."""
    data = pack("gz", folder / "again", _RERUN_FILES * _MEDIAN_SIZE)
    store = folder / "seen.db"
    scan = ours.timed("--store", store, data.folder)
    first = scan()
    (second,) = medians(scan, times=3)
    count = sum(len(files) for _, _, files in os.walk(data.folder))
    share = f"{second / first:.3f} of {first:.2f} s"
    print(f"again      {second:.2f} s, {share} ({count} files; target 0.05)")
    shutil.rmtree(data.folder)


def memory(ours: Ours, folder: Path) -> None:
    """Measure what two workers and the process that they work for hold at the most."""
    for name, write in ARCHIVES.items():
        place = folder / "memory"
        place.mkdir()
        write(place)
        call = [*SCAN, "--jobs", "2", "--format", "jsonl", str(place)]
        held, taken = peak(call, cwd=ours.site, env=environment(ours.site))
        shutil.rmtree(place)
        print(f"memory     {held / 1e6:4.0f} MB, {taken:6.2f} s: {name}", end="")
        print("" if held < TARGET else f" (target {TARGET / 1e6:.0f} MB)", flush=True)


def start(ours: Ours) -> None:
    """Measure a scan of nothing."""
    with tempfile.TemporaryDirectory() as empty:
        (taken,) = medians(ours.timed(empty), times=9)
    print(f"start-up   {taken:.2f} s (target 0.4)", flush=True)


def main() -> int:
    """Print all figures, or those whose name was asked for; 1 if a failure was told wrongly."""
    wrong: list[str] = []
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", type=int, default=1000, help="size of the data, in MB")
    parser.add_argument("--times", type=int, default=5, help="runs of which the median is taken")
    parser.add_argument("--only", default="", help="a way of packing, one, growth, again, memory")
    options = parser.parse_args()
    size = options.size * 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        anchors = folder / "anchors"
        sought = {text for rule in Rules.builtin().signals.values() for text in rule.sought}
        anchors.write_text("\n".join(sorted(sought)), encoding="utf-8")
        ours = Ours(lay_out(folder / "site"))
        start(ours)
        for way in (*ONE_BY_ONE, *BUNDLED):
            if options.only not in ("", way):
                continue
            data = pack(way, folder, size)
            compare(ours, data, anchors, options.times)
            wrong += mistakes(ours, data)
            if way == "plain":
                more_rules(ours, data, folder, options.times)
                workers(ours, data, options.times)
            shutil.rmtree(data.folder)
        if options.only in ("", "one"):
            wrong += one_file(ours, folder, anchors, size, options.times)
        if options.only in ("", "growth"):
            growth(ours, folder)
        if options.only in ("", "again"):
            again(ours, folder)
        if options.only in ("", "memory"):
            memory(ours, folder)
    print("\n".join(wrong) or "every planted failure was found, and nothing else")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
