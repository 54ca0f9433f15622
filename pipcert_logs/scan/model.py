"""What passes between the stages of a scan: inputs, and what was found in them."""

from __future__ import annotations

from msgspec import Struct

from pipcert_logs.read.redact import redact
from pipcert_logs.report import model as report
from pipcert_logs.scan.words import in_text


def shown(path: str) -> str:
    """Return a path as it is shown and kept: without credentials, and all of it text."""
    text = in_text(path)
    return redact(text) if "://" in path else text


class Input(Struct, frozen=True):
    """A file to scan: a log, or something in which logs are packed."""

    path: str
    """As it was found; a URL if it is remote."""
    size: int
    """Bytes, as stored; 0 where the server does not say."""
    modified: int
    """Nanoseconds since 1970; 0 where nobody says."""
    version: str = ""
    """What a server says instead of a time: an ETag or the like."""

    @property
    def shown(self) -> str:
        """The path as it is shown and kept."""
        return shown(self.path)

    def is_like(self, other: Input) -> bool:
        """Tell whether nothing says that two states of an input differ."""
        return (self.size, self.modified, self.version) == (
            other.size,
            other.modified,
            other.version,
        ) and bool(self.modified or self.version)


class Part(Struct, frozen=True):
    """Bytes `begin` to `end` of a large plain log, to be searched only."""

    input: Input
    begin: int
    end: int


Finds = tuple[int, int]
"""Where the finds of a block begin and end, from its start; before 0 is the block before it."""


class Survey(Struct, frozen=True):
    """What was found in a part: of each of its blocks the finds, and how many lines end."""

    part: Part
    finds: tuple[Finds | None, ...]
    newlines: tuple[int, ...]


class Surveyed(Struct, frozen=True):
    """A large plain log, and where in it there is something to read."""

    input: Input
    finds: tuple[Finds | None, ...]
    newlines: tuple[int, ...]


Task = Input | Part | Surveyed
"""What a worker is given."""


class Place(Struct, frozen=True):
    """Whose log it is, as far as the path tells."""

    project: str | None = None
    job: str | None = None
    build: str | None = None
    date: str | None = None


class Failure(Struct, frozen=True):
    """One failure in one log."""

    fingerprint: str
    """The same for the same trouble: cause, host, and words without what differs by build."""
    outcome: report.Outcome
    cause: str | None
    """The first cause, where there is one."""
    probability: float
    """Of the first cause."""
    causes: tuple[tuple[str, float], ...]
    host: str | None
    port: int | None
    kind: report.Kind
    tool: str
    tool_version: str | None
    python: str | None
    packages: tuple[str, ...]
    line: int
    text: str
    time: str
    """ISO 8601, UTC; "" where nobody says."""
    timed_by: str
    """`line`, `date` (the layout's) or `file`, whichever says so first; "" where nobody says."""
    remedies: tuple[str, ...]
    """Ids, in the order in which the log's report has them, of those for the first cause."""


class Log(Struct, frozen=True):
    """A log in which something failed."""

    path: str
    """`outer!inner` where it was packed."""
    place: Place
    verdict: str
    failures: tuple[Failure, ...]


class Special(Struct, frozen=True):
    """What was met in a folder and is no file: to open it might wait for ever."""

    path: str
    kind: str
    """`pipe`, `socket` or `device`."""


class Trouble(Struct, frozen=True):
    """What could not be read, and why."""

    path: str
    text: str


class Count(Struct):
    """So many files, with so many bytes as unpacked."""

    files: int = 0
    bytes: int = 0

    def add(self, size: int) -> None:
        """Count one more file."""
        self.files += 1
        self.bytes += size


class Result(Struct):
    """What became of one input."""

    input: Input
    scanned: Count
    skipped: dict[str, Count]
    """By reason: `image`, `program`, `empty`, and so on."""
    failed: Count
    logs: list[Log]
    troubles: list[Trouble]


Outcome = Result | Survey
"""What a worker gives back."""
