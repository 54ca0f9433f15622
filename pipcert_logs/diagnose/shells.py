"""The shells and files that steps are written for: their order for a reader, and their quoting."""

from __future__ import annotations

import shlex
from typing import get_args

from pipcert_logs.knowledge.model import Shell
from pipcert_logs.patterns import compiled

TYPED = ("posix", "powershell", "cmd")
"""The shells that one types into; the others are kinds of files."""
_AT_HOME = {"windows": ("powershell", "cmd"), "linux": ("posix",), "macos": ("posix",)}
_PLAIN = compiled(r"[A-Za-z0-9._:/@%+=~,\[\]-]+")
_BARE_IN_POWERSHELL = compiled(r"[A-Za-z0-9._:/-]+")
_BARE_IN_CMD = compiled(r"[A-Za-z0-9._:/+-]+")


def order(
    reader_os: str | None, reader_shell: str | None, log_os: str | None, log_shell: str | None
) -> tuple[str, ...]:
    """Return the shells in the order in which the reader wants them; "any" fits them all.

    Where the reader asks for no shell, a log of Windows is read for somebody on Windows. After
    these comes what the log's commands were given to, a Dockerfile for one.
    """
    own = (reader_shell,) if reader_shell else ()
    home = _AT_HOME.get("windows" if log_os == "windows" else reader_os or log_os or "linux", ())
    here = (log_shell,) if log_shell else ()
    at_home = sorted(home, key=lambda shell: shell not in here)
    return tuple(dict.fromkeys(("any", *own, *at_home, *here, *TYPED, *get_args(Shell))))


def quote(value: str, shell: str) -> str:
    """Quote a validated value for a shell; plain values stay as they are.

    Raises:
        ValueError: the value holds a character that no host, URL or package name has.
    """
    if not _PLAIN.fullmatch(value):
        raise ValueError(f"not a host, URL or package name: {value!r}")
    if shell == "powershell":
        return value if _BARE_IN_POWERSHELL.fullmatch(value) else "'" + value + "'"
    if shell == "cmd":
        return value if _BARE_IN_CMD.fullmatch(value) else '"' + value.replace("%", "%%") + '"'
    if shell == "posix":
        return shlex.quote(value)
    return value
