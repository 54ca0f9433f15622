"""From rule files to `Rules`; packs may add, override and switch off."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import msgspec

from pipcert_logs.knowledge.answers import signals_of
from pipcert_logs.knowledge.errors import RuleError
from pipcert_logs.knowledge.model import (
    Cause,
    Condition,
    HostFacts,
    LayoutFile,
    Literals,
    NameLists,
    Pack,
    PipHabits,
    Proofs,
    PythonFacts,
    Question,
    RecordFacts,
    Remedy,
    SettingFacts,
    Signal,
    SignalFile,
    Switch,
    Traits,
)
from pipcert_logs.packaged import RULES, compiled_file

if TYPE_CHECKING:
    from pathlib import Path

_T = TypeVar("_T")
OF_WHEEL = ""
"""The stamp of rules that were compiled for a wheel, where nobody edits them."""


class Rules:
    """All knowledge: what is recognised, what it means, and what to do."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        """Put packs together, each over what came before."""
        self._packs = tuple(packs)
        self.signals: dict[str, Signal] = {}
        self.causes: dict[str, Cause] = {}
        self.remedies: dict[str, Remedy] = {}
        self.questions: dict[str, Question] = {}
        self.traits: dict[str, Condition] = {}
        for pack in self._packs:
            self.signals |= {signal.id: signal for signal in pack.signals}
            self.causes |= {cause.id: cause for cause in pack.causes}
            self.remedies |= {remedy.id: remedy for remedy in pack.remedies}
            self.questions |= {question.id: question for question in pack.questions}
            self.traits |= pack.traits.trait
            _drop(self.signals, pack.off.signals)
            _drop(self.causes, pack.off.causes)
            _drop(self.remedies, pack.off.remedies)
            _drop(self.questions, pack.off.questions)
        for question in self.questions.values():
            self.signals |= {signal.id: signal for signal in signals_of(question)}

    def __reduce__(self) -> tuple[Callable[[bytes], Rules], tuple[bytes]]:
        """Let rules be sent to where their files are not."""
        return _received, (msgspec.msgpack.encode(self._packs),)

    @classmethod
    def builtin(cls) -> Rules:
        """Load the rules that ship with the package."""
        return cls.load()

    @classmethod
    def load(cls, *packs: Path | str) -> Rules:
        """Load the built-in rules and then `packs`, each over what came before.

        Args:
            packs: folders of the form of rules/, or names under which installed packages offer one.

        Raises:
            RuleError: a file of a pack is wrong; the message says where and what was expected.
        """
        folders = [_folder(pack) for pack in packs]
        read = [read_pack(folder) for folder in folders]
        for pack, folder in zip(read, folders, strict=True):
            if pack == Pack():
                raise RuleError(folder, "holds no rules", "signals/, causes/ or others of rules/")
        rules = cls([builtin_pack(), *read])
        if packs:
            from pipcert_logs.knowledge.link import problems

            for pack, folder in zip(read, folders, strict=True):
                for problem in problems(rules, pack, folder):
                    raise problem
        return rules

    @cached_property
    def hosts(self) -> HostFacts:
        """What is known about hosts and paths of indexes."""
        return HostFacts(**_joined(pack.hosts for pack in self._packs))

    @cached_property
    def settings(self) -> SettingFacts:
        """What pip reads beside its command line."""
        return SettingFacts(**_joined(pack.settings for pack in self._packs))

    @cached_property
    def habits(self) -> PipHabits:
        """What some versions of pip make of settings and stores."""
        return PipHabits(**_joined(pack.habits for pack in self._packs))

    @cached_property
    def records(self) -> RecordFacts:
        """How programs begin a message."""
        facts = [pack.records for pack in self._packs]
        return RecordFacts(
            heads=tuple(head for part in facts for head in part.heads),
            head_patterns=tuple(head for part in facts for head in part.head_patterns),
            own={head: program for part in facts for head, program in part.own.items()},
        )

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """The texts that the prefilter looks for first."""
        return tuple(text for pack in self._packs for text in pack.literals.literals)

    @cached_property
    def proven(self) -> frozenset[str]:
        """The remedies that were seen to work."""
        return frozenset(remedy for pack in self._packs for remedy in pack.proofs.lab)

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        r"""Lists that patterns use as `\L<name>`."""
        lists: dict[str, tuple[str, ...]] = {}
        for pack in self._packs:
            for name, values in pack.names.names.items():
                lists[name] = (*lists.get(name, ()), *values)
        return lists

    @cached_property
    def layouts(self) -> tuple[str, ...]:
        """Templates of the paths of logs; those of the last pack count first."""
        packs = reversed(self._packs)
        return tuple(layout.template for pack in packs for layout in pack.layouts.layout)

    @cached_property
    def digest(self) -> str:
        """The same for the same knowledge: 16 hexadecimal digits."""
        return hashlib.sha256(msgspec.msgpack.encode(self._packs)).hexdigest()[:16]

    @cached_property
    def pythons_by_ssl_line(self) -> dict[int, tuple[str, ...]]:
        """The Pythons to which a line number of `_ssl.c` belongs."""
        found: dict[int, tuple[str, ...]] = {}
        for pack in self._packs:
            for entry in pack.pythons.ssl_c:
                for line in entry.lines:
                    found[line] = (*found.get(line, ()), entry.python)
        return found


def _received(packs: bytes) -> Rules:
    return Rules(msgspec.msgpack.decode(packs, type=tuple[Pack, ...]))


def _joined(parts: Iterable[HostFacts | SettingFacts | PipHabits]) -> dict[str, tuple[str, ...]]:
    """Put lists of the same names together, in the order of the packs."""
    fields: dict[str, tuple[str, ...]] = {}
    for part in parts:
        for name, values in msgspec.structs.asdict(part).items():
            fields[name] = (*fields.get(name, ()), *values)
    return fields


def _folder(pack: Path | str) -> Path:
    from pathlib import Path

    if Path(pack).is_dir():
        return Path(pack)
    from pipcert_logs.knowledge.installed import GROUP, installed_pack

    installed = installed_pack(str(pack))
    if installed is None:
        raise RuleError(
            Path(pack), "is no folder", f"a folder of the form of rules/, or a name in {GROUP}"
        )
    return installed


def _drop(rules: dict[str, _T], ids: Iterable[str]) -> None:
    for gone in ids:
        rules.pop(gone, None)


def builtin_directory() -> Path:
    """Return the folder of the rules that ship with the package, or of the source tree's."""
    from pathlib import Path  # takes longer to load than the compiled rules

    package = Path(__file__).parent.parent
    packaged = package / "rules"
    return packaged if packaged.is_dir() else package.parent / "rules"


