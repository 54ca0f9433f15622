"""The report: frozen objects that serialise to the JSON of `pipcert-report/1`.

The JSON Schema of the report is generated from these classes (`pipcert-logs rules schema report`).
Fields may be added, never renamed or removed, while the schema's name stays the same.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from pipcert_logs.diagnose.overall import State, Verdict
from pipcert_logs.knowledge.model import Actor, Verification
from pipcert_logs.report.inert import inert_json

Schema = Literal["pipcert-report/1"]
SCHEMA: Schema = "pipcert-report/1"

Outcome = Literal["failed", "recovered"]
Kind = Literal["public", "private", "unknown"]
Probability = Annotated[float, Meta(ge=0, le=1)]
LineNumber = Annotated[int, Meta(ge=1)]


class Tool(Struct, frozen=True):
    """A program whose messages the log holds."""

    name: str
    version: str | None


class Endpoint(Struct, frozen=True):
    """The host that a failure is about; all that the log does not say is null or unknown."""

    host: str | None
    port: int | None
    kind: Kind
    via_proxy: str | bool | None


class Evidence(Struct, frozen=True):
    """What one place of the log says for or against a cause. `weight` is in log-odds."""

    signal: str
    line: LineNumber
    end_line: LineNumber
    text: str
    weight: float
    why: str


class Check(Struct, frozen=True):
    """A command whose output tells causes apart that the log cannot."""

    title: str
    command: str
    shell: str


class Look(Struct, frozen=True):
    """What a look at the host says of a cause of the log: `supported` speaks for others as well.

    `why` is its weightiest word, where it has any.
    """

    outcome: Literal["confirmed", "supported", "refuted", "unseen"]
    why: str | None


class Cause(Struct, frozen=True):
    """A ranked cause. `failures` are ids of the report's failures."""

    id: str
    title: str
    probability: Probability
    failures: tuple[int, ...]
    explanation: str
    evidence: tuple[Evidence, ...]
    checks: tuple[Check, ...]
    remedies: tuple[str, ...]
    look: Look | UnsetType = UNSET
    """Where the log was explained with a look at the host."""


class Failure(Struct, frozen=True):
    """The signals that belong together: one tool, one endpoint."""

    id: int
    outcome: Outcome
    tool: str
    packages: tuple[str, ...]
    endpoint: Endpoint
    causes: tuple[Cause, ...]
    line: LineNumber
    end_line: LineNumber
    text: str
    time: str | UnsetType = UNSET
    """ISO 8601, where the log's lines have time stamps; with a zone, where these have one."""
    later: bool | UnsetType = UNSET
    """True where it shows only once what else fails at this host is mended."""


class Input(Struct, frozen=True):
    """A value that the reader supplies in place of `example`."""

    name: str
    example: str
    text: str


class Step(Struct, frozen=True):
    """One thing to do; `command`, where there is one, is for `shell`."""

    text: str
    command: str | None
    shell: str


class Remedy(Struct, frozen=True, rename={"for_": "for"}):
    """What to do, for which causes, who does it, and what it does to certificate verification."""

    id: str
    title: str
    verification: Verification
    by: Actor
    for_: tuple[str, ...]
    caution: str | None
    proof: Literal["lab", "documented"]
    inputs: tuple[Input, ...]
    steps: tuple[Step, ...]


class Likely(Struct, frozen=True):
    """How likely a cause would be."""

    id: str
    probability: Probability


class Answer(Struct, frozen=True):
    """An answer to a question: how likely it is, and the causes that would be likeliest then."""

    id: str
    text: str
    probability: Probability
    causes: tuple[Likely, ...]


class Command(Struct, frozen=True):
    """What to run in a shell."""

    command: str
    shell: str


class Question(Struct, frozen=True):
    """What to ask, or to run; `gain` is what the answer is expected to tell, in bits.

    It comes back as context: by the answer's id, or, where `paste` says so, as what was printed.
    `unknown` is an answer to every question.
    """

    id: str
    kind: Literal["ask", "run"]
    paste: bool
    text: str
    why: str
    gain: float
    cost: float
    commands: tuple[Command, ...]
    answers: tuple[Answer, ...]


class Chat(Struct, frozen=True):
    """The report in Markdown: in three sentences and a command, and in full."""

    short: str
    full: str


class Quote(Struct, frozen=True):
    """A line of the log, quoted."""

    line: LineNumber
    text: str


class Index(Struct, frozen=True):
    """An index that the log names, and what became of it."""

    host: str
    port: int
    url: str
    state: State


class Report(Struct, frozen=True, kw_only=True):
    """What `explain` found in one log."""

    schema: Schema
    source: str
    verdict: Verdict
    summary: str
    tools: tuple[Tool, ...]
    python: str | None
    python_from: str | None
    os: str | None
    indexes: tuple[Index, ...]
    failures: tuple[Failure, ...]
    causes: tuple[Cause, ...]
    remedies: tuple[Remedy, ...]
    other_error: Quote | None
    next_command: Check | None
    questions: tuple[Question, ...]
    """What would tell most of what the log leaves open, best first."""
    context: tuple[Quote, ...]
    """What was said beside the log: its lines go on where the log ends."""
    probe: tuple[str, ...] | UnsetType = UNSET
    """The lines of a look at the host, where there was one."""
    looked_as: str | UnsetType = UNSET
    """The pip and the Python as which it looked."""
    chat: Chat | UnsetType = UNSET
    """Written with the JSON."""

    def to_json(self, *, indent: int = 2) -> str:
        """Return the report as JSON that ends with a line feed; `indent=0` gives one line."""
        from pipcert_logs.report.chat import chat

        encoded = msgspec.json.encode(replace(self, chat=chat(self)))
        laid_out = msgspec.json.format(encoded, indent=indent) if indent else encoded
        return inert_json(laid_out.decode()) + "\n"
