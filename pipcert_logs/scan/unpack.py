"""Find the logs in an input: as it is, compressed, in archives, and in archives within those.

What a file is, its first bytes tell, never its name. Nothing is written but a temporary file where
a zip archive stands in something that can only be read once.
"""

from __future__ import annotations

import io
import shutil
import struct
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, NamedTuple, Protocol, cast

from pipcert_logs.read.kind import KIND_HEAD, TAR, ZIP, Kind, kind_of
from pipcert_logs.scan.compressed import ERRORS, Decompressed
from pipcert_logs.scan.sieve import BLOCK
from pipcert_logs.scan.words import in_text
from pipcert_logs.scan.zips import Readable, ZipArchive, ZipError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LONGEST_REMARK = 1 << 20
_REMARKS = (
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.SOLARIS_XHDTYPE),
    *(tarfile.XHDTYPE, tarfile.XGLTYPE),
)
_SPOOL = 1 << 24  # a zip archive in another archive is kept in memory up to this size

UNREADABLE: tuple[type[Exception], ...] = (
    *ERRORS,
    tarfile.TarError,
    zipfile.BadZipFile,
    ZipError,
)
"""What reading a broken file may raise."""


class Limits(NamedTuple):
    """What one input may unpack to, before it is taken for a bomb."""

    depth: int = 4
    """Archives and compressions within each other."""
    ratio: int = 200
    """Times its own size."""
    free: int = 1 << 30
    """Bytes that any input may unpack to."""
    members: int = 500_000
    """Files in one archive."""


class LimitError(Exception):
    """An input unpacks to more than it may: a bomb, perhaps."""

    told = False


class Leaf(NamedTuple):
    """Something that may be a log."""

    path: str
    blocks: Blocks
    time: float | None
    """Seconds since 1970, where an archive tells."""


class Visitor(Protocol):
    """What is done with what is found; sizes are bytes as unpacked."""

    def log(self, leaf: Leaf) -> None:
        """Read a log; what its blocks raise passes through."""

    def skip(self, reason: str, size: int) -> None:
        """Pass over what is no log."""

    def fail(self, path: str, text: str, size: int) -> None:
        """Note what cannot be read."""


class Blocks:
    """The blocks of a log, and how many bytes of them were taken."""

    def __init__(self, first: bytes, stream: Readable) -> None:
        self._next = first
        self._stream = stream
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        while block := self._next:
            self.size += len(block)
            yield block
            self._next = self._stream.read(BLOCK)


def unpack(
    stream: IO[bytes], path: str, visitor: Visitor, *, size: int, limits: Limits | None = None
) -> None:
    """Visit all logs in a file of `size` bytes that is read from its beginning.

    What is broken or too much is told to the visitor; nothing is raised for it.
    """
    limits = limits or Limits()
    try:
        _Unpacker(stream, visitor, limits, max(limits.free, limits.ratio * size)).file(stream, path)
    except LimitError:
        return


