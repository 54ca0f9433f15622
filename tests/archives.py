"""Archives of logs for the tests of `scan`: each way in which logs are packed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.clean_log import clean_lines

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CORPUS = Path(__file__).parent.parent / "corpus" / "logs"
SELF_SIGNED = "02-root-in-chain-public__pip-26.1.2-py3.11.log"
EXPIRED = "04-expired-private__pip-25.3-py3.11.log"


def recorded(name: str) -> bytes:
    """Return a log of the corpus."""
    return (CORPUS / name).read_bytes()


def clean(size: int, seed: int = 1) -> bytes:
    """Return a log of about so many bytes in which nothing fails."""
    lines = clean_lines(random.Random(seed))
    text = "".join(next(lines) for _ in range(size // 90 + 1))
    return text.encode()


def zipped(**members: bytes) -> bytes:
    """Return a zip archive; in names, `__` stands for a slash."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(_path(name), data)
    return packed.getvalue()


def tarred(mode: str = "w", **members: bytes) -> bytes:
    """Return a tar archive, compressed as the mode says."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            member = tarfile.TarInfo(_path(name))
            member.size, member.mtime = len(data), 1_700_000_000
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()


def _path(name: str) -> str:
    return name.replace("__", "/") + ".log"


WAYS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "gzip-of-two": lambda data: gzip.compress(data[:50]) + gzip.compress(data[50:]),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd.compress,
    "zip": lambda data: zipped(job__build=data),
    "tar": lambda data: tarred(job__build=data),
    "tar.gz": lambda data: tarred("w:gz", job__build=data),
    "tar.bz2": lambda data: tarred("w:bz2", job__build=data),
    "tar.xz": lambda data: tarred("w:xz", job__build=data),
    "tar.zst": lambda data: zstd.compress(tarred(job__build=data)),
    "zip-in-zip": lambda data: zipped(inner=zipped(job__build=data)),
    "gzip-in-tar.gz": lambda data: tarred("w:gz", inner=gzip.compress(data)),
    "zip-in-tar": lambda data: tarred(inner=zipped(job__build=data)),
    "utf-16": lambda data: data.decode().encode("utf-16"),
    "carriage-returns": lambda data: data.replace(b"\r", b"").replace(b"\n", b"\r"),
}
"""How a log is packed, by a name for it."""
