"""From a line that a program printed to the skeleton of a signal that recognises it."""

from __future__ import annotations

import json
import re

from pipcert_logs.read.redact import redact
from pipcert_logs.report.inert import inert

_LEAST_ANCHOR = 3
_LONGEST_ANCHOR = 60
_WORDS_IN_ID = 6

# What differs from log to log, and the pattern that takes its place.
_VARIABLES = {
    r"https?://[^\s'\"<>)\]]+": r"(?P<url> https?://[^'\"<>\s]{1,300} )",
    r"(?<=host=')[^']+": r"(?P<host> [^']{1,253} )",
    r"(?<=port=)\d+": r"(?P<port> \d{1,5} )",
    r"(?<=_ssl\.c:)\d+": r"(?P<ssl_line> \d{1,5} )",
    r"(?<=\[Errno )-?\d+": r"(?P<errno> -?\d{1,6} )",
    r"(?<=Retry\(total=)\d+": r"(?P<total> \d{1,3} )",
    r"0x[0-9A-Fa-f]+": r"0x[0-9A-Fa-f]{1,16}",
    r"\d+": r"\d{1,12}",
}
_VARIABLE = re.compile("|".join(f"({pattern})" for pattern in _VARIABLES))
_SUBSTITUTES = tuple(_VARIABLES.values())
_SPECIAL = re.compile(r"[\\.^$*+?{}\[\]|()#]")
_IGNORED = re.compile(r"\\+(?:[nrt]|(?=['\"_\[\]()<>]))")  # escapes do not count when matching

_SKELETON = """\
# A skeleton made from one line. Work off each TODO, then: pipcert-logs rules check DIR
# This file belongs in DIR/signals/. What the words mean: docs/rules.md

[[signal]]
id = {id}
role = "reason"  # TODO: or frame, symptom, progress, context, other-error
states = "TODO: the fact that the line states"
anchors = [{anchor}]
pattern = {pattern}
printed_by = {{ program = "TODO", format = "TODO", versions = "", source = "TODO" }}
[[signal.matches]]
text = {text}
[[signal.differs]]
text = "TODO: a line that looks alike and says something else"
why = "TODO"

# What it says for a cause, in DIR/causes/CAUSE.toml:
#
# [[evidence]]
# signal = [{id}]
# weight = 2.0
# why = "TODO"
"""


def scaffold(text: str) -> str:
    """Return a TOML file with the skeleton of a signal that matches `text`.

    Raises:
        ValueError: the text holds nothing that would be the same in another log.
    """
    line = inert(redact(text))
    literals, pattern = _generalise(line)
    anchor = max((literal.strip() for literal in literals), key=len)[:_LONGEST_ANCHOR].strip()
    if len(anchor) < _LEAST_ANCHOR:
        raise ValueError("nothing in this line would be the same in another log")
    return _SKELETON.format(
        id=_string(_identifier(literals)),
        anchor=_string(anchor),
        pattern=_literal(pattern),
        text=_string(line),
    )


def _generalise(line: str) -> tuple[list[str], str]:
    """Split a line into its literals, and build the pattern with what stands between them."""
    literals, parts, position = [], [], 0
    for match in _VARIABLE.finditer(line):
        literals.append(line[position : match.start()])
        parts += [_escaped(literals[-1]), _SUBSTITUTES[(match.lastindex or 1) - 1]]
        position = match.end()
    literals.append(line[position:])
    parts.append(_escaped(literals[-1]))
    return [piece for text in literals for piece in _IGNORED.split(text)], "".join(parts)


def _escaped(literal: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", _IGNORED.sub(" ", literal))


def _identifier(literals: list[str]) -> str:
    words = re.findall(r"[a-z0-9]+", " ".join(literals).lower())
    return "-".join(words[:_WORDS_IN_ID]) or "todo"


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _literal(pattern: str) -> str:
    """Return a TOML string; a pattern is readable only where it needs no escapes."""
    return _string(pattern) if "'''" in pattern else f"'''{pattern}'''"
