"""Zip archives: their directory by the standard library, their contents inflated by isal."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, NamedTuple, Protocol

from isal import isal_zlib

_LOCAL_HEADER = 30
_READ = 1 << 18
# What software is packed as; a bundle of logs has none of it.
_SOFTWARE = ("META-INF/", "[Content_Types].xml", "AndroidManifest.xml", "mimetype")
_UNEXPECTED = (NotImplementedError, RuntimeError, ValueError, struct.error, EOFError)
"""What the standard library raises of archives that nobody packed so."""
_WHEEL = ".dist-info/WHEEL"


class Readable(Protocol):
    """What can be read from the beginning to the end."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""


class ZipError(Exception):
    """An archive or a member that cannot be read; the message says why."""


class Member(NamedTuple):
    """A file in an archive."""

    path: str
    time: float | None
    """Seconds since 1970, where the archive tells."""
    info: zipfile.ZipInfo


class ZipArchive:
    """An archive in a file that can be searched in."""

    def __init__(self, file: IO[bytes]) -> None:
        """Read the directory.

        Raises:
            ZipError: there is none, or it is broken.
        """
        self._file = file
        try:
            self._archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, *_UNEXPECTED) as error:
            raise ZipError("is a zip archive that is cut short or broken") from error

    @property
    def is_software(self) -> bool:
        """Whether it is a wheel, a Java archive, a document: no bundle of logs."""
        names = self._archive.namelist()
        return any(name.startswith(_SOFTWARE) or name.endswith(_WHEEL) for name in names)

    def __len__(self) -> int:
        return len(self._archive.infolist())

    def members(self) -> Iterator[Member]:
        """Yield the files, in the order of the directory."""
        for info in self._archive.infolist():
            if not info.is_dir():
                yield Member(info.filename, _seconds(info), info)

    def open(self, member: Member) -> Readable:
        """Return a member's contents, to be read once and before another member is opened.

        Raises:
            ZipError: it is encrypted, or packed in a way that nobody here knows.
        """
        if member.info.flag_bits & 1:
            raise ZipError("is encrypted; unpack it first")
        if member.info.compress_type != zipfile.ZIP_DEFLATED:
            try:
                return self._archive.open(member.info)
            except (zipfile.BadZipFile, *_UNEXPECTED) as error:
                raise ZipError(f"cannot be unpacked: {error}") from error
        return _Inflated(self._file, member.info)


class _Inflated:
    """A deflated member."""

    def __init__(self, file: IO[bytes], info: zipfile.ZipInfo) -> None:
        if info.header_offset < 0:
            raise ZipError("begins before the archive does")
        file.seek(info.header_offset)
        header = file.read(_LOCAL_HEADER)
        if len(header) < _LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
            raise ZipError("does not begin where the archive's directory says")
        name, extra = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
        self._file = file
        self._at = info.header_offset + _LOCAL_HEADER + name + extra
        self._left = info.compress_size
        self._expected = info.CRC
        self._checksum = 0
        self._inflate = isal_zlib.decompressobj(-15)

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end.

        Raises:
            EOFError: the archive is cut short.
            ZipError: it is not what was packed.
            isal_zlib.error: it is broken.
        """
        while not self._inflate.eof:
            packed = self._inflate.unconsumed_tail or self._packed()
            if piece := self._inflate.decompress(packed, size):
                self._checksum = isal_zlib.crc32(piece, self._checksum)
                return piece
        if self._checksum != self._expected:
            raise ZipError("is damaged: its checksum is another")
        return b""

    def _packed(self) -> bytes:
        self._file.seek(self._at)
        packed = self._file.read(min(_READ, self._left))
        if not packed:
            raise EOFError("ends too early")
        self._at += len(packed)
        self._left -= len(packed)
        return packed


def _seconds(info: zipfile.ZipInfo) -> float | None:
    """A member's time of day has no zone; it is taken for this machine's."""
    try:
        return datetime(*info.date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