def builtin_pack() -> Pack:
    """Read the built-in rules: what was compiled loads faster, as long as the tree is the same."""
    compiled = compiled_file(RULES)
    if compiled:
        stamp, pack = msgspec.msgpack.decode(compiled, type=tuple[str, msgspec.Raw])
        if stamp in (OF_WHEEL, tree_stamp()):
            return msgspec.msgpack.decode(pack, type=Pack)
    return read_pack(builtin_directory())


def tree_stamp() -> str:
    """Tell one state of the tree's rule files, and of their form, from another."""
    folders = (builtin_directory(), builtin_directory().parent / "pipcert_logs" / "knowledge")
    return str(sorted(state for folder in folders for state in _states(os.fspath(folder))))


def _states(folder: str) -> Iterator[tuple[str, int, int]]:
    if not folder.endswith("__pycache__") and os.access(folder, os.R_OK):
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    yield from _states(entry.path)
                else:
                    yield entry.name, entry.stat().st_mtime_ns, entry.stat().st_size


def read_pack(folder: Path) -> Pack:
    """Read all rule files of a folder.

    Raises:
        RuleError: a file is wrong.
    """
    from pipcert_logs.knowledge.files import read, read_by_id, read_if_there

    signals = (read(path, SignalFile) for path in sorted((folder / "signals").glob("*.toml")))
    return Pack(
        signals=tuple(signal for file in signals for signal in file.signal),
        causes=tuple(read_by_id(folder / "causes", Cause)),
        remedies=tuple(read_by_id(folder / "remedies", Remedy)),
        questions=tuple(read_by_id(folder / "questions", Question)),
        hosts=read_if_there(folder / "hosts.toml", HostFacts),
        pythons=read_if_there(folder / "pythons.toml", PythonFacts),
        records=read_if_there(folder / "records.toml", RecordFacts),
        traits=read_if_there(folder / "traits.toml", Traits),
        settings=read_if_there(folder / "settings.toml", SettingFacts),
        habits=read_if_there(folder / "habits.toml", PipHabits),
        names=read_if_there(folder / "names.toml", NameLists),
        layouts=read_if_there(folder / "layouts.toml", LayoutFile),
        literals=read_if_there(folder / "literals.toml", Literals),
        proofs=read_if_there(folder / "proofs.toml", Proofs),
        off=read_if_there(folder / "off.toml", Switch),
    )
