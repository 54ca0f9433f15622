"""What a second recording says otherwise: the words of a client, without what is random in them."""

from __future__ import annotations

import difflib

import regex

from corpus.labels import as_text

# Names of temporary folders and files, addresses of objects, rates, times, progress.
RANDOM = regex.compile(
    r"(?P<kept>/tmp/pip-install-)\w{8}(?:/[\w.-]+_[0-9a-f]{32})?"
    r"|(?P<kept>/tmp/[\w-]*?)[a-z0-9_]{8}(?![\w-])"
    r"|(?P<kept>pdm-lock-)\w{8}"
    r"|(?P<kept> at 0x)[0-9a-f]{6,}"
    r"|(?P<kept>verification time )\d+"
    r"|\b\d+ seconds ago"
    r"|[⠀-⣿] \d+:\d\d:\d\d"
    r"|(?P<kept>\.tmp)\w{6}\b"
    r"|[\d.]+ [kMG]?B/s"
    r"|\b[\d.]+ ?m?s\b"
    r"|\beta \S+"
)


def words(log: bytes) -> list[str]:
    """Give the lines of a log without what differs from run to run."""
    return RANDOM.sub(lambda found: f"{found['kept'] or ''}*", as_text(log)).splitlines()


def difference(old: bytes, new: bytes) -> list[str]:
    """Give the lines that were taken out (-) and put in (+), or nothing."""
    compared = difflib.unified_diff(words(old), words(new), n=0, lineterm="")
    return [line for line in compared if not line.startswith(("---", "+++", "@@"))]
