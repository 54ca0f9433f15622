"""What bytes are, told by how they begin: text, something packed, or neither."""

from __future__ import annotations

from typing import NamedTuple

from pipcert_logs.read.decode import sniff

KIND_HEAD = 4096
"""How many bytes are looked at."""
_ENOUGH = 512
_TOO_MANY = 0.03
# What no text holds: zeros, and controls that no terminal is sent.
_STRANGE = bytes((*range(0x07), *range(0x10, 0x1B), *range(0x1C, 0x20)))
_TAR_MAGIC = 257, b"ustar"


class Kind(NamedTuple):
    """A kind of file that is no text."""

    name: str
    text: str
    """What it is, to be read after "is"."""
    packed: bool = False
    """Whether there may be text in it."""


GZIP = Kind("gzip", "compressed with gzip", packed=True)
BZIP2 = Kind("bzip2", "compressed with bzip2", packed=True)
XZ = Kind("xz", "compressed with xz", packed=True)
ZSTD = Kind("zstd", "compressed with zstd", packed=True)
ZIP = Kind("zip", "a zip archive", packed=True)
TAR = Kind("tar", "a tar archive", packed=True)
OTHER = Kind("binary", "a binary file")
_IMAGE = Kind("image", "an image")

_LEADS = (
    (b"\x1f\x8b\x08", GZIP),
    (b"\x28\xb5\x2f\xfd", ZSTD),
    (b"\xfd7zXZ\x00", XZ),
    *((b"BZh%d1AY&SY" % level, BZIP2) for level in range(1, 10)),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"7z\xbc\xaf\x27\x1c", Kind("7z", "a 7z archive")),
    (b"\x89PNG\r\n", _IMAGE),
    (b"\xff\xd8\xff", _IMAGE),
    (b"GIF8", _IMAGE),
    (b"%PDF-", Kind("pdf", "a PDF")),
    (b"\x7fELF", Kind("program", "a program")),
)


def kind_of(head: bytes, *, whole: bool) -> Kind | None:
    """Tell what a file is, or None if it may be text.

    Args:
        head: its first bytes, `KIND_HEAD` of them if it has so many.
        whole: whether nothing follows; of a short piece of more it is too early to say "binary".
    """
    for lead, kind in _LEADS:
        if head.startswith(lead):
            return kind
    place, magic = _TAR_MAGIC
    if head[place : place + len(magic)] == magic:
        return TAR
    strange = len(head) - len(head.translate(None, _STRANGE))
    enough = whole or len(head) >= _ENOUGH
    if enough and strange > len(head) * _TOO_MANY and sniff(head)[0] == "utf-8":
        return OTHER
    return None
