"""From the bytes of a log to bytes that the rest can read: ASCII-compatible, one encoding.

Every rule keys on ASCII, so an ASCII-compatible encoding needs no decision until a line is shown.
UTF-16 (what `>` writes in Windows PowerShell 5) is recognised from the first bytes and recoded.
"""

from __future__ import annotations

import codecs

HEAD_SIZE = 65536
"""How many bytes are looked at before the encoding and the line ends are decided."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def sniff(head: bytes) -> tuple[str, int]:
    """Return the encoding that `head` begins, and the length of its byte order mark.

    "utf-8" stands for every ASCII-compatible encoding.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    return _utf16_without_mark(head), 0


def _utf16_without_mark(head: bytes) -> str:
    """Tell UTF-16 by its zero bytes: ASCII has them in every second place, and nowhere else."""
    sample = head[:4096]
    pairs = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if pairs >= 4 and odd > pairs * 0.4 and even < pairs * 0.05:
        return "utf-16-le"
    if pairs >= 4 and even > pairs * 0.4 and odd < pairs * 0.05:
        return "utf-16-be"
    return "utf-8"


class Recoder:
    """Recode UTF-16, piece by piece, to UTF-8; pass any other encoding through untouched."""

    def __init__(self, encoding: str) -> None:
        self._decoder: codecs.IncrementalDecoder | None = None
        if encoding.startswith("utf-16"):
            self._decoder = codecs.getincrementaldecoder(encoding)("replace")

    def recode(self, piece: bytes, *, final: bool = False) -> bytes:
        """Return `piece` in an ASCII-compatible encoding."""
        if self._decoder is None:
            return piece
        return self._decoder.decode(piece, final).encode("utf-8", "replace")


def decode_line(raw: bytes) -> str:
    """Return one line as text: UTF-8 where it is, else the Western Windows code page.

    A wrong code page garbles foreign words only; nothing is lost that a rule looks at.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
