"""Speed and memory, as ratios against a peer that is measured in the same run.

    python -m tests.benchmarks.run [--size MB]

Needs `rg` (ripgrep). Every figure is the median of several processes, in turn with their peers.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from pipcert_logs import Rules
from pipcert_logs.knowledge.model import Signal
from pipcert_logs.match.literals import cover
from tests.benchmarks.clean_log import write_clean_log
from tests.corpus_logs import LOGS
from tests.wheel_layout import COMMAND, environment, lay_out

SCRIPTS = Path(sysconfig.get_path("scripts"))
EXPLAIN = str(SCRIPTS / "pipcert-explain")
PIP = [str(SCRIPTS / "pip"), "--version"]
SMALL = next(path for path in LOGS if path.stem.startswith("01-unknown-issuer-private__pip-24.2"))
IN_PROCESS = """
import sys, time
from pathlib import Path
from pipcert_logs import Explainer, Rules
rules = Rules.load(*map(Path, sys.argv[2:]))
Explainer(rules=rules).close()
start = time.perf_counter()
explainer = Explainer(rules=rules)
with open(sys.argv[1], "rb") as log:
    while piece := log.read(1 << 18):
        explainer.feed(piece)
explainer.close()
print(time.perf_counter() - start)
"""

PEAK = """
import resource, subprocess, sys
subprocess.run([sys.argv[1], "--quiet"], stdin=open(sys.argv[2]))
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def medians(*runs: Callable[[], float], times: int) -> list[float]:
    """Return the median of each, measured in turn, so that all meet the same machine."""
    rounds = [[run() for run in runs] for _ in range(times + 1)]
    return [statistics.median(column) for column in zip(*rounds[1:], strict=True)]


def whole(command: list[str], **options: object) -> Callable[[], float]:
    """Measure a whole process in seconds."""

    def run() -> float:
        start = time.perf_counter()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(command, check=False, **{**quiet, **options})  # type: ignore[call-overload]
        return time.perf_counter() - start

    return run


def engine(log: Path, *packs: Path) -> Callable[[], float]:
    """Measure the engine alone in seconds, in a process of its own."""
    command = [sys.executable, "-c", IN_PROCESS, str(log), *map(str, packs)]
    return lambda: float(subprocess.run(command, capture_output=True, check=True).stdout)


def peak_memory(log: Path) -> float:
    """Return the peak resident memory, in MB, of explaining a log through a pipe."""
    command = [sys.executable, "-c", PEAK, EXPLAIN, str(log)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(output.split("peak")[1])


def multiplied_rules(folder: Path, times: int) -> Path:
    """Write a pack that repeats every signal with anchors of its own, of the same vocabulary."""
    signals = Rules.builtin().signals.values()
    text = "\n".join(_repeated(signal, copy) for copy in range(1, times) for signal in signals)
    (folder / "signals").mkdir(parents=True)
    (folder / "signals" / "more.toml").write_text(text, encoding="utf-8")
    return folder


def _repeated(signal: Signal, copy: int) -> str:
    anchors, sought = (
        json.dumps([f"{text} v{copy}" for text in texts], ensure_ascii=False)
        for texts in (signal.anchors, signal.sought)
    )
    return f"""
[[signal]]
id = "{signal.id}-{copy}"
role = "{signal.role}"
states = "-"
anchors = {anchors}
seek = {sought}
pattern = "never printed {copy}"
printed_by = {{ program = "-", format = "-" }}
matches = [{{ text = "never printed {copy}" }}]
differs = [{{ text = "-", why = "-" }}]
"""


def start_up(folder: Path) -> None:
    """Compare with what everybody has: `pip --version`."""
    site = lay_out(folder / "site")
    installed = {"cwd": site, "env": environment(site)}
    coloured = {"cwd": site, "env": {**environment(site), "FORCE_COLOR": "1"}}
    runs = {
        "pipcert-explain --version": whole([*COMMAND, "--version"], **installed),
        "small log, json": whole([*COMMAND, "--format", "json", str(SMALL)], **installed),
        "small log, text": whole([*COMMAND, str(SMALL)], **installed),
        "small log, text, in colour": whole([*COMMAND, str(SMALL)], **coloured),
        "source tree, json": whole([EXPLAIN, "--format", "json", str(SMALL)]),
        "source tree, text": whole([EXPLAIN, str(SMALL)]),
    }
    pip, *taken = medians(whole(PIP), *runs.values(), times=25)
    for name, seconds in zip(runs, taken, strict=True):
        peer = f"pip --version {pip * 1000:4.0f} ms"
        print(f"{name:28} {seconds * 1000:5.0f} ms    {peer}   ratio {seconds / pip:.2f}")
    end, pip = medians(after_the_end, whole(PIP), times=7)
    peer = f"pip --version {pip * 1000:4.0f} ms"
    print(f"{'from the end of input':28} {end * 1000:5.0f} ms    {peer}   ratio {end / pip:.2f}")


def after_the_end() -> float:
    """Measure the seconds from the end of pip's output to the end of the report."""
    command = [EXPLAIN, "--quiet"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        process.stdin.write(SMALL.read_bytes())
        process.stdin.flush()
        time.sleep(1)  # pip takes longer, and the rules are ready by then
        start = time.perf_counter()
        process.stdin.close()
        process.wait()
        return time.perf_counter() - start


def throughput(folder: Path, size: int) -> None:
    """Compare with ripgrep on the same anchors, and on the few literals chosen from them."""
    log = folder / "clean.log"
    write_clean_log(log, size, failure=SMALL.read_bytes(), every=size // 10)
    for name, packs in {
        "engine": (),
        "engine, 5 times the rules": (multiplied_rules(folder / "pack", 5),),
    }.items():
        rules = Rules.load(*packs)
        anchors = {anchor for signal in rules.signals.values() for anchor in signal.sought}
        literals = cover(anchors, rules.literals)
        peers = [ripgrep(texts, folder, log) for texts in (anchors, literals)]
        taken, *others = medians(engine(log, *packs), *peers, times=7)
        for texts, other in zip((f"{len(anchors)} anchors", "its literals"), others, strict=True):
            against = f"rg -c -F, {texts:13} {size / other / 1e6:5.0f} MB/s"
            print(f"{name:28} {size / taken / 1e6:5.0f} MB/s  {against}  ratio {other / taken:.2f}")


def ripgrep(texts: Iterable[str], folder: Path, log: Path) -> Callable[[], float]:
    """Measure a whole `rg -c -F` in seconds."""
    patterns = folder / f"{len(list(texts))}.txt"
    patterns.write_text("\n".join(texts), encoding="utf-8")
    return whole(["rg", "-c", "-F", "-f", str(patterns), str(log)])


def memory(folder: Path) -> None:
    """Show that memory does not grow with the log."""
    for size in (1_000_000, 1_000_000_000):
        log = folder / "big.log"
        write_clean_log(log, size, failure=SMALL.read_bytes(), every=size // 20)
        print(f"{f'pipe, {size // 1_000_000} MB':28} {peak_memory(log):5.0f} MB at most")


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", type=int, default=400, help="size of the log, in MB")
    size = parser.parse_args().size * 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        start_up(Path(folder))
        if shutil.which("rg"):
            throughput(Path(folder), size)
        else:
            print("throughput: skipped, rg (ripgrep) is not installed")
        memory(Path(folder))


if __name__ == "__main__":
    main()
