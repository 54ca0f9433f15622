"""Which part of a path is the project, the job, the build and the date."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipcert_logs.scan.model import Place

FIELDS = ("project", "job", "build", "date")
_FIELD = re.compile(r"\{(\w*)\}")
_DATE = re.compile(r"((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])")
_SERVER = re.compile(r"^[a-z][a-z0-9+.-]*://[^/]*/")
_PACKED = re.compile(r"\.(?:gz|bz2|xz|zst)$")
"""What a layout need not say of a log that is compressed."""
_SEPARATORS = re.compile(r"[/\\!]+")


class LayoutError(ValueError):
    """A layout that cannot be used; the message says why."""


class Layout:
    """A template such as `{project}/{job}/{build}.log`, held against the end of a path."""

    def __init__(self, template: str) -> None:
        """Compile a template.

        A field is a part of a file's or folder's name; `*` stands for any part, and `**/` for any
        number of folders.

        Raises:
            LayoutError: it names no field, an unknown one, or one twice; or has `**/` twice, or a
                brace without its other.
        """
        self.template = template
        self._pattern = re.compile(r"(?:^|.*/)" + _pattern(template) + r"$", re.DOTALL)

    def place(self, path: str) -> Place | None:
        """Return what a path says, or None if it does not fit."""
        whole = _SEPARATORS.sub("/", _SERVER.sub("", path))
        for name in (whole, _PACKED.sub("", whole)):
            if match := self._pattern.match(name):
                return Place(**match.groupdict())
        return None


def _pattern(template: str) -> str:
    seen: list[str] = []
    parts = []
    position = 0
    for field in _FIELD.finditer(template):
        parts.append(_literal(template[position : field.start()]))
        name = field[1]
        if name not in FIELDS:
            raise LayoutError(f"{field[0]} is no field of a layout; there are {_listed()}")
        if name in seen:
            raise LayoutError(f"{field[0]} is there twice")
        seen.append(name)
        parts.append(f"(?P<{name}>[^/]+?)")
        position = field.end()
    if set("{}") & set(_FIELD.sub("", template)):
        raise LayoutError(f"{template} has a brace without its other")
    if not seen:
        raise LayoutError(f"a layout names at least one of {_listed()}")
    if template.count("**/") > 1:
        raise LayoutError(f"{template} has **/ more than once")
    return "".join([*parts, _literal(template[position:])])


def _literal(text: str) -> str:
    plain = _SEPARATORS.sub("/", text)
    return re.escape(plain).replace(r"\*\*/", "(?:[^/]+/)*").replace(r"\*", "[^/]*")


def _listed() -> str:
    return ", ".join(f"{{{name}}}" for name in FIELDS)


def day_of(date: str | None) -> str:
    """Return the day that a `{date}` says, as ISO 8601; nothing where it says none.

    >>> day_of("2026_03_01"), day_of("20260301"), day_of("nightly")
    ('2026-03-01', '2026-03-01', '')
    """
    match = _DATE.fullmatch(date or "")
    return "-".join(match.groups()) if match else ""


class Layouts:
    """Several layouts, of which the first that fits a path counts."""

    def __init__(self, templates: Iterable[str]) -> None:
        self._layouts = [Layout(template) for template in templates]

    def place(self, path: str) -> Place:
        """Return what a path says of its log."""
        for layout in self._layouts:
            if found := layout.place(path):
                return found
        return Place()
