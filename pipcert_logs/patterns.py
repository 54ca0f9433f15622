"""Compiled patterns of the package `regex`; a wheel brings them along.

To compile the patterns that a small log needs takes longer than all the rest of explaining it. So
the wheel holds them in their compiled form, as Python's `.pyc` files hold modules. Any pattern that
is not there, and all of them under another version of `regex`, are compiled when first needed.
"""

from __future__ import annotations

import pickle
from functools import cache
from typing import Any

import msgspec
import regex

from pipcert_logs.packaged import PATTERNS, compiled_file

_used: dict[str, regex.Pattern[str]] = {}


def compiled(pattern: str, flags: int = 0, **lists: Any) -> regex.Pattern[str]:
    r"""Return a pattern ready for use.

    Args:
        pattern: in the syntax of `regex`.
        flags: of `regex`.
        lists: the named lists of texts that the pattern refers to as `\L<name>`.

    Raises:
        regex.error: the pattern is wrong.
    """
    key = repr((pattern, int(flags), sorted(lists.items())))
    if key not in _used:
        ready = _ready().get(key)
        if ready is None:
            _used[key] = regex.compile(pattern, flags, cache_pattern=False, **lists)
        else:
            _used[key] = pickle.loads(ready)  # as trusted as the modules beside it
    return _used[key]


@cache
def _ready() -> dict[str, bytes]:
    content = compiled_file(PATTERNS)
    if content is None:
        return {}
    version, patterns = msgspec.msgpack.decode(content, type=tuple[str, dict[str, bytes]])
    return patterns if version == regex.__version__ else {}


def dump() -> bytes:
    """Return all patterns that were asked for so far, in the form that `compiled` reads."""
    patterns = {key: pickle.dumps(pattern) for key, pattern in sorted(_used.items())}
    return msgspec.msgpack.encode((regex.__version__, patterns))