class _Unpacker:
    """Goes through one input."""

    def __init__(self, input_: IO[bytes], visitor: Visitor, limits: Limits, allowed: int) -> None:
        self._input = input_
        self._visitor = visitor
        self._limits = limits
        self._allowed = allowed

    def file(
        self, stream: Readable, path: str, *, time: float | None = None, depth: int = 0
    ) -> None:
        """Visit one file; of what is broken, tell, and go on where that can be.

        Raises:
            LimitError: enough of this input; it was told.
        """
        blocks = None
        try:
            head = _full(stream)
            kind = kind_of(head[:KIND_HEAD], whole=len(head) <= KIND_HEAD)
            if kind and kind.packed:
                self._packed(kind, stream, head, path, time, depth + 1)
            elif kind:
                self._visitor.skip(kind.name, self._size(stream, head))
            elif not head:
                self._visitor.skip("empty", 0)
            else:
                blocks = Blocks(head, stream)
                self._visitor.log(Leaf(path, blocks, time))
        except UNREADABLE as error:
            self._visitor.fail(path, said(error), blocks.size if blocks else 0)
        except LimitError as error:
            if not error.told:
                error.told = True
                self._visitor.fail(path, str(error), blocks.size if blocks else 0)
            raise

    def _packed(
        self, kind: Kind, stream: Readable, head: bytes, path: str, time: float | None, depth: int
    ) -> None:
        if depth > self._limits.depth:
            raise ZipError(f"is packed more than {self._limits.depth} times over: left alone")
        if kind is ZIP:
            self._zip(self._seekable(stream, head), path, depth)
            return
        whole = _Rewound(head, stream)
        if kind is TAR:
            self._tar(whole, path, depth)
        else:
            packed = io.BufferedReader(whole, BLOCK)
            self.file(_Metered(Decompressed(kind, packed), self), path, time=time, depth=depth)

    def _zip(self, file: IO[bytes], path: str, depth: int) -> None:
        archive = ZipArchive(file)
        if archive.is_software:
            self._visitor.skip("software", _end_of(file))
            return
        if len(archive) > self._limits.members:
            raise LimitError(f"holds more than {self._limits.members} files: left alone")
        for member in archive.members():
            name = f"{path}!{member.path}"
            try:
                contents = _Metered(archive.open(member), self)
            except UNREADABLE as error:
                self._visitor.fail(name, said(error), 0)
                continue
            self.file(contents, name, time=member.time, depth=depth)

    def _tar(self, file: _Rewound, path: str, depth: int) -> None:
        """Visit the members as they come; those before a damage are whole."""
        whole = _UntilDamage(file)
        try:
            self._members(whole, path, depth)
        except tarfile.TarError:
            if whole.damage is None:
                raise
        if whole.damage:
            raise whole.damage

    def _members(self, file: _UntilDamage, path: str, depth: int) -> None:
        for number, (member, contents) in enumerate(_entries(file)):
            if number >= self._limits.members:
                raise LimitError(f"holds more than {self._limits.members} files: stopped")
            name = f"{path}!{in_text(member.name)}"
            # the holes of a sparse member unpack to any size
            metered = _Metered(contents, self) if member.issparse() else contents
            self.file(metered, name, time=member.mtime, depth=depth)

    def _seekable(self, stream: Readable, head: bytes) -> IO[bytes]:
        if stream is self._input and self._input.seekable():
            return self._input
        spool = tempfile.SpooledTemporaryFile(_SPOOL)  # noqa: SIM115 - closed when forgotten
        shutil.copyfileobj(_Rewound(head, stream), spool, BLOCK)
        return cast(IO[bytes], spool)

    def _size(self, stream: Readable, head: bytes) -> int:
        """Return the size of what is passed over, as far as it is known without reading it."""
        if stream is self._input and self._input.seekable():
            return _end_of(self._input)
        return len(head)

    def count(self, size: int) -> None:
        """Count what was unpacked."""
        self._allowed -= size
        if self._allowed < 0:
            raise LimitError("unpacks to far more than logs do: stopped there")


class _Metered:
    """Something that unpacks, and is stopped when it unpacks to too much."""

    def __init__(self, stream: Readable, unpacker: _Unpacker) -> None:
        self._stream = stream
        self._unpacker = unpacker

    def read(self, size: int, /) -> bytes:
        block = self._stream.read(size)
        self._unpacker.count(len(block))
        return block


class _Rewound(io.RawIOBase):
    """A stream whose first bytes were read before."""

    def __init__(self, head: bytes, stream: Readable) -> None:
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        target = memoryview(buffer)
        piece = self._head[: len(target)] or self._stream.read(len(target))
        self._head = self._head[len(piece) :]
        target[: len(piece)] = piece
        return len(piece)


class _UntilDamage:
    """A stream that seems to end where it is damaged.

    Who reads ahead, as tarfile does, would lose what came before.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.damage: Exception | None = None

    def read(self, size: int, /) -> bytes:
        try:
            return b"" if self.damage else self._stream.read(size)
        except ERRORS as error:
            self.damage = error
            return b""


class _Member(tarfile.TarInfo):
    """A header that makes nobody read a name, or other remarks, of many megabytes."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _REMARKS and self.size > _LONGEST_REMARK:
            raise tarfile.ReadError("a name or a remark in it is too long")
        return super()._proc_member(archive)  # type: ignore[misc,no-any-return]


def _entries(file: _UntilDamage) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Yield the files of a tar archive with their contents, as they come.

    Raises:
        tarfile.TarError: it is broken.
    """
    stream = cast(IO[bytes], file)
    with _as_broken():
        archive = tarfile.open(  # noqa: SIM115 - closed below
            fileobj=stream, mode="r|", bufsize=BLOCK, tarinfo=_Member
        )
    with archive:
        while True:
            with _as_broken():
                member = archive.next()
                contents = archive.extractfile(member) if member and member.isfile() else None
            if member is None:
                return
            archive.members.clear()  # type: ignore[attr-defined]  # it remembers them all
            if contents:
                yield member, contents


@contextmanager
def _as_broken() -> Iterator[None]:
    """Call broken what tarfile does not: a header with what nobody packs."""
    try:
        yield
    except (ValueError, OverflowError, LookupError, struct.error) as error:
        raise tarfile.ReadError(f"a header in it cannot be: {error}") from error


def _full(stream: Readable) -> bytes:
    """Return a first block that is long enough to tell what it is."""
    head = stream.read(BLOCK)
    while head and len(head) < KIND_HEAD and (more := stream.read(BLOCK)):
        head += more
    return head


def _end_of(file: IO[bytes]) -> int:
    return file.seek(0, 2)


def said(error: Exception) -> str:
    """Say what is wrong with a file that cannot be read."""
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror.lower()}"
    text = str(error) or type(error).__name__
    return text if isinstance(error, ZipError) else f"is broken: {text}"
