"""What a signal rule found in a record."""

from __future__ import annotations

from typing import NamedTuple

from pipcert_logs.knowledge.model import Signal


class Hit(NamedTuple):
    """A signal in the log: which rule, where, with what captures."""

    signal: Signal
    captures: dict[str, str]
    line: int
    end_line: int
    text: str
    """The lines of the hit as a person would quote them."""
    record: int
    """Number of the record; hits of one record belong to one message or to neighbours."""
    start: int
    end: int
    """Where it stands in the record's squeezed text."""
    offset: int = 0
    """Where its first line begins in the log, in bytes."""
    decoration: str = ""
    """What others put before its first line, such as a time stamp."""
