"""Waits until a server that was started listens."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

WITHIN = 20.0
"""Seconds that a server may take to start."""


def wait_for(address: str, port: int) -> None:
    """Wait until somebody listens.

    Raises:
        TimeoutError: nobody does.
    """
    end = time.monotonic() + WITHIN
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection((address, port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nobody listens at {address}:{port}")
