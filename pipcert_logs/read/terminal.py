"""What a line looks like after a terminal has obeyed its control characters."""

from __future__ import annotations

from pipcert_logs.patterns import compiled

# ECMA-48: CSI sequences; OSC, DCS, SOS, PM and APC strings up to BEL or ST; other escapes.
# The escape itself may have been written out by a JSON or repr encoder. Of the sequence with which
# Buildkite begins a line only the controls are taken out: the rest is a time stamp.
_ESCAPE = r"(?:\x1b|\\{1,8}(?:x1[bB]|u001[bB]|033|e(?=\[)))"
_SEQUENCES = compiled(
    rf"(?!^\x1b_bk;t=\d{{13}}\x07){_ESCAPE}(?:"
    r"\[[0-?]*[ -/]*[@-~]"
    r"|[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)"
    r"|[ -/]*[0-~])"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_CONTROLS = compiled(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")


def plain(text: str) -> str:
    """Return `text` (no carriage return in it) without control sequences, backspaces obeyed."""
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text  # as nearly all lines are
    if "\x1b" in text or "\x9b" in text or "\\" in text:
        text = _SEQUENCES.sub("", text)
    if "\b" in text:
        text = _obey_backspaces(text)
    return _CONTROLS.sub("", text)


def _obey_backspaces(text: str) -> str:
    kept: list[str] = []
    for character in text:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)
