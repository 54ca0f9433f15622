"""Memory of `pipcert-logs scan`: what all its processes hold together, at the most.

A page that processes share counts once (the kernel's Pss), so this runs on Linux only.
"""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.archives import EXPIRED, SELF_SIGNED, recorded
from tests.benchmarks.clean_log import write_clean_log

_EVERY = 0.03
_MB = 1_000_000
_GB = 1000 * _MB


def peak(command: list[str], *, cwd: Path, env: Mapping[str, str]) -> tuple[float, float]:
    """Run a command, and return the most bytes that it held, and its seconds."""
    most = 0
    begun = time.monotonic()
    with subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, sum(map(_held, _family(process.pid))))
            time.sleep(_EVERY)
    return most, time.monotonic() - begun


def _family(parent: int) -> Iterator[int]:
    """Yield a process and all that come from it."""
    yield parent
    try:
        for task in Path(f"/proc/{parent}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))
    except OSError:
        return


def _held(process: int) -> int:
    try:
        told = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in told.splitlines() if "Pss:" in line), 0)


def _failing(number: int) -> bytes:
    return recorded(SELF_SIGNED).replace(b"pypi.org", b"index%d.example.org" % number)


def _small(folder: Path) -> None:
    for number in range(2000):
        log = recorded(SELF_SIGNED) if number % 10 else recorded(EXPIRED)
        (folder / f"{number}.log").write_bytes(b"Collecting requests\n" * 1000 + log)


def _plain(folder: Path) -> None:
    write_clean_log(folder / "a.log", _GB, failure=recorded(SELF_SIGNED), every=_GB // 20)


def _gz(folder: Path) -> None:
    write_clean_log(folder / "a.log", 20 * _MB, failure=recorded(SELF_SIGNED), every=10 * _MB)
    packed = gzip.compress((folder / "a.log").read_bytes(), 6)
    (folder / "a.log").unlink()
    _repeat(folder / "a.gz", packed, 50)


def _zip(folder: Path, count: int = 5000, padding: int = 1000) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            log = recorded(SELF_SIGNED)
            archive.writestr(f"job/{number}.log", b"Collecting requests\n" * padding + log)


def _failing_archive(folder: Path) -> None:
    _zip(folder, 50_000, padding=0)


def _tar(folder: Path) -> None:
    data = b"Collecting requests\n" * 1000 + recorded(SELF_SIGNED)
    with tarfile.open(folder / "a.tar.gz", "w:gz", compresslevel=1) as archive:
        for number in range(5000):
            member = tarfile.TarInfo(f"job/{number}.log")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


def _bomb(folder: Path) -> None:
    _repeat(folder / "a.gz", gzip.compress(b"a line of a log\n" * _MB), 1000)


def _endless_line(folder: Path) -> None:
    _repeat(folder / "a.log", b"Collecting requests ... " * 20_000, 1000)
    with (folder / "a.log").open("ab") as file:
        file.write(b" SSLError certificate verify failed " * 1000)


def _same_failures(folder: Path) -> None:
    _repeat(folder / "a.log", recorded(SELF_SIGNED), 100_000)


def _other_failures(folder: Path) -> None:
    with (folder / "a.log").open("wb") as file:
        file.writelines(map(_failing, range(100_000)))


def _repeat(path: Path, data: bytes, times: int) -> None:
    with path.open("wb") as file:
        for _ in range(times):
            file.write(data)


ARCHIVES: dict[str, Callable[[Path], None]] = {
    "2,000 small logs": _small,
    "a plain log of 1 GB": _plain,
    "a gzip log of 1 GB": _gz,
    "a zip archive of 5,000 logs": _zip,
    "a tar.gz archive of 5,000 logs": _tar,
    "a bomb": _bomb,
    "a line of 500 MB": _endless_line,
    "a log with a failure 100,000 times": _same_failures,
    "a log with 100,000 failures": _other_failures,
    "a zip archive of 50,000 failing logs": _failing_archive,
}
"""What is written into a folder, by a name for it."""
TARGET = 300 * _MB
"""What a scan may hold."""
