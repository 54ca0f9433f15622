"""Files that only a wheel has: what loads fast because it was compiled when the wheel was built."""

from __future__ import annotations

import pkgutil

RULES = "rules.msgpack"
PATTERNS = "patterns.msgpack"
FOLDER = "compiled"


def compiled_file(name: str) -> bytes | None:
    """Return what a compiled file holds; None in a source tree, which has none."""
    try:
        return pkgutil.get_data(__package__, f"{FOLDER}/{name}")
    except FileNotFoundError:
        return None
