"""Which part of a path is the project, the job, the build and the date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone

from pipcert_logs.scan.model import Place

FIELDS = ("project", "job", "build", "date")
_FIELD = re.compile(r"\{(\w*)\}")
_BRACES = re.compile(r"\{[^{}]*\}|[{}]")
_SEPARATORS = re.compile(r"[/\\!]+")
_FOLDERS = "**"
_SERVER = re.compile(r"^[a-z][a-z0-9+.-]*://[^/]*/")
_PACKED = re.compile(r"\.(?:gz|bz2|xz|zst)$")
"""What a layout need not say of a log that is compressed."""
_DATE = re.compile(r"(\d{4})([-_./]?)(\d\d)\2(\d\d)")
# A date may be three folders: those of the day are in that of the month.
_DAY_FOLDERS = {"year": r"\d{4}", "month": r"\d\d", "day": r"\d\d"}
_YEARS = range(1970, 2100)
_LONGEST = 255
"""No file system has longer names; in archives they are, and several `*` take long over them."""

_Names = Sequence[str]
_Run = tuple[re.Pattern[str], ...]
"""Names that stand next to each other."""


class LayoutError(ValueError):
    """A layout that cannot be used; the message says why."""


class Layout:
    """A template such as `{project}/{job}/{build}.log`, held against the end of a path."""

    def __init__(self, template: str) -> None:
        """Compile a template.

        A field is a part of a file's or folder's name, but a `{date}` may be three folders as well:
        year, month and day. `*` stands for any part of a name, and `**/` for any folders.

        Raises:
            LayoutError: it names no field, an unknown one, or one twice, or has other braces.
        """
        _check(template)
        in_folders = template.replace("{date}", "{year}/{month}/{day}")
        self._ways = [_runs(way) for way in dict.fromkeys((in_folders, template))]

    def place(self, names: _Names) -> Place | None:
        """Return what the names in a path say, or None if they do not fit."""
        for way in self._ways:
            if fields := _fit(way, names):
                if "year" in fields:
                    fields["date"] = "/".join(fields.pop(name) for name in _DAY_FOLDERS)
                return Place(**fields)
        return None


def _check(template: str) -> None:
    fields = [f"{{{name}}}" for name in FIELDS]
    there_are = ", ".join(fields)
    used = _BRACES.findall(template)
    for field in used:
        if field not in fields:
            raise LayoutError(f"{field} is no field of a layout; there are {there_are}")
        if used.count(field) > 1:
            raise LayoutError(f"{field} is there twice")
    if not used:
        raise LayoutError(f"a layout names at least one of {there_are}")


def _runs(template: str) -> list[_Run]:
    """Return what stands between the `**/` of a template, the last first."""
    *folders, last = _SEPARATORS.split(template)
    runs: list[list[re.Pattern[str]]] = [[]]
    for name in folders:
        if name == _FOLDERS:
            runs.append([])
        else:
            runs[-1].append(_name(name))
    runs[-1].append(_name(last))
    return [tuple(run) for run in reversed(runs)]


def _name(template: str) -> re.Pattern[str]:
    """Return the pattern of a name."""
    pieces = _FIELD.split(template)
    pieces[::2] = [re.escape(literal).replace(r"\*", ".*") for literal in pieces[::2]]
    pieces[1::2] = [f"(?P<{field}>{_DAY_FOLDERS.get(field, '.+?')})" for field in pieces[1::2]]
    return re.compile("".join(pieces), re.DOTALL)


def _fit(runs: list[_Run], names: _Names) -> dict[str, str] | None:
    """Return what names say, or None if they do not fit.

    From the end on, each run stands where it fits first, which leaves the most names to those
    before it: so nothing is tried again, however many `**/` there are. Only the first run stands
    at the beginning of the path if it can.
    """
    fields: dict[str, str] = {}
    end = len(names)
    for number, run in enumerate(runs, 1):
        latest = end - len(run)
        if latest < 0:
            return None
        begins: Iterable[int] = range(latest, -1, -1)
        if number == 1:
            begins = [latest]
        elif number == len(runs):
            begins = [0, *begins]
        found = ((begin, _fields(run, names, begin)) for begin in begins)
        end, said = next(((begin, said) for begin, said in found if said is not None), (0, None))
        if said is None:
            return None
        fields |= said
    return fields


def _fields(run: _Run, names: _Names, begin: int) -> dict[str, str] | None:
    """Return what names say from a place on, or None if they do not fit there."""
    fields: dict[str, str] = {}
    for pattern, name in zip(run, names[begin : begin + len(run)], strict=True):
        match = pattern.fullmatch(name) if len(name) <= _LONGEST else None
        if match is None:
            return None
        fields |= match.groupdict()
    return fields


class Layouts:
    """Several layouts, of which the first that fits a path counts."""

    def __init__(self, templates: Iterable[str]) -> None:
        """Compile templates.

        Raises:
            LayoutError: one of them cannot be used.
        """
        self._layouts = [Layout(template) for template in templates]

    def place(self, path: str) -> Place:
        """Return what a path says of its log."""
        *folders, name = _SEPARATORS.split(_SERVER.sub("", path))
        bare = _PACKED.sub("", name)
        for layout in self._layouts:
            for last in dict.fromkeys((name, bare)):
                if found := layout.place((*folders, last)):
                    return found
        return Place()


def time_of(date: str | None) -> str:
    """Return when it was by the date in a path: ISO 8601, UTC; "" where it is none.

    Args:
        date: such as `2026-03-04`, `20260304`, `2026_03_04` or `2026/03/04`, or a time in ISO 8601;
            one without a zone is taken for UTC.
    """
    if not date:
        return ""
    if day := _DATE.fullmatch(date):
        date = f"{day[1]}-{day[3]}-{day[4]}"
    try:
        time = datetime.fromisoformat(date.replace("Z", "+00:00"))
        utc = time.astimezone(timezone.utc) if time.tzinfo else time
    except (ValueError, OverflowError):
        return ""
    return utc.strftime("%Y-%m-%dT%H:%M:%SZ") if utc.year in _YEARS else ""
