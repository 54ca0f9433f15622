"""Hangs up on clients that take too long to say what they ask for."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from uvicorn.protocols.http.auto import AutoHTTPProtocol

_LEEWAY = 2  # seconds that a handler has to say itself that a body comes too slowly


def impatient(seconds: float) -> type[asyncio.Protocol]:
    """Return uvicorn's protocol, with an end to waiting for a request.

    Args:
        seconds: how long the head of a request may take, and again its body.
    """

    class Impatient(AutoHTTPProtocol):  # type: ignore[valid-type, misc]
        _timer: asyncio.TimerHandle | None = None
        _awaited: Literal["head", "body"] | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self._watch()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._watch()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop()
            super().connection_lost(exc)

        def _watch(self) -> None:
            awaited = self._still_to_come()
            if awaited != self._awaited:
                self._stop()
                self._awaited = awaited
            if awaited and self._timer is None:
                limit = seconds if awaited == "head" else seconds + _LEEWAY
                self._timer = self.loop.call_later(limit, self._hang_up)

        def _still_to_come(self) -> Literal["head", "body"] | None:
            cycle: Any = self.cycle
            if cycle is None or cycle.response_complete:
                return "head"
            return "body" if cycle.more_body else None

        def _stop(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

        def _hang_up(self) -> None:
            self._timer = None
            if self._still_to_come() == self._awaited:
                self.transport.close()

    return Impatient
