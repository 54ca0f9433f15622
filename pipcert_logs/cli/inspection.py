"""Tell a person who names what is no log what to do instead."""

from __future__ import annotations

from pipcert_logs.read.kind import KIND_HEAD, Kind, kind_of

_UNPACK = "Have its logs read by `pipcert-logs scan FILE`, or unpack it first"
_ADVICE = {
    "7z": "Unpack it first",
    "image": "Give the text of the log",
    "pdf": "Give the text of the log",
    "program": "Give what it printed",
    "binary": "Give the text that pip printed",
}


class Inspection:
    """Looks at the beginning of an input while it comes, piece by piece."""

    def __init__(self) -> None:
        self._head = b""
        self._found: Kind | None = None

    def look(self, piece: bytes) -> bool:
        """Take the next piece; tell whether the input is no text."""
        if not self._found and len(self._head) < KIND_HEAD:
            self._head += piece[: KIND_HEAD - len(self._head)]
            self._found = kind_of(self._head, whole=False)
        return self._found is not None

    def close(self) -> str | None:
        """Return what the whole input is and what to do, if it is no text."""
        found = self._found or kind_of(self._head, whole=True)
        return f"is {found.text}. {_ADVICE.get(found.name, _UNPACK)}" if found else None
