"""Runs a real server: from when it listens until it is no longer needed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

WITHIN = 20.0
"""Seconds that a server may take to start, and to end."""


@contextmanager
def server(call: Sequence[str], address: str, port: int) -> Iterator[None]:
    """Run a server that stays in the foreground; one that does not end when told to is killed.

    Raises:
        TimeoutError: it does not listen.
    """
    process = subprocess.Popen(call, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for(address, port)
        yield
    finally:
        process.terminate()
        try:
            process.wait(WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with the processes that it has started
            process.wait()


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
