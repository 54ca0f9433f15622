"""A small simple-API index over HTTP, with the faults that an index can have."""

from __future__ import annotations

import socket
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from corpus import json_index
from corpus.model import ACCOUNT, Site
from corpus.wheels import PACKAGES, Package, content

BASIC = f"Basic {b64encode(':'.join(ACCOUNT).encode()).decode()}"
JSON = "application/vnd.pypi.simple.v1+json"
LOGIN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes
    kind: str = "text/html; charset=utf-8"
    location: str = ""


def _links(site: Site) -> str:
    host = site.files_host or site.host
    port = f":{site.port}" if site.port != 443 and not site.files_host else ""
    scheme = "http" if site.does == "http" else "https"
    return f"{scheme}://{host}{port}/packages/"


def _link(site: Site, package: Package) -> str:
    needs = package.requires_python.replace("<", "&lt;").replace(">", "&gt;")
    attribute = f' data-requires-python="{needs}"' if needs else ""
    return f'<a href="{_links(site)}{package.filename}"{attribute}>{package.filename}</a>'


def _page(site: Site, packages: Iterable[str]) -> Answer:
    links = "".join(_link(site, PACKAGES[name]) for name in packages)
    return Answer(200, f"<!DOCTYPE html><html><body>{links}</body></html>".encode())


LOGIN_HOST = "login.corp.example.com"


def _failed(status: str) -> Answer:
    if status == "login":
        return Answer(200, LOGIN)
    if status == "to-login":
        return Answer(302, b"", location=f"https://{LOGIN_HOST}/sign-in")
    return Answer(int(status), f"{status} {HTTPStatus(int(status)).phrase}\n".encode())


def _file(site: Site, filename: str) -> Answer:
    if site.files != "200":
        return _failed(site.files)
    found = next((p for p in PACKAGES.values() if p.filename == filename), None)
    return Answer(200, content(found), "application/octet-stream") if found else _failed("404")


def answer(site: Site, path: str, accepted: str = "") -> Answer:
    """Answer a request for a path, by a client that accepts some type, as the site would."""
    head, _, last = path.rstrip("/").rpartition("/")
    if head == "/packages":
        return _file(site, last)
    if site.pages != "200":
        return _failed(site.pages)
    if path == "/wheels/":
        return _page(site, site.packages)
    if head == site.prefix and last in site.packages:
        return _in_json(site, last, json_index.page) if accepted == JSON else _page(site, [last])
    if path.startswith("/pypi/") and (name := path.split("/")[2]) in site.packages:
        return _in_json(site, name, json_index.release)
    return _failed("404")


def _in_json(site: Site, name: str, form: Callable[[Package, str], bytes]) -> Answer:
    package = PACKAGES[name]
    return Answer(200, form(package, f"{_links(site)}{package.filename}"), JSON)


def _let_in(site: Site) -> Site:
    """Give the site as it is to somebody who has logged in."""
    pages = "200" if site.pages in ("401", "403", "login", "to-login") else site.pages
    return replace(site, pages=pages, files="200" if site.files == "401" else site.files)


class _Handler(BaseHTTPRequestHandler):
    server_version = "nginx"
    sys_version = ""

    def __init__(self, site: Site, *args: Any) -> None:
        self.site = site
        super().__init__(*args)

    def do_GET(self) -> None:
        known = self.headers.get("Authorization") == BASIC
        accepted = self.headers.get("Accept", "")
        found = answer(_let_in(self.site) if known else self.site, self.path, accepted)
        self.send_response(found.status)
        self.send_header("Content-Type", found.kind)
        self.send_header("Content-Length", str(len(found.body)))
        if found.location:
            self.send_header("Location", found.location)
        if found.status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="index"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(found.body)

    do_HEAD = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: the standard error of the recorder is no access log."""


def speak_http(site: Site, connection: socket.socket) -> None:
    """Answer one HTTP request on an open connection."""
    partial(_Handler, site)(connection, ("client", 0), None)
