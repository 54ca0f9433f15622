"""CONNECT proxies: honest, refusing, and one that re-signs what passes."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from corpus.certificates import Certificates
from corpus.index import BASIC
from corpus.model import Proxy, Site
from corpus.sites import TLS_RECORD, Handle, refuse_tls, reset, tls

Dial = Callable[[str], socket.socket]
SiteOf = Callable[[str], Site]
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
REFUSALS = {
    "403": b"HTTP/1.1 403 Forbidden\r\nServer: squid/5.7\r\n",
    "407": b"HTTP/1.1 407 Proxy Authentication Required\r\nServer: squid/5.7\r\n"
    b'Proxy-Authenticate: Basic realm="Example Corp proxy"\r\n',
    "502": b"HTTP/1.1 502 Bad Gateway\r\nServer: squid/5.7\r\n",
    "503": b"HTTP/1.1 503 Service Unavailable\r\nServer: squid/5.7\r\n",
}


class _Request(NamedTuple):
    """A CONNECT request: the host, and whether somebody known asks for it."""

    host: str
    known: bool


def _asked(connection: socket.socket) -> _Request:
    """Read a CONNECT request up to its empty line."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return _Request("", False)
        head += piece
    return _Request(head.split()[1].decode().rpartition(":")[0], BASIC.encode() in head)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


def _tunnel(client: socket.socket, server: socket.socket) -> None:
    back = threading.Thread(target=_pump, args=(server, client), daemon=True)
    back.start()
    _pump(client, server)
    back.join(30)


def tunnelling(dial: Dial) -> Handle:
    """Tunnel to the site, untouched."""

    def handle(connection: socket.socket) -> None:
        _connect(connection, dial, _asked(connection).host)

    return handle


def honest(proxy: Proxy, dial: Dial, site_of: SiteOf, certificates: Certificates) -> Handle:
    """Do what a proxy should."""
    return tunnelling(dial)


def _connect(connection: socket.socket, dial: Dial, host: str) -> None:
    with dial(host) as server:
        connection.sendall(ESTABLISHED)
        _tunnel(connection, server)


def resigning(proxy: Proxy, dial: Dial, site_of: SiteOf, certificates: Certificates) -> Handle:
    """Answer for every host with a certificate of the proxy's own authority."""

    def handle(connection: socket.socket) -> None:
        site = site_of(_asked(connection).host)
        connection.sendall(ESTABLISHED)
        tls(replace(site, cert=proxy.cert), certificates)(connection)

    return handle


def cutting(proxy: Proxy, dial: Dial, site_of: SiteOf, certificates: Certificates) -> Handle:
    """Agree to the tunnel, then reset it at the ClientHello."""

    def handle(connection: socket.socket) -> None:
        site = site_of(_asked(connection).host)
        connection.sendall(ESTABLISHED)
        reset(site, certificates)(connection)

    return handle


def refusing(proxy: Proxy, dial: Dial, site_of: SiteOf, certificates: Certificates) -> Handle:
    """Answer CONNECT with the refusal that `does` names; 407 only where nobody logs in."""

    def handle(connection: socket.socket) -> None:
        request = _asked(connection)
        if proxy.does == "407" and request.known:
            _connect(connection, dial, request.host)
        else:
            connection.sendall(REFUSALS[proxy.does] + b"Content-Length: 0\r\n\r\n")

    return handle


PROXIES = {"honest": honest, "resigning": resigning, "cutting": cutting} | dict.fromkeys(
    REFUSALS, refusing
)


def plain_only(handle: Handle) -> Handle:
    """Refuse TLS to the proxy itself, as a plain-HTTP proxy does."""

    def guarded(connection: socket.socket) -> None:
        if connection.recv(1, socket.MSG_PEEK) == TLS_RECORD:
            refuse_tls(connection)
        else:
            handle(connection)

    return guarded
