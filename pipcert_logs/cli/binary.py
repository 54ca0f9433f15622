"""Tell what is no log: archives, images, programs."""

from __future__ import annotations

from pipcert_logs.read.decode import sniff

_HEAD = 4096
_ENOUGH = 512
_TOO_MANY = 0.03
# What no text holds: zeros, and controls that no terminal is sent.
_STRANGE = bytes((*range(0x07), *range(0x10, 0x1B), *range(0x1C, 0x20)))
_UNPACK = "is {}. Unpack it first: {} | pipcert-explain"
_LEADS = (
    (b"\x1f\x8b\x08", _UNPACK.format("compressed with gzip", "gzip -dc FILE")),
    (b"\x28\xb5\x2f\xfd", _UNPACK.format("compressed with zstd", "zstd -dc FILE")),
    (b"\xfd7zXZ\x00", _UNPACK.format("compressed with xz", "xz -dc FILE")),
    (b"BZh91AY&SY", _UNPACK.format("compressed with bzip2", "bzip2 -dc FILE")),
    (b"PK\x03\x04", _UNPACK.format("a zip archive", "unzip -p FILE")),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive. Unpack it first"),
    (b"\x89PNG\r\n", "is an image. Give the text of the log"),
    (b"\xff\xd8\xff", "is an image. Give the text of the log"),
    (b"GIF8", "is an image. Give the text of the log"),
    (b"%PDF-", "is a PDF. Give the text of the log"),
    (b"\x7fELF", "is a program. Give what it printed"),
)
_OTHER = "is a binary file. Give the text that pip printed"


class Inspection:
    """Looks at the beginning of an input while it comes, piece by piece."""

    def __init__(self) -> None:
        self._head = b""
        self._found: str | None = None

    def look(self, piece: bytes) -> str | None:
        """Take the next piece; return what the input is, if it is no text."""
        if not self._found and len(self._head) < _HEAD:
            self._head += piece[: _HEAD - len(self._head)]
            self._found = _kind(self._head, enough=len(self._head) >= _ENOUGH)
        return self._found

    def close(self) -> str | None:
        """Return what the whole input is, if it is no text."""
        return self._found or _kind(self._head, enough=True)


def _kind(head: bytes, *, enough: bool) -> str | None:
    for lead, kind in _LEADS:
        if head.startswith(lead):
            return kind
    strange = len(head) - len(head.translate(None, _STRANGE))
    if enough and strange > len(head) * _TOO_MANY and sniff(head)[0] == "utf-8":
        return _OTHER
    return None
