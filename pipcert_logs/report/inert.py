"""Text of a log, made fit for any screen: nothing in it moves a cursor or reorders a line."""

from __future__ import annotations

from regex import Match

from pipcert_logs.patterns import compiled

# Controls; marks that have no width or turn the direction of writing; halves of surrogate pairs.
_MARKS = (
    "\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
_UNSAFE = compiled(f"[\x00-\x1f{_MARKS}]")
_RAW_IN_JSON = compiled(f"[{_MARKS}]")

_LONGEST_WORD = 40
_SENTENCE_END = compiled(r"(?<=[.!?])(?=\s+[A-Z]|$)")


def inert(text: str) -> str:
    """Return `text` as one line without controls and invisible or reordering marks."""
    return _safe(" ".join(text.split())).strip()


def _safe(line: str) -> str:
    if line.isascii() and line.isprintable():
        return line  # as nearly all are
    return _UNSAFE.sub("", line)


def inert_json(text: str) -> str:
    """Return JSON that says the same, with the marks that JSON lets stand written as escapes."""
    if text.isascii() and "\x7f" not in text:
        return text
    return _RAW_IN_JSON.sub(_escape, text)


def _escape(mark: Match[str]) -> str:
    units = mark[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def inert_lines(command: str) -> list[str]:
    """Return the lines of a command, inert, with their own spaces."""
    lines = command.strip("\n").expandtabs(4).split("\n")
    return [_safe(line) for line in lines]


def excerpt(text: str, room: int) -> str:
    """Return `text` inert and cut in the middle: messages begin with who, and end with why."""
    line = inert(text)
    if len(line) <= room:
        return line
    head = room // 3
    begin, end = line[:head], line[len(line) - (room - head - 5) :]
    return f"{_whole_words(begin, -1)} ... {_whole_words(end, 0)}"


def _whole_words(text: str, cut: int) -> str:
    """Leave out the word that was cut at the begin (0) or the end (-1) of a text, if it is one."""
    words = text.split(" ")
    torn = words.pop(cut) if len(words) > 1 else ""
    return " ".join(words).strip() if len(torn) <= _LONGEST_WORD else text.strip()


def first_sentences(text: str, room: int) -> str:
    """Return the sentences that begin `text`, as many as end within `room`, and at least one."""
    line = inert(text)
    ends = [match.start() for match in _SENTENCE_END.finditer(line)]
    fitting = [end for end in ends if end <= room]
    return line[: fitting[-1] if fitting else (ends or [len(line)])[0]]
