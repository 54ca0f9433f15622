"""How a site treats a connection: one function for each behaviour."""

from __future__ import annotations

import itertools
import socket
import ssl
import struct
import time
from collections.abc import Callable

from corpus.certificates import Certificates
from corpus.index import speak_http
from corpus.model import Site

Handle = Callable[[socket.socket], None]
Behaviour = Callable[[Site, Certificates], Handle]
TLS_RECORD = b"\x16"
PLAIN_REPLY = (
    b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: text/html\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)
# A ServerHello of TLS 1.2 with no extension at all: secure renegotiation (RFC 5746) is not offered.
OLD_HELLO = b"\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03" + bytes(32) + b"\x00\xc0\x2f\x00"
FAILURE_ALERT = b"\x15\x03\x03\x00\x02\x02\x28"
SILENCE = 30.0
SLOWNESS = 5.0


def _context(site: Site, certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The faulty servers need keys and digests that a sound server refuses to load.
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(certificates.served(site.cert, site.host))
    return context


def tls(site: Site, certificates: Certificates) -> Handle:
    """Serve the index over TLS, as it should be."""
    return _tls_with(_context(site, certificates), site)


def tls10(site: Site, certificates: Certificates) -> Handle:
    """Serve the index over TLS 1.0 and nothing newer."""
    context = _context(site, certificates)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    return _tls_with(context, site)


def small_dh(site: Site, certificates: Certificates) -> Handle:
    """Serve the index over TLS 1.2 with a Diffie-Hellman group of 1024 bits."""
    context = _context(site, certificates)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("DHE:@SECLEVEL=0")
    context.load_dh_params(str(certificates.small_group))
    return _tls_with(context, site)


def _tls_with(context: ssl.SSLContext, site: Site) -> Handle:
    def handle(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            speak_http(site, secured)

    return handle


def http(site: Site, certificates: Certificates) -> Handle:
    """Serve the index over plain HTTP; TLS gets the 400 that web servers give."""

    def handle(connection: socket.socket) -> None:
        if connection.recv(1, socket.MSG_PEEK) == TLS_RECORD:
            refuse_tls(connection)
        else:
            speak_http(site, connection)

    return handle


def refuse_tls(connection: socket.socket) -> None:
    """Answer a ClientHello in plain HTTP."""
    connection.recv(65536)
    connection.sendall(PLAIN_REPLY)


def reset(site: Site, certificates: Certificates) -> Handle:
    """Reset the connection after the ClientHello."""

    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return handle


def eof(site: Site, certificates: Certificates) -> Handle:
    """Close the connection after the ClientHello."""

    def handle(connection: socket.socket) -> None:
        connection.recv(65536)

    return handle


def alert(site: Site, certificates: Certificates) -> Handle:
    """Answer the ClientHello with a handshake-failure alert."""

    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(FAILURE_ALERT)

    return handle


def old_hello(site: Site, certificates: Certificates) -> Handle:
    """Answer as a server that knows nothing of secure renegotiation, and go no further."""

    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(OLD_HELLO)
        connection.recv(65536)

    return handle


def silent(site: Site, certificates: Certificates) -> Handle:
    """Accept, and never say anything."""

    def handle(connection: socket.socket) -> None:
        connection.settimeout(SILENCE)
        while connection.recv(65536):
            time.sleep(0.01)

    return handle


def slow(site: Site, certificates: Certificates) -> Handle:
    """Begin to answer when an impatient client has left."""
    sound = tls(site, certificates)

    def handle(connection: socket.socket) -> None:
        time.sleep(SLOWNESS)
        sound(connection)

    return handle


def _after(failures: int, bad: Behaviour) -> Behaviour:
    """Behave badly for the first connections, then well."""

    def behaviour(site: Site, certificates: Certificates) -> Handle:
        count = itertools.count()
        first, then = bad(site, certificates), tls(site, certificates)

        def handle(connection: socket.socket) -> None:
            (first if next(count) < failures else then)(connection)

        return handle

    return behaviour


BEHAVIOURS: dict[str, Behaviour] = {
    "tls": tls,
    "tls10": tls10,
    "small-dh": small_dh,
    "old-hello": old_hello,
    "http": http,
    "reset": reset,
    "eof": eof,
    "alert": alert,
    "silent": silent,
    "slow": slow,
    "reset-once": _after(1, reset),
    "reset-twice": _after(2, reset),
    "eof-once": _after(1, eof),
    "silent-once": _after(1, silent),
}
