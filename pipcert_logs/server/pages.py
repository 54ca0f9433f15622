"""The page for people, and the policy that lets nothing else come alive in it."""

from __future__ import annotations

from importlib.resources import files

from litestar import Response, get

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_FOLDER = files("pipcert_logs.server.page")


def _sent(name: str, media_type: str) -> Response[bytes]:
    return Response(_FOLDER.joinpath(name).read_bytes(), media_type=media_type, headers=_HEADERS)


@get("/", sync_to_thread=False)
def page() -> Response[bytes]:
    """The page."""
    return _sent("index.html", "text/html")


@get("/page.css", sync_to_thread=False)
def style() -> Response[bytes]:
    """How it looks."""
    return _sent("page.css", "text/css")


@get("/page.js", sync_to_thread=False)
def script() -> Response[bytes]:
    """What it does."""
    return _sent("page.js", "text/javascript")


@get("/examples.json", sync_to_thread=False)
def examples() -> Response[bytes]:
    """Logs of the corpus, to try it."""
    return _sent("examples.json", "application/json")


PAGES = (page, style, script, examples)
