"""The time in what a CI system put before a line."""

from __future__ import annotations

from pipcert_logs.patterns import compiled

_STAMP = compiled(
    r"(?<!\d)(?P<date>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d:\d\d)(?:[.,]\d{1,9})?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?(?!\d)"
)


def stamp(decoration: str) -> str | None:
    """Return the whole time stamp in a line's decoration as ISO 8601, to the second, or None.

    It has a zone where the line has one. What lacks the year (syslog, glog) is no whole stamp.
    """
    found = _STAMP.search(decoration)
    if not found:
        return None
    zone = found["zone"] or ""
    if len(zone) == len("+0100"):
        zone = f"{zone[:3]}:{zone[3:]}"
    return f"{found['date']}T{found['time']}{zone}"
