"""Makes CI logs in which nothing fails, with a real failure here and there."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

LINES = (
    "cc -O2 -Wall -Werror=format-security -I/usr/include -c src/module_{n}.c -o build/{n}.o",
    "[ 37%] Building CXX object lib/CMakeFiles/core.dir/part_{n}.cpp.o",
    "tests/unit/test_{n}.py::test_case_{m} PASSED                                        [ {p}%]",
    "  Downloading https://files.pythonhosted.org/packages/a1/pkg_{n}-1.{m}-py3-none-any.whl",
    "Collecting package-{n}>=1.{m} (from -r requirements.txt (line {p}))",
    "Requirement already satisfied: package-{n} in ./.venv/lib/python3.11/site-packages (1.{m})",
    "npm http fetch GET 200 https://registry.npmjs.org/package-{n} {m}ms (cache hit)",
    "Get:{p} http://deb.debian.org/debian bookworm/main amd64 libthing{n} amd64 1.{m}-1 [{m} kB]",
    "[INFO] step {n} of 100000 finished in {m} ms, 0 errors, 0 warnings",
    "2026-03-04 05:06:{p} DEBUG scheduler.worker: task {n} took {m} ms on host build-{p}",
    "#12 {p}.{m} Unpacking libthing{n}:amd64 (1.{m}-1) ...",
    'INFO:     10.0.0.{p}:{n} - "GET /api/v1/items/{m} HTTP/1.1" 200 OK',
    "remote: Counting objects: {p}% ({n}/{n}), done.",
    "  adding: docs/chapter-{n}/section-{m}.html (deflated {p}%)",
    "Copying build/lib.linux-x86_64-cpython-311/thing/part{n}.so -> thing",
    "   Compiling crate-{n} v1.{m}.0 (/build/crates/crate-{n})",
    "ok  \tgithub.com/example/project/pkg/part{n}\t0.{m}s\tcoverage: {p}.0% of statements",
    "warning: unused variable: `value_{n}` --> src/part_{m}.rs:{p}:9",
)
STAMP = "2026-03-04T05:06:{p:02d}.1234567Z "


def clean_lines(chance: random.Random) -> Iterator[str]:
    """Yield lines without end."""
    while True:
        numbers = {
            "n": chance.randrange(100_000),
            "m": chance.randrange(1000),
            "p": chance.randrange(60),
        }
        yield (STAMP + chance.choice(LINES) + "\n").format(**numbers)


def write_clean_log(
    path: Path, size: int, *, failure: bytes = b"", every: int = 0, seed: int = 7
) -> None:
    """Write a log of at least `size` bytes, with `failure` after each `every` bytes."""
    chance = random.Random(seed)
    lines = clean_lines(chance)
    block = "".join(next(lines) for _ in range(20_000)).encode()
    written = since = 0
    with path.open("wb") as file:
        while written < size:
            start = block.index(b"\n", chance.randrange(len(block) // 2)) + 1
            piece = block[start:]
            if every and since >= every:
                piece += failure
                since = 0
            file.write(piece)
            written += len(piece)
            since += len(piece)
    os.sync()  # what is still being written would slow the first measurement
