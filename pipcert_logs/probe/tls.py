"""TLS over anything that carries bytes, so that what came is seen where the handshake fails."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipcert_logs.probe.connection import Pipe

_PIECE = 1 << 14
_DER = 2  # the constant ENCODING_DER of the module _ssl


def unverified() -> ssl.SSLContext:
    """Return a context that accepts any certificate, as it is only looked at."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Tls:
    """A TLS connection as a client."""

    def __init__(self, pipe: Pipe, context: ssl.SSLContext, host: str) -> None:
        """Speak to `host` over a pipe, on the terms of a context."""
        self._pipe = pipe
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self.first = b""
        """What the other side said first."""

    def handshake(self) -> None:
        """Agree on keys.

        Raises:
            OSError: it failed; an `ssl.SSLError` where the two did not agree.
        """
        while True:
            try:
                self._object.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._send_and_receive()
            except ssl.SSLError:
                self._tell_why()
                raise
        self._flush()

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        self._object.write(data)
        self._flush()

    def recv(self, size: int) -> bytes:
        """Return what has come, waiting for it; nothing at the end."""
        while True:
            try:
                return self._object.read(size)
            except ssl.SSLWantReadError:
                self._send_and_receive()
            except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
                return b""

    @property
    def protocol(self) -> str:
        """The version of TLS that was agreed on."""
        return self._object.version() or "none"

    def chain(self) -> list[bytes]:
        """Return the certificates that were served, as DER, the server's own first."""
        # Public from Python 3.13 on; before, only the inner object has it.
        whole: Any = self._object
        source = whole if hasattr(whole, "get_unverified_chain") else whole._sslobj
        served = source.get_unverified_chain() or []
        return [c if isinstance(c, bytes) else c.public_bytes(_DER) for c in served]

    def _send_and_receive(self) -> None:
        self._flush()
        piece = self._pipe.recv(_PIECE)
        self.first = self.first or piece[:16]
        if piece:
            self._incoming.write(piece)
        else:
            self._incoming.write_eof()

    def _flush(self) -> None:
        if data := self._outgoing.read():
            self._pipe.sendall(data)

    def _tell_why(self) -> None:
        """Send the alert; whether it arrives does not matter any more."""
        try:
            self._flush()
        except OSError:
            return
