"""The HTTP interface: what is asked where, by whom, and how much of it."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from litestar import Litestar, Request, Response, Router, asgi, get, post, route
from litestar.connection import ASGIConnection
from litestar.datastructures import Headers, State
from litestar.enums import ScopeType
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.plugins.problem_details import (
    ProblemDetailsConfig,
    ProblemDetailsException,
    ProblemDetailsPlugin,
)
from litestar.plugins.prometheus import PrometheusConfig, PrometheusController
from litestar.stores.memory import MemoryStore
from litestar.types import ASGIApp, Middleware, Receive, Scope, Send
from mcp.server.transport_security import TransportSecuritySettings
from prometheus_client import Counter

from pipcert_logs import __version__
from pipcert_logs.authoring.schema import KINDS, schema
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.server.openapi import Health, document
from pipcert_logs.server.pages import PAGES
from pipcert_logs.server.pool import Pool, UndoneError
from pipcert_logs.server.settings import Settings
from pipcert_logs.server.sheets import (
    CauseName,
    CauseSheet,
    QuestionSheet,
    RemedySheet,
    cause_names,
    cause_sheet,
    question_sheets,
    remedy_sheet,
)
from pipcert_logs.server.tools import create as create_tools
from pipcert_logs.server.work import Form, Posted, Problem, answer

MARKDOWN = "text/markdown"
JSON = "application/json"
_RETRY = "1"  # seconds
_CLIENTS = "clients"
_REPORTS = Counter("pipcert_reports", "Reports that were answered.", ["verdict", "cause"])


@post("/explain", status_code=200)
async def explain_log(request: Request[Any, Any, State]) -> Response[bytes]:
    """Explain a log.

    Answers the JSON of `pipcert-report/1`, or Markdown where `Accept` asks for that.
    """
    form = _form(request)
    settings: Settings = request.app.state.settings
    limits = settings.limits
    pool: Pool = request.app.state.pool
    try:
        with anyio.fail_after(limits.seconds):
            body = await request.body()
    except RequestEntityTooLarge:
        raise ProblemDetailsException(
            status_code=413,
            title="The request is too large",
            detail=f"It may have {limits.body} bytes.",
            headers={"Connection": "close"},
        ) from None
    except TimeoutError:
        raise ProblemDetailsException(
            status_code=408,
            title="The request came too slowly",
            detail=f"It may take {limits.seconds:g} seconds.",
            headers={"Connection": "close"},
        ) from None
    posted = Posted(
        body,
        request.headers.get("content-type", ""),
        request.headers.get("content-encoding", "").strip().lower(),
        form,
        limits.unpacked,
        settings.packs,
    )
    try:
        found = await pool.do(answer, posted)
    except UndoneError as error:
        raise ProblemDetailsException(
            status_code=503,
            title=error.title,
            detail=error.detail,
            headers={"Retry-After": _RETRY},
        ) from None
    if isinstance(found, Problem):
        raise ProblemDetailsException(
            status_code=found.status, title=found.title, detail=found.detail
        )
    _REPORTS.labels(found.verdict, found.cause).inc()
    return Response(found.body, media_type=MARKDOWN if form == "markdown" else JSON)


def _form(request: Request[Any, Any, State]) -> Form:
    accepted = request.accept
    best = accepted.best_match([JSON, MARKDOWN]) if request.headers.get("accept") else JSON
    if best is None:
        raise ProblemDetailsException(
            status_code=406,
            title="No form that is accepted",
            detail=f"There are {JSON} and {MARKDOWN}.",
        )
    return "markdown" if best == MARKDOWN else "json"


@get("/causes")
async def list_causes(state: State) -> tuple[CauseName, ...]:
    """List the causes."""
    return cause_names(_rules(state))


@get("/causes/{cause:str}")
async def tell_cause(state: State, cause: str) -> CauseSheet:
    """Tell all about a cause."""
    sheet = cause_sheet(cause, _rules(state))
    if sheet is None:
        raise _unknown("cause")
    return sheet


@get("/remedies/{remedy:str}")
async def tell_remedy(state: State, remedy: str) -> RemedySheet:
    """Tell all about a remedy."""
    sheet = remedy_sheet(remedy, _rules(state))
    if sheet is None:
        raise _unknown("remedy")
    return sheet


@get("/questions")
async def list_questions(state: State) -> tuple[QuestionSheet, ...]:
    """List what may be answered as context."""
    return question_sheets(_rules(state))


@get("/rules/schema")
async def tell_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schemas of the rule files and of the reports, by kind."""
    return {kind: schema(kind) for kind in KINDS}


