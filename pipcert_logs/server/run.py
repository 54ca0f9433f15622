"""Runs the server until it is told to stop; what is in flight then is finished."""

from __future__ import annotations

from collections.abc import Callable

import uvicorn

from pipcert_logs.knowledge.load import Rules
from pipcert_logs.server.app import create
from pipcert_logs.server.patience import impatient
from pipcert_logs.server.settings import Settings

_GRACE = 30  # seconds that what is in flight may take, once the server was told to stop


def serve(settings: Settings, rules: Rules, begun: Callable[[], None]) -> None:
    """Serve, until SIGTERM or Ctrl-C.

    Args:
        settings: what the server is told.
        rules: what it knows.
        begun: called once the address is the server's.

    Raises:
        SystemExit: the address cannot be listened at.
    """
    config = uvicorn.Config(
        create(settings, rules),
        host=settings.host,
        port=settings.port,
        http=impatient(settings.limits.seconds),
        access_log=False,  # which would tell who asked for what
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
    listener = config.bind_socket()
    begun()
    uvicorn.Server(config).run(sockets=[listener])
