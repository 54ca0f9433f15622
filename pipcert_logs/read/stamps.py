"""The time in what a CI system put before a line."""

from __future__ import annotations

from datetime import datetime, timezone

from pipcert_logs.patterns import compiled

_STAMP = compiled(
    r"(?<!\d)(?P<date>\d{4}(?P<dash>[-/])\d\d(?P=dash)\d\d)[T ](?P<time>\d\d:\d\d:\d\d)"
    r"(?:[.,]\d{1,9})?(?P<zone>Z|[+-]\d\d:?\d\d)?(?!\d)"
)
_BUILDKITE = compiled(r"_bk;t=(?P<seconds>\d{10})\d{3}")


def stamp(decoration: str) -> str | None:
    """Return the whole time stamp in a line's decoration as ISO 8601, to the second, or None.

    It has a zone where the line has one. What lacks the year (syslog, glog) is no whole stamp.
    """
    if found := _STAMP.search(decoration):
        zone = found["zone"] or ""
        if len(zone) == len("+0100"):
            zone = f"{zone[:3]}:{zone[3:]}"
        return f"{found['date'].replace('/', '-')}T{found['time']}{zone}"
    if found := _BUILDKITE.search(decoration):
        return datetime.fromtimestamp(int(found["seconds"]), timezone.utc).isoformat()
    return None
