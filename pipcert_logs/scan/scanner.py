"""Scan one input: unpack it, read its logs, say what was found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import IO, NamedTuple

from msgspec import UNSET, structs

from pipcert_logs.explainer import search_tools
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.read.lines import count
from pipcert_logs.report import model as report
from pipcert_logs.scan.fingerprint import fingerprint
from pipcert_logs.scan.inputs import opened
from pipcert_logs.scan.layout import Layouts, time_of
from pipcert_logs.scan.model import (
    Count,
    Failure,
    Finds,
    Input,
    Log,
    Outcome,
    Part,
    Place,
    Result,
    Survey,
    Surveyed,
    Task,
    Trouble,
)
from pipcert_logs.scan.parts import unsearched
from pipcert_logs.scan.sieve import BLOCK, Search, explain_blocks, explain_surveyed
from pipcert_logs.scan.unpack import UNREADABLE, Blocks, Leaf, LimitError, said, unpack

_NANO = 1_000_000_000
_FIRST_TIME = datetime(1990, 1, 1, tzinfo=timezone.utc)
_AHEAD = timedelta(days=2)
"""Clocks are wrong and zones are left out; what is further ahead is no time of a failure."""
_DEFECT = "could not be read to its end, by a defect of pipcert-logs; please report this file"


class Scanner:
    """Scans inputs, one after the other."""

    def __init__(self, rules: Rules, layouts: Layouts, folder: str = "") -> None:
        """Load what all tasks need; `folder` is where their paths begin, if not here."""
        self._rules = rules
        self._layouts = layouts
        self._folder = folder
        search_tools(rules)

    def do(self, task: Task) -> Outcome:
        """Do what a worker is given; whatever is wrong with an input is part of what it returns."""
        if isinstance(task, Part):
            return self._survey(task)
        if isinstance(task, Surveyed):
            return self._read(task)
        return self._scan(task)

    def _survey(self, part: Part) -> Outcome:
        """Search a part of a log."""
        search = Search(self._rules)
        finds: list[Finds | None] = []
        newlines: list[int] = []
        try:
            with opened(part.input.path, self._folder) as file:
                if part.begin:
                    file.seek(part.begin - BLOCK)
                    search.begin_after(file.read(BLOCK))
                for begin in range(part.begin, part.end, BLOCK):
                    block = file.read(min(BLOCK, part.end - begin))
                    finds.append(search.find(block))
                    newlines.append(count(b"\n", block))
        except Exception:  # whoever reads the log tells what is wrong
            return unsearched(part)
        return Survey(part, tuple(finds), tuple(newlines))

    def _read(self, task: Surveyed) -> Result:
        """Read a log where there is something to read."""
        given = task.input
        visit = _Visit(given, self._rules, self._layouts)
        with visit.told(), opened(given.path, self._folder) as file:
            visit.surveyed(file, task)
        return visit.result

    def _scan(self, given: Input) -> Result:
        """Scan one input."""
        visit = _Visit(given, self._rules, self._layouts)
        with visit.told(), opened(given.path, self._folder) as stream:
            unpack(stream, given.shown, visit, size=given.size)
        return visit.result


class _Visit:
    """What is done with what is found in one input."""

    def __init__(self, given: Input, rules: Rules, layouts: Layouts) -> None:
        self.result = Result(given, Count(), {}, Count(), [], [])
        self._said: dict[object, object] = {}
        self._rules = rules
        self._layouts = layouts

    @contextmanager
    def told(self) -> Iterator[None]:
        """Let nothing that is wrong with an input, or with this program, end a scan."""
        given = self.result.input
        try:
            yield
        except OSError as error:
            self.fail(given.shown, said(error), given.size)
        except Exception as error:
            self.fail(given.shown, f"{_DEFECT}: {type(error).__name__}: {error}", given.size)

    def log(self, leaf: Leaf) -> None:
        """Read a log; where it breaks off, what came before counts."""
        whole = _UntilBroken(leaf.blocks)
        found = explain_blocks(whole, source=leaf.path, rules=self._rules)
        self._keep(found, leaf.time)
        if whole.error:
            raise whole.error
        self.result.scanned.add(leaf.blocks.size)

    def surveyed(self, file: IO[bytes], task: Surveyed) -> None:
        """Read a log that was searched before."""
        broken: list[tuple[OSError, int]] = []

        def read(number: int) -> bytes:
            try:
                file.seek(number * BLOCK)
                return file.read(BLOCK)
            except OSError as error:
                broken.append((error, number * BLOCK))
                return b""

        path = task.input.shown
        self._keep(
            explain_surveyed(read, task.finds, task.newlines, source=path, rules=self._rules), None
        )
        for error, size in broken:
            self.fail(path, said(error), size)
        if not broken:
            self.result.scanned.add(task.input.size)

    def _keep(self, found: report.Report | None, time: float | None) -> None:
        if found:
            time = time or self.result.input.modified / _NANO or None
            log = _log(found, self._layouts.place(found.source), time)
            self.result.logs.append(_sharing(log, self._said))

    def skip(self, reason: str, size: int) -> None:
        """Count what is no log."""
        self.result.skipped.setdefault(reason, Count()).add(size)

    def fail(self, path: str, text: str, size: int) -> None:
        """Note what cannot be read."""
        self.result.failed.add(size)
        self.result.troubles.append(Trouble(path, text))


_BROKEN: tuple[type[Exception], ...] = (*UNREADABLE, LimitError)


class _UntilBroken:
    """Blocks up to where reading fails, and how it failed."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._blocks
        except _BROKEN as error:
            self.error = error


