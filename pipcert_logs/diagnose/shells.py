"""Quoting of values from a log for the shells that steps are written for."""

from __future__ import annotations

import re
import shlex

_PLAIN = re.compile(r"[A-Za-z0-9._:/@%+=~,\[\]-]+\Z")


def quote(value: str, shell: str) -> str:
    """Quote a validated value for a shell; plain values stay as they are.

    Raises:
        ValueError: the value holds a character that no host, URL or package name has.
    """
    if not _PLAIN.match(value):
        raise ValueError(f"not a host, URL or package name: {value!r}")
    if shell == "powershell":
        return value if re.fullmatch(r"[A-Za-z0-9._:/-]+", value) else "'" + value + "'"
    if shell == "cmd":
        return (
            value
            if re.fullmatch(r"[A-Za-z0-9._:/+-]+", value)
            else '"' + value.replace("%", "%%") + '"'
        )
    if shell == "posix":
        return shlex.quote(value)
    return value
