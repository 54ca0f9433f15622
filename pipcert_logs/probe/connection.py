"""A connection to a host, through a proxy or not, that takes neither for ever nor all memory."""

from __future__ import annotations

import base64
import errno
import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from pipcert_logs.probe.proxies import Proxy
from pipcert_logs.probe.target import Target
from pipcert_logs.probe.tls import Tls

_MOST_BYTES = 1 << 20
_MOST_HEAD = 1 << 16
_STATUS = re.compile(rb"HTTP/\d\.\d (\d{3})")
_RECORDS = (b"\x14", b"\x15", b"\x16", b"\x17")
"""How a record of TLS begins, by its kind."""
_NAMES_OF_LOOKUP = {
    getattr(socket, name): name for name in sorted(dir(socket)) if name.startswith("EAI_")
}


class Pipe(Protocol):
    """What carries bytes: a connection, or TLS on one."""

    def sendall(self, data: bytes) -> None:
        """Send all of it."""

    def recv(self, size: int) -> bytes:
        """Return what has come, waiting for it; nothing at the end."""


class Terms(NamedTuple):
    """On what terms to speak TLS to a proxy, and whether pip has the same, as far as is known."""

    context: ssl.SSLContext
    same_as_pip: bool


class Way(NamedTuple):
    """How to reach a host, and how long to wait for each answer."""

    target: Target
    proxy: Proxy | None
    proxy_terms: Terms | None
    """None for a proxy that is spoken to in plain HTTP."""
    seconds: float


class UnreachedError(Exception):
    """A connection or a handshake that did not come about, and at which stage of the way."""

    def __init__(self, stage: str, error: str, answer: str = "none") -> None:
        """Tell where it ended, why, and what came instead of TLS."""
        super().__init__(f"{stage}: {error}")
        self.stage = stage
        self.error = error
        self.answer = answer


class _Bounded:
    """A socket that gives up after a time and a number of bytes."""

    def __init__(self, connected: socket.socket, seconds: float) -> None:
        self._socket = connected
        self._end = time.monotonic() + seconds
        self._room = _MOST_BYTES

    def sendall(self, data: bytes) -> None:
        self._wait()
        self._socket.sendall(data)

    def recv(self, size: int) -> bytes:
        self._wait()
        piece = self._socket.recv(min(size, self._room))
        self._room -= len(piece)
        return piece

    def _wait(self) -> None:
        left = self._end - time.monotonic()
        if left <= 0 or not self._room:
            raise TimeoutError
        self._socket.settimeout(left)


@contextmanager
def connected(way: Way) -> Iterator[Pipe]:
    """Give the connection on which the host itself is to be talked to.

    Raises:
        UnreachedError: it did not come about.
    """
    host, port, stage = way.target.host, way.target.port, ""
    if way.proxy:
        host, port, stage = way.proxy.host, way.proxy.port, "proxy-"
    with staged(stage + "name"):
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    with staged(stage + "connect"):
        plain = _first_that_answers(found, way.seconds)
    with plain:
        bounded = _Bounded(plain, way.seconds)
        yield _through(way.proxy, way, bounded) if way.proxy else bounded


def _first_that_answers(found: list[tuple[Any, ...]], seconds: float) -> socket.socket:
    """Connect to one of the addresses of a name, each of which gets its share of the time."""
    last: OSError = OSError(errno.EADDRNOTAVAIL, "no address")
    for family, kind, protocol, _, address in found:
        tried = socket.socket(family, kind, protocol)
        tried.settimeout(seconds / len(found))
        try:
            tried.connect(address)
        except OSError as error:
            tried.close()
            last = error
        else:
            return tried
    raise last


def _through(proxy: Proxy, way: Way, pipe: Pipe) -> Pipe:
    """Ask a proxy for a tunnel; who it is has to be certain first, as it may be told a login."""
    if way.proxy_terms:
        pipe = _secured(proxy, way.proxy_terms, pipe)
    with staged("proxy-answer"):
        pipe.sendall(_connect(proxy, way.target))
        status = _status(head(pipe))
    if status != "200":
        raise UnreachedError("proxy-answer", f"status-{status}" if status else "no-http")
    return pipe


def _secured(proxy: Proxy, terms: Terms, pipe: Pipe) -> Pipe:
    """Speak TLS to a proxy."""
    secured = Tls(pipe, terms.context, proxy.host)
    try:
        with staged("proxy-tls", secured):
            secured.handshake()
    except UnreachedError as ended:
        refusal = ended.__cause__
        if not isinstance(refusal, ssl.SSLCertVerificationError):
            raise
        error = f"code-{refusal.verify_code}" if terms.same_as_pip else "unknown"
        raise UnreachedError("proxy-verify", error) from refusal
    return secured


def _connect(proxy: Proxy, target: Target) -> bytes:
    lines = [f"CONNECT {target.address} HTTP/1.1", f"Host: {target.address}"]
    if proxy.user:
        login = base64.b64encode(f"{proxy.user}:{proxy.password}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {login}")
    return "\r\n".join([*lines, "", ""]).encode()


def head(pipe: Pipe) -> bytes:
    """Read an HTTP answer up to its empty line.

    Raises:
        ConnectionAbortedError: the answer ends before, or does not end.
    """
    text = b""
    while b"\r\n\r\n" not in text:
        piece = pipe.recv(4096)
        if not piece or len(text) > _MOST_HEAD:
            raise ConnectionAbortedError(errno.ECONNABORTED, "no HTTP answer")
        text += piece
    return text.partition(b"\r\n\r\n")[0]


def _status(text: bytes) -> str:
    found = _STATUS.match(text)
    return found[1].decode() if found else ""


@contextmanager
def staged(stage: str, secured: Tls | None = None) -> Iterator[None]:
    """Say of an error at which stage it was, and what answered instead of TLS."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise UnreachedError(stage, error_name(error), _answer(secured)) from error


def error_name(error: OSError | ValueError) -> str:
    """Return the name by which rules know an error: OpenSSL's, the system's or the resolver's."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "UNEXPECTED_EOF_WHILE_READING"
    if isinstance(error, ssl.SSLError):
        return error.reason or "SSL"
    if isinstance(error, socket.gaierror):
        return _NAMES_OF_LOOKUP.get(error.errno, str(error.errno))
    if isinstance(error, OSError) and error.errno:
        return errno.errorcode.get(error.errno, str(error.errno)).removeprefix("WSA")
    return type(error).__name__


def _answer(secured: Tls | None) -> str:
    if secured is None or not secured.first:
        return "none"
    if secured.first[:1] in _RECORDS and secured.first[1:2] == b"\x03":
        return "tls"
    # the error page of a server that took the handshake for HTTP/0.9 has no status line
    return "http" if secured.first.startswith((b"HTTP/", b"<")) else "other"
