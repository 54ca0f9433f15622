"""The same trouble in a thousand builds is one: what a failure is called by.

A fingerprint is made of the cause, the host and the words of the failure without what differs from
build to build: numbers, addresses, paths, names of packages.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_LENGTH = 16
_HTTPS = 443  # some versions name it, others do not
_VARYING = (
    (re.compile(r"://[^\s'\"<>)]*"), "://"),
    (re.compile(r"(?<![\w.])(?:[A-Za-z]:)?[/\\][^\s'\":;,)<>]*"), "/"),
    (re.compile(r"0x[0-9a-fA-F]+"), "0"),
    (re.compile(r"\b[0-9a-f]{8,}\b"), "0"),
    (re.compile(r"\d+"), "0"),
)
_SPACES = re.compile(r"\s+")


def fingerprint(
    cause: str | None, host: str | None, port: int | None, text: str, packages: Iterable[str]
) -> str:
    """Return the fingerprint of a failure, 16 hexadecimal digits."""
    told = "\n".join((cause or "", host or "", str(port or _HTTPS), words(text, packages)))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:_LENGTH]


def words(text: str, packages: Iterable[str] = ()) -> str:
    """Return the words of a message without what differs from build to build."""
    small = text.lower()
    for package in packages:
        parts = map(re.escape, re.split(r"[-_.]+", package.lower()))
        small = re.sub(rf"(?<![\w-]){'[-_.]+'.join(parts)}(?![\w-])", "*", small)
    for varying, instead in _VARYING:
        small = varying.sub(instead, small)
    return _SPACES.sub(" ", small).strip()
