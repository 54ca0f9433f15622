"""Numbers, sizes, days and places, as people read them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipcert_logs.scan.report import Remedy, Totals

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_NO_TEXT = re.compile("[\ud800-\udfff]")


def amount(number: int, thing: str) -> str:
    """Return "1 log" or "3,000 logs"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def cause_name(cause: str | None) -> str:
    """Return what a finding's cause is called, also where the logs do not say why."""
    return cause or "unexplained"


def seen(totals: Totals) -> str:
    """Return how much was seen, and what became of it."""
    skipped = sum(count.files for count in totals.skipped.values())
    reasons = ", ".join(f"{reason} {count.files:,}" for reason, count in totals.skipped.items())
    told = f" ({reasons})" if reasons else ""
    return (
        f"{amount(totals.seen.files, 'file')} seen ({size(totals.seen.bytes)}): "
        f"{totals.scanned.files:,} scanned, {skipped:,} skipped{told}, "
        f"{totals.failed.files:,} unreadable"
    )


def failed(totals: Totals) -> str:
    """Return how many failures there are, in how many logs, since when."""
    since = f", {day(totals.first)} to {day(totals.last)}" if totals.first else ""
    return f"{amount(totals.failures, 'failure')} in {amount(totals.logs, 'log')}{since}"


def where(remedy: Remedy) -> str:
    """Return what a remedy settles: the commonest causes and hosts."""
    causes = " and ".join(remedy.causes[:2]) + others(len(remedy.causes) - 2)
    hosts = ", ".join(remedy.hosts[:3]) + others(len(remedy.hosts) - 3)
    return f"{causes} at {hosts}" if hosts else causes


def others(count: int) -> str:
    """Return " and 3 more", or nothing where there are none."""
    return f" and {count:,} more" if count > 0 else ""


def no_failure(scanned: int) -> str:
    """Say what it means that no failure was found in so many files."""
    if scanned:
        return "Nothing failed over TLS, the network or the index."
    return "No log was scanned."


def size(count: float) -> str:
    """Return a size in decimal units, with three digits or fewer."""
    for unit in _UNITS[:-1]:
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == _UNITS[0] else f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.1f} {_UNITS[-1]}"


def day(time: str) -> str:
    """Return the day of a time stamp."""
    return time[:10]


def endpoint(host: str | None, port: int | None) -> str:
    """Return a host, with its port where that is not https's own."""
    if not host:
        return "(no host named)"
    return host if port in (None, 443) else f"{host}:{port}"


def job_name(project: str | None, job: str | None) -> str:
    """Return what a job is called."""
    return "/".join(part for part in (project, job) if part) or "(no job known)"


def in_text(path: str) -> str:
    """Return a path whose bytes that are no text, which Python marks, stand as `%FF`."""
    return _NO_TEXT.sub(lambda mark: f"%{ord(mark[0]) & 0xFF:02X}", path)