@route("/healthz", http_method=["GET", "HEAD"])
async def tell_health(state: State) -> Health:
    """Tell whether the server is there, and not overloaded."""
    pool: Pool = state.pool
    settings: Settings = state.settings
    if pool.busy >= settings.limits.in_flight:
        raise ProblemDetailsException(status_code=503, title="Too much to do")
    return Health("ok", __version__)


@get("/openapi.json", media_type="application/json")
async def describe(state: State) -> dict[str, Any]:
    """Describe this interface."""
    return document(_rules(state))


def _rules(state: State) -> Rules:
    rules: Rules = state.rules
    return rules


def _unknown(kind: str) -> ProblemDetailsException:
    return ProblemDetailsException(
        status_code=404,
        title=f"There is no such {kind}",
        detail="GET /v1/causes lists the causes; each names its remedies.",
    )


async def _check_token(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    settings: Settings = connection.app.state.settings
    if settings.token is None:
        return
    scheme, space, shown = connection.headers.get("authorization", "").partition(" ")
    said = f"{scheme.lower()}{space}{shown}".encode("utf-8", "replace")
    if not hmac.compare_digest(said, f"bearer {settings.token}".encode()):
        raise ProblemDetailsException(
            status_code=401,
            title="A token is needed",
            detail="Send the header `Authorization: Bearer TOKEN`.",
            headers={"WWW-Authenticate": "Bearer"},
        )


class KnownHosts(ASGIMiddleware):
    """Answers under some names only: any other is that of a page which had itself resolved here.

    Litestar's own middleware does not answer with problem details.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        """Answer under these names, with the port where there is one."""
        self._names = names

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Refuse a request under another name."""
        if Headers.from_scope(scope).get("host", "").lower() not in self._names:
            raise ProblemDetailsException(
                status_code=421,
                title="Not the name of this server",
                detail=f"Ask for {self._names[0]}.",
            )
        await next_app(scope, receive, send)


class Metrics(PrometheusController):
    """What Prometheus reads."""

    path = "/metrics"
    guards = (_check_token,)
    openmetrics_format = False


def create(settings: Settings, rules: Rules) -> Litestar:
    """Return the application.

    Args:
        settings: what it is told.
        rules: what the workers will load as well, by the names of its packs.
    """
    pool = Pool(settings.workers, settings.limits.in_flight, settings.limits.seconds)

    tools = create_tools(pool.do, settings.packs, rules)
    answer_model = tools.streamable_http_app(
        streamable_http_path="/",
        stateless_http=True,
        json_response=True,
        max_request_body_size=settings.limits.body,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )

    @asgi("/mcp", is_mount=True, guards=[_check_token], copy_scope=True)
    async def serve_model(scope: Scope, receive: Receive, send: Send) -> None:
        # without sessions there is nothing to listen for, or to end
        if scope["type"] != ScopeType.HTTP or scope["method"] != "POST":
            raise ProblemDetailsException(
                status_code=405, title="Method Not Allowed", headers={"Allow": "POST"}
            )
        await answer_model(scope, receive, send)  # type: ignore[arg-type]

    @asynccontextmanager
    async def life(app: Litestar) -> AsyncIterator[None]:
        await pool.begin(settings.packs)
        async with anyio.create_task_group() as tasks, tools.session_manager.run():
            tasks.start_soon(pool.keep, settings.packs)
            tasks.start_soon(_forget_clients, app)
            yield
            tasks.cancel_scope.cancel()

    version_1 = Router(
        "/v1",
        guards=[_check_token],
        route_handlers=[
            *(explain_log, list_causes, tell_cause, tell_remedy, list_questions, tell_schemas),
            describe,
        ],
    )
    metrics = PrometheusConfig(app_name="pipcert", prefix="pipcert", group_path=True)
    return Litestar(
        route_handlers=[version_1, tell_health, Metrics, serve_model, *PAGES],
        lifespan=[life],
        state=State({"settings": settings, "rules": rules, "pool": pool}),
        middleware=[metrics.middleware, *_names(settings), *_rate(settings)],
        request_max_body_size=settings.limits.body,
        openapi_config=None,
        plugins=[ProblemDetailsPlugin(ProblemDetailsConfig(enable_for_all_http_exceptions=True))],
        logging_config=None,
    )


async def _forget_clients(app: Litestar) -> None:
    """Forget those who asked long ago, which the store does not by itself."""
    clients = app.stores.get(_CLIENTS)
    while isinstance(clients, MemoryStore):
        await anyio.sleep(60)
        await clients.delete_expired()


def _names(settings: Settings) -> list[Middleware]:
    return [KnownHosts(settings.names)] if settings.names else []


def _rate(settings: Settings) -> list[Middleware]:
    if not settings.limits.rate:
        return []
    config = RateLimitConfig(
        ("minute", settings.limits.rate),
        exclude=["^/healthz$", "^/metrics$"],
        store=_CLIENTS,
    )
    return [config.middleware]