class _Said(NamedTuple):
    """The time of a log, and what says so."""

    time: str
    by: str


def _log(found: report.Report, place: Place, time: float | None) -> Log:
    versions = {tool.name: tool.version for tool in found.tools}
    day = _utc(time_of(place.date))
    said = _Said(day or _iso(time), "date" if day else "file")
    return Log(
        path=found.source,
        place=place,
        verdict=found.verdict,
        failures=tuple(_failure(failure, found, versions, said) for failure in found.failures),
    )


def _sharing(log: Log, said: dict[object, object]) -> Log:
    """Return a log that says in the same words what those before it said.

    An archive may hold a hundred thousand that fail alike: so they take little memory, and little
    time on their way to the store.
    """

    def shared(failure: Failure) -> Failure:
        values = structs.asdict(failure)
        words = {name: value for name, value in values.items() if isinstance(value, (str, tuple))}
        return structs.replace(
            failure, **{name: said.setdefault(value, value) for name, value in words.items()}
        )

    return structs.replace(log, failures=tuple(map(shared, log.failures)))


def _failure(
    failure: report.Failure, found: report.Report, versions: dict[str, str | None], said: _Said
) -> Failure:
    first = failure.causes[0] if failure.causes else None
    at = failure.endpoint
    cause = first.id if first else None
    line_time = "" if failure.time is UNSET else _utc(failure.time)
    return Failure(
        fingerprint=fingerprint(cause, at.host, at.port, failure.text, failure.packages),
        outcome=failure.outcome,
        cause=cause,
        probability=first.probability if first else 0.0,
        causes=tuple((cause.id, cause.probability) for cause in failure.causes),
        host=at.host,
        port=at.port,
        kind=at.kind,
        tool=failure.tool,
        tool_version=versions.get(failure.tool),
        python=found.python,
        packages=failure.packages,
        line=failure.line,
        text=failure.text,
        time=line_time or said.time,
        timed_by="line" if line_time else said.by if said.time else "",
        remedies=first.remedies if first else (),
    )


def _utc(stated: str) -> str:
    """Return a stamp as UTC; one without a zone is taken for UTC."""
    if not stated:
        return ""
    try:
        time = datetime.fromisoformat(stated.replace("Z", "+00:00"))
        return _text(time if time.tzinfo else time.replace(tzinfo=timezone.utc))
    except (ValueError, OverflowError):
        return ""


def _iso(time: float | None) -> str:
    if time is None:
        return ""
    try:
        return _text(datetime.fromtimestamp(time, timezone.utc))
    except (ValueError, OverflowError, OSError):
        return ""


def _text(time: datetime) -> str:
    """Return a time in UTC; nothing for one at which no log can have been written."""
    if not _FIRST_TIME <= time <= datetime.now(timezone.utc) + _AHEAD:
        return ""
    return time.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
