"""The description of the HTTP interface: OpenAPI 3.1, from the same types that the handlers use."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import Struct

from pipcert_logs import __version__
from pipcert_logs.knowledge.answers import by_id
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.knowledge.model import Question
from pipcert_logs.report.model import Report
from pipcert_logs.server.sheets import CauseName, CauseSheet, QuestionSheet, RemedySheet
from pipcert_logs.server.work import LogAndContext

_LOG = (
    "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after "
    "connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] "
    "certificate verify failed: self-signed certificate in certificate chain (_ssl.c:1006)'))': "
    "/simple/demo/\n"
    "ERROR: Could not find a version that satisfies the requirement demo (from versions: none)\n"
    "ERROR: No matching distribution found for demo\n"
)
_ASKED = {"log": _LOG, "context": {"company-network": "yes"}, "shell": "powershell"}
_FORM = {"log": _LOG}
_SEVERAL_WORDS = r"^\s*\S+\s+\S"
_TEMPLATE = "#/components/schemas/{name}"
_PROBLEMS = {
    400: "The request cannot be understood.",
    401: "A token is needed.",
    404: "There is nothing of that name.",
    406: "None of the forms is accepted.",
    408: "The request came too slowly.",
    413: "The request, or the log unpacked, is too large.",
    415: "The media type or the encoding is not known, or it is no text.",
    422: "The context answers no question.",
    429: "Too many requests of one client.",
    503: "Too much to do, or the log takes too long.",
}


class Health(Struct, frozen=True):
    """That the server is there."""

    status: str
    version: str


class ProblemDetails(Struct, frozen=True):
    """Why there is no answer (RFC 9457)."""

    status: int
    title: str = ""
    detail: str = ""
    type: str = "about:blank"
    instance: str = ""


def document(rules: Rules) -> dict[str, Any]:
    """Return the description, with the questions of some rules."""
    types = (
        *(LogAndContext, Report, ProblemDetails, Health),
        *(tuple[CauseName, ...], CauseSheet, RemedySheet, tuple[QuestionSheet, ...]),
    )
    schemas, components = msgspec.json.schema_components(types, ref_template=_TEMPLATE)
    body, report, problem, health, causes, cause, remedy, questions = schemas
    context = _context(rules)
    components["LogAndContext"]["properties"]["context"] |= context
    schema_map = {"type": "object", "additionalProperties": {"type": "object"}}
    explain = {
        "operationId": "explain",
        "summary": "Explain a log",
        "description": "Answers the report, or Markdown where `Accept` asks for that.",
        "requestBody": _body(body, context),
        "responses": {
            "200": {
                "description": "The report.",
                "content": {
                    "application/json": {"schema": report},
                    "text/markdown": {"schema": {"type": "string"}},
                },
            },
            **_problems(problem, 400, 401, 406, 408, 413, 415, 422, 429, 503),
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "pipcert-logs",
            "version": __version__,
            "summary": "Explains why pip could not download, and what to do about it",
        },
        "security": [{}, {"token": []}],
        "paths": {
            "/v1/explain": {"post": explain},
            "/v1/causes": {"get": _get("listCauses", "List the causes", causes, problem)},
            "/v1/causes/{id}": {
                "get": _get("tellCause", "Tell about a cause", cause, problem, "clock-skew")
            },
            "/v1/remedies/{id}": {
                "get": _get("tellRemedy", "Tell about a remedy", remedy, problem, "correct-clock")
            },
            "/v1/questions": {
                "get": _get("listQuestions", "List what may be answered", questions, problem)
            },
            "/v1/rules/schema": {
                "get": _get("tellSchemas", "The JSON Schemas, by kind", schema_map, problem)
            },
            "/healthz": {"get": _health(health, problem), "head": _health(None, problem)},
        },
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _health(schema: dict[str, Any] | None, problem: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"description": "It is there, and not overloaded."}
    if schema:
        found["content"] = {"application/json": {"schema": schema}}
    return {
        "operationId": "tellHealth" if schema else "tellHealthShortly",
        "summary": "Tell whether the server is there",
        "responses": {"200": found, **_problems(problem, 503)},
        "security": [],
    }


def _context(rules: Rules) -> dict[str, Any]:
    """Describe the answers to all questions."""
    return {
        "type": "object",
        "properties": {name: _said(asked) for name, asked in rules.questions.items()},
        "additionalProperties": False,
    }


def _said(question: Question) -> dict[str, Any]:
    described: dict[str, Any] = {"type": "string", "description": question.text}
    if question.value:
        plain = re.sub(r"\?P<\w+>|\s+", "", question.value)
        return {**described, "pattern": f"^{plain}$", "examples": [question.example]}
    ids = [answer.id for answer in by_id(question)]
    if question.takes_output:
        printed = {"pattern": _SEVERAL_WORDS, "description": "What was printed."}
        return {**described, "anyOf": [{"enum": ids}, printed]}
    return {**described, "enum": ids}


def _body(schema: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    text = {"type": "string"}
    form = {
        "type": "object",
        "required": ["log"],
        "properties": {
            "log": {"type": "string", "description": "The log, as a file or a field."},
            "context": context,
        },
        "additionalProperties": False,
    }
    return {
        "required": False,
        "description": "The log, which may be empty; it may come with `Content-Encoding: gzip`.",
        "content": {
            "text/plain": {"schema": text, "examples": {"a log": {"value": _LOG}}},
            "application/json": {"schema": schema, "examples": {"with context": {"value": _ASKED}}},
            "multipart/form-data": {
                "schema": form,
                "encoding": {"context": {"contentType": "application/json"}},
                "examples": {"a form": {"value": _FORM}},
            },
        },
    }


def _get(
    operation: str,
    summary: str,
    schema: dict[str, Any],
    problem: dict[str, Any],
    example: str | None = None,
) -> dict[str, Any]:
    """Describe what is asked with GET; with an example, by an id in the path."""
    described: dict[str, Any] = {
        "operationId": operation,
        "summary": summary,
        "responses": {
            "200": {"description": summary, "content": {"application/json": {"schema": schema}}},
            **_problems(problem, *((404,) if example else ()), 401, 429, 503),
        },
    }
    if example:
        described["parameters"] = [
            {
                "name": "id",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "pattern": "^[a-z0-9-]+$"},
                "example": example,
            }
        ]
    return described


def _problems(schema: dict[str, Any], *statuses: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": schema}}
    return {
        str(status): {"description": _PROBLEMS[status], "content": content} for status in statuses
    }
