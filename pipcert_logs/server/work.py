"""What a worker process does with a request: unpack it, understand it, explain, write the answer.

All that takes time or meets untrusted bytes is here, off the event loop.
"""

from __future__ import annotations

import zlib
from email.message import Message
from functools import lru_cache
from io import BytesIO
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta, Struct
from multipart import MultipartError, MultipartParser

from pipcert_logs.context import ContextError
from pipcert_logs.explainer import Reader, explain
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.read.kind import KIND_HEAD, OTHER, kind_of
from pipcert_logs.report.markdown import render
from pipcert_logs.report.model import Report

Form = Literal["json", "markdown"]
Shell = Literal["posix", "powershell", "cmd"]
System = Literal["linux", "macos", "windows"]


class Beside(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known beside a log."""

    context: Annotated[
        dict[str, str],
        Meta(description="Answers to questions, by their ids; or what a check printed."),
    ] = {}
    source: Annotated[str, Meta(description="What the report calls the log.")] = "-"
    shell: Annotated[Shell | None, Meta(description="Whose commands come first.")] = None
    os: Annotated[System | None, Meta(description="The system of who reads the report.")] = None


class LogAndContext(Beside, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A log, and what is known beside it."""

    log: Annotated[str, Meta(description="The log: what the program printed.")]


class Posted(Struct, frozen=True):
    """A request as it came."""

    body: bytes
    media_type: str
    """Content-Type, with its parameters."""
    encoding: str
    """Content-Encoding."""
    form: Form
    unpacked: int
    """Bytes that the log may have, unpacked."""
    packs: tuple[str, ...] = ()


class Problem(Struct, frozen=True):
    """Why there is no report, as RFC 9457 has it."""

    status: int
    title: str
    detail: str


class Answer(Struct, frozen=True):
    """A report, written; and what is counted."""

    body: bytes
    verdict: str
    cause: str


class _RefusedError(Exception):
    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(title)
        self.problem = Problem(status, title, detail)


def answer(posted: Posted) -> Answer | Problem:
    """Answer a request to explain."""
    try:
        log, beside = _understood(posted)
        report = report_on(log, beside, posted.packs)
    except _RefusedError as refused:
        return refused.problem
    except ContextError as error:
        return Problem(422, "The context answers no question", str(error))
    written = render(report) if posted.form == "markdown" else report.to_json()
    first = report.causes[0].id if report.causes else ""
    return Answer(written.encode(), report.verdict, first)


def report_on(log: str | bytes, beside: Beside, packs: tuple[str, ...]) -> Report:
    """Explain a log.

    Raises:
        ContextError: the context answers no question.
    """
    return explain(
        log,
        source=beside.source,
        rules=rules(packs),
        reader=Reader(beside.os, beside.shell),
        context=beside.context,
    )


@lru_cache(maxsize=1)
def rules(packs: tuple[str, ...]) -> Rules:
    """Load the rules of this process, once.

    Raises:
        RuleError: a pack is wrong.
    """
    return Rules.load(*packs)


def ready(packs: tuple[str, ...]) -> None:
    """Load what explaining takes, so that the first request need not wait."""
    report_on("ERROR: No matching distribution found for demo\n", Beside(), packs).to_json()


def _understood(posted: Posted) -> tuple[str | bytes, Beside]:
    body = posted.body
    if posted.encoding == "gzip":
        body = _gunzipped(body, posted.unpacked)
    elif posted.encoding not in ("", "identity"):
        raise _RefusedError(
            415, "An encoding that is not known", "Content-Encoding may be gzip, or left out."
        )
    header = Message()
    header["Content-Type"] = posted.media_type or "text/plain"
    kind = header.get_content_type()
    if kind == "application/json":
        asked = _decoded(body)
        return asked.log, asked
    if kind == "multipart/form-data":
        log, beside = _of_form(body, header.get_boundary("") or "")
        return _text(log, posted.unpacked), beside
    if kind == "text/plain":
        return _text(body, posted.unpacked), Beside()
    raise _RefusedError(
        415,
        "A media type that is not known",
        "Send text/plain, application/json or multipart/form-data, and say so in Content-Type.",
    )


def _decoded(body: bytes) -> LogAndContext:
    try:
        return msgspec.json.decode(body, type=LogAndContext)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _RefusedError(400, "The body is not of the form expected", _why(error)) from error


def _why(error: Exception) -> str:
    if "enum value" not in str(error):
        return f"{error}."
    return f"{error}: shell may be {_listed(Shell)}, os may be {_listed(System)}."


def _listed(choice: object) -> str:
    return ", ".join(get_args(choice))


def _of_form(body: bytes, boundary: str) -> tuple[bytes, Beside]:
    """Read a form: the part `log` is the log, all others are fields of the JSON form."""
    fields: dict[str, object] = {}
    log: bytes | None = None
    most = len(body) + 1  # all of it stays in memory: a log is written nowhere
    try:
        for part in MultipartParser(BytesIO(body), boundary, memory_limit=most, spool_limit=most):
            if part.name == "log":
                if log is not None:
                    raise _RefusedError(400, "The form holds two logs", "Send one at a time.")
                log = part.raw
                fields.setdefault("source", part.filename or "-")
            else:
                text = part.value
                fields[part.name] = msgspec.json.decode(text) if part.name == "context" else text
        beside = msgspec.convert(fields, Beside)
    except (MultipartError, msgspec.DecodeError, msgspec.ValidationError, ValueError) as error:
        raise _RefusedError(400, "The form cannot be read", _why(error)) from error
    if log is None:
        raise _RefusedError(400, "The form holds no log", "Send the log as the part `log`.")
    return log, beside


def _text(data: bytes, unpacked: int) -> bytes:
    """Return a log that is text, of a file that was compressed as well."""
    found = kind_of(data[:KIND_HEAD], whole=len(data) <= KIND_HEAD)
    if found and found.name == "gzip":
        data = _gunzipped(data, unpacked)
        found = kind_of(data[:KIND_HEAD], whole=len(data) <= KIND_HEAD)
    if found and found is not OTHER:  # what only looks strange may be a log all the same
        raise _RefusedError(
            415, "That is no log", f"It {found.text}. Send the text that pip printed."
        )
    return data


def _gunzipped(data: bytes, limit: int) -> bytes:
    """Unpack gzip, of which a file may hold several after each other."""
    pieces: list[bytes] = []
    size = 0
    while data:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            piece = unpacker.decompress(data, limit - size + 1)
        except zlib.error as error:
            raise _RefusedError(400, "The gzip data is broken", f"{error}.") from error
        size += len(piece)
        if size > limit:
            raise _RefusedError(
                413, "The log unpacks to too much", f"It may have {limit} bytes, unpacked."
            )
        if not unpacker.eof:
            raise _RefusedError(400, "The gzip data is broken", "It ends too early.")
        pieces.append(piece)
        data = unpacker.unused_data
    return b"".join(pieces)
