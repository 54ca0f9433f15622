"""From one TOML file to a typed object, or to an error that says where and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
import tomli

from pipcert_logs.knowledge.errors import RuleError
from pipcert_logs.knowledge.model import Cause, Question, Remedy

_T = TypeVar("_T")
_Named = TypeVar("_Named", Cause, Remedy, Question)


def read(path: Path, kind: type[_T]) -> _T:
    """Read one rule file.

    Raises:
        RuleError: the file is no TOML, or not of the form that `kind` describes.
    """
    try:
        source = path.read_text(encoding="utf-8")
        return msgspec.convert(tomli.loads(source), kind)
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(path, f"cannot be read: {error}", "a UTF-8 text file") from error
    except tomli.TOMLDecodeError as error:
        raise RuleError(path, f"is no TOML: {error}", "TOML 1.0", line=error.lineno) from error
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at ")
        place = place.strip("`")
        raise RuleError(
            path,
            f"{message} at {place or 'top level'}",
            f"the form that `pipcert-logs rules schema` prints for {kind.__name__}",
            line=_line_of(source, place),
        ) from error


def read_if_there(path: Path, kind: type[_T]) -> _T:
    """Read a file that a pack need not have; without it nothing is said."""
    return read(path, kind) if path.is_file() else kind()


def read_by_id(folder: Path, kind: type[_Named]) -> Iterator[_Named]:
    """Read the files of a folder that are named for the rule in them."""
    for path in sorted(folder.glob("*.toml")):
        rule = read(path, kind)
        if rule.id != path.stem:
            raise RuleError(path, "id and file name differ", f'id = "{path.stem}"')
        yield rule


def _line_of(source: str, place: str) -> int:
    """Find the line of a path such as `$.signal[2].pattern`, as closely as the text tells."""
    lines = source.splitlines()
    line, found = 0, [0]
    for name, index in re.findall(r"\.([\w-]+)|\[(\d+)\]", place):
        if name:
            pattern = re.compile(rf"\s*(?:\[+[\w.\s-]*)?\b{re.escape(name)}\b")
            found = [number for number in range(line, len(lines)) if pattern.match(lines[number])]
        else:
            headers = [number for number in found if lines[number].lstrip().startswith("[[")]
            found = headers[int(index) :]
        line = found[0] if found else line
    return line + 1
