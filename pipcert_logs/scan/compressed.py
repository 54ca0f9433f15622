"""Compressed streams, read so that all that comes before a damage is had."""

from __future__ import annotations

import bz2
import functools
import lzma
import sys
from collections.abc import Callable
from typing import Protocol, cast

from isal import igzip_lib

from pipcert_logs.read.kind import BZIP2, GZIP, XZ, ZSTD, Kind
from pipcert_logs.scan.zips import Readable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_READ = 1 << 18

ERRORS: tuple[type[Exception], ...] = (
    EOFError,
    OSError,  # what bz2 raises
    lzma.LZMAError,
    zstd.ZstdError,
    cast(type[Exception], igzip_lib.IsalError),  # its stubs say that it is an instance
)
"""What a damage raises."""


class _Decompressor(Protocol):
    """What bz2, lzma, zstd and isal's igzip have in common."""

    @property
    def eof(self) -> bool:
        """Whether the stream came to its end."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes of what was given."""

    @property
    def unused_data(self) -> bytes:
        """What follows the end."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return up to `max_length` bytes."""


_DECOMPRESSORS: dict[Kind, Callable[[], _Decompressor]] = {
    GZIP: functools.partial(igzip_lib.IgzipDecompressor, flag=igzip_lib.DECOMP_GZIP),
    BZIP2: bz2.BZ2Decompressor,
    XZ: lzma.LZMADecompressor,
    ZSTD: zstd.ZstdDecompressor,
}


class Decompressed:
    """A compressed stream, or several behind each other, as one."""

    def __init__(self, kind: Kind, stream: Readable) -> None:
        self._new = _DECOMPRESSORS[kind]
        self._decompressor = self._new()
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end.

        Raises:
            One of ERRORS: the stream is damaged or cut short; all before was returned.
        """
        while True:
            packed = b""
            if self._decompressor.eof:
                packed = self._decompressor.unused_data or self._stream.read(_READ)
                if not packed.strip(b"\0"):  # nothing follows, or what tapes are filled up with
                    return b""
                self._decompressor = self._new()
            elif self._decompressor.needs_input:
                packed = self._stream.read(_READ)
                if not packed:
                    raise EOFError("ends too early")
            if piece := self._decompressor.decompress(packed, size):
                return piece
