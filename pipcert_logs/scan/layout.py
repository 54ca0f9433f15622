"""Which part of a path is the project, the job, the build and the date."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipcert_logs.scan.model import Place

FIELDS = ("project", "job", "build", "date")
_FIELD = re.compile(r"\{(\w*)\}")
_SEPARATORS = re.compile(r"[/\\!]+")


class LayoutError(ValueError):
    """A layout that cannot be used; the message says why."""


class Layout:
    """A template such as `{project}/{job}/{build}.log`, held against the end of a path."""

    def __init__(self, template: str) -> None:
        """Compile a template.

        A field is a part of a file's or folder's name; `*` stands for any, and `{project...}` for
        several folders.

        Raises:
            LayoutError: it names no field, an unknown one, or one twice.
        """
        self.template = template
        self._pattern = re.compile(r"(?:^|.*/)" + _pattern(template) + r"$", re.DOTALL)

    def place(self, path: str) -> Place | None:
        """Return what a path says, or None if it does not fit."""
        match = self._pattern.match(_SEPARATORS.sub("/", path))
        return Place(**match.groupdict()) if match else None


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
    if not seen:
        raise LayoutError(f"a layout names at least one of {_listed()}")
    return "".join([*parts, _literal(template[position:])])


def _literal(text: str) -> str:
    plain = _SEPARATORS.sub("/", text)
    return re.escape(plain).replace(r"\*\*/", "(?:[^/]+/)*").replace(r"\*", "[^/]*")


def _listed() -> str:
    return ", ".join(f"{{{name}}}" for name in FIELDS)


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
