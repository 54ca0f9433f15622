"""From rule files to `Rules`; packs may add, override and switch off."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import msgspec
import tomli

from pipcert_logs.knowledge.errors import RuleError
from pipcert_logs.knowledge.model import (
    Cause,
    Condition,
    HostFacts,
    Literals,
    NameLists,
    PythonFacts,
    RecordFacts,
    Remedy,
    Signal,
    SignalFile,
    Switch,
    Traits,
)

_T = TypeVar("_T")
_PACKAGED = Path(__file__).parent.parent / "rules"
_IN_TREE = Path(__file__).parent.parent.parent / "rules"


def builtin_directory() -> Path:
    """Return the folder of the rules that ship with the package, or of the source tree's."""
    return _PACKAGED if _PACKAGED.is_dir() else _IN_TREE


@dataclass(frozen=True, eq=False)
class Rules:
    """All knowledge: what is recognised, what it means, and what to do."""

    packs: tuple[Path, ...]
    signals: dict[str, Signal] = field(repr=False)

    @classmethod
    def builtin(cls) -> Rules:
        """Load the rules that ship with the package."""
        return cls.load()

    @classmethod
    def load(cls, *packs: Path) -> Rules:
        """Load the built-in rules and then `packs`, each over what came before.

        Raises:
            RuleError: a file of a pack is wrong; the message says where and what was expected.
        """
        for pack in packs:
            if not pack.is_dir():
                raise RuleError(pack, "is no folder", "a folder of the form of rules/")
        folders = (builtin_directory(), *packs)
        signals: dict[str, Signal] = {}
        for folder in folders:
            for path in sorted((folder / "signals").glob("*.toml")):
                signals.update((s.id, s) for s in read(path, SignalFile).signal)
        return cls(folders, _without(signals, _switched_off(folders).signals))

    @cached_property
    def causes(self) -> dict[str, Cause]:
        """The causes by id, loaded when first needed."""
        return _without(_by_id(self.packs, "causes", Cause), _switched_off(self.packs).causes)

    @cached_property
    def remedies(self) -> dict[str, Remedy]:
        """The remedies by id, loaded when first needed."""
        return _without(_by_id(self.packs, "remedies", Remedy), _switched_off(self.packs).remedies)

    @cached_property
    def hosts(self) -> HostFacts:
        """What is known about hosts and paths of indexes."""
        return _merged(self.packs, "hosts.toml", HostFacts)

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """How programs begin a message."""
        return _merged(self.packs, "records.toml", RecordFacts).heads

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """The texts that the prefilter looks for first."""
        return _merged(self.packs, "literals.toml", Literals).literals

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        r"""Lists that patterns use as `\L<name>`."""
        lists: dict[str, tuple[str, ...]] = {}
        for file in _files(self.packs, "names.toml", NameLists):
            for name, values in file.names.items():
                lists[name] = (*lists.get(name, ()), *values)
        return lists

    @cached_property
    def traits(self) -> dict[str, Condition]:
        """Named conditions."""
        named: dict[str, Condition] = {}
        for file in _files(self.packs, "traits.toml", Traits):
            named.update(file.trait)
        return named

    @cached_property
    def pythons_by_ssl_line(self) -> dict[int, tuple[str, ...]]:
        """The Pythons to which a line number of `_ssl.c` belongs."""
        found: dict[int, tuple[str, ...]] = {}
        for file in _files(self.packs, "pythons.toml", PythonFacts):
            for entry in file.ssl_c:
                for line in entry.lines:
                    found[line] = (*found.get(line, ()), entry.python)
        return found


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


def _line_of(source: str, place: str) -> int:
    """Find the line of a path such as `$.signal[2].pattern`, as closely as the text tells."""
    lines = source.splitlines()
    line = 0
    for name, index in re.findall(r"\.([\w-]+)|\[(\d+)\]", place):
        if name:
            pattern = re.compile(rf"\s*(?:\[+[\w.\s-]*)?\b{re.escape(name)}\b")
            headers = [n for n in range(line, len(lines)) if pattern.match(lines[n])]
        else:
            headers = [n for n in headers if lines[n].lstrip().startswith("[[")][int(index) :]
        line = headers[0] if headers else line
    return line + 1


def _by_id(folders: Iterable[Path], name: str, kind: type[_T]) -> dict[str, _T]:
    found: dict[str, _T] = {}
    for folder in folders:
        for path in sorted((folder / name).glob("*.toml")):
            rule = read(path, kind)
            if getattr(rule, "id", None) != path.stem:
                raise RuleError(path, "id and file name differ", f'id = "{path.stem}"')
            found[path.stem] = rule
    return found


def _files(folders: Iterable[Path], name: str, kind: type[_T]) -> Iterator[_T]:
    for folder in folders:
        if (folder / name).is_file():
            yield read(folder / name, kind)


def _merged(folders: Iterable[Path], name: str, kind: type[_T]) -> _T:
    """Join the lists of all packs' files of one name."""
    fields: dict[str, tuple[str, ...]] = {}
    for file in _files(folders, name, kind):
        for key, values in msgspec.structs.asdict(file).items():  # type: ignore[arg-type]
            fields[key] = (*fields.get(key, ()), *values)
    return kind(**fields)


def _switched_off(folders: Iterable[Path]) -> Switch:
    off = list(_files(folders, "off.toml", Switch))
    return Switch(
        signals=tuple(i for file in off for i in file.signals),
        causes=tuple(i for file in off for i in file.causes),
        remedies=tuple(i for file in off for i in file.remedies),
    )


def _without(rules: dict[str, _T], off: Iterable[str]) -> dict[str, _T]:
    gone = set(off)
    return {key: rule for key, rule in rules.items() if key not in gone}
