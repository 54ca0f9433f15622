"""Bytes in and out as they come: standard input, log files, the echo."""

from __future__ import annotations

import io
import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pipcert_logs.cli.inspection import Inspection

PIECE = 1 << 20
STDIN = "-"
_STDIN, _STDOUT, _STDERR = 0, 1, 2


class InputError(Exception):
    """An input that cannot be explained; the message says what to do."""


class Interrupt:
    """Ctrl-C ends the reading and not the program: what came so far is still explained.

    A second one ends the program.
    """

    def __init__(self) -> None:
        self.pressed = False
        self._waiting = False

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Take Ctrl-C over, unless whoever started the program had it ignored."""
        if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield
            return
        signal.signal(signal.SIGINT, self._press)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _press(self, _number: int, _frame: FrameType | None) -> None:
        again, self.pressed = self.pressed, True
        if again or self._waiting:
            raise KeyboardInterrupt

    def read(self, descriptor: int) -> bytes:
        """Return what there is to read, waiting for it; nothing at the end or after Ctrl-C."""
        if self.pressed:
            return b""
        self._waiting = True
        try:
            return _read(descriptor)
        except KeyboardInterrupt:
            return b""
        finally:
            self._waiting = False


def _read(descriptor: int) -> bytes:
    while True:
        try:
            return os.read(descriptor, PIECE)
        except BlockingIOError:  # whoever shares the pipe made it non-blocking
            select.select([descriptor], [], [])


class Echo:
    """Passes bytes on, unchanged and at once."""

    def __init__(self, *, beside_report: bool) -> None:
        """Write to standard output, beside the report, or to standard error."""
        self._beside_report = beside_report
        self._descriptor = _STDOUT if beside_report else _STDERR
        self._open = True
        self._last = b""

    def write(self, piece: bytes) -> None:
        """Write all of `piece`; on standard error a reader is not essential."""
        self._last = piece[-1:]
        rest = memoryview(piece)
        try:
            while rest and self._open:
                rest = rest[_write(self._descriptor, rest) :]
        except OSError:
            if self._beside_report:
                raise
            self._open = False

    def close(self) -> None:
        """Set the report that follows apart."""
        if self._beside_report and self._last:
            self.write(b"\n" if self._last == b"\n" else b"\n\n")


def _write(descriptor: int, piece: memoryview) -> int:
    while True:
        try:
            return os.write(descriptor, piece)
        except BlockingIOError:
            select.select([], [descriptor], [])


def tolerate_any_text() -> None:
    """Let standard output put a mark where a legacy code page lacks what a log may hold."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def called(log: str) -> str:
    """Return what a message calls a log."""
    return "standard input" if log == STDIN else log


@contextmanager
def opened(log: str) -> Iterator[int]:
    """Give the descriptor of a log.

    Raises:
        InputError: it cannot be opened.
    """
    if log == STDIN:
        yield _STDIN
        return
    try:
        if os.path.isdir(log):  # noqa: PTH112 - pathlib takes a while to load
            raise InputError("is a directory. Name the logs in it, such as " + _some_log_in(log))
        descriptor = os.open(log, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        raise InputError(_advice(error)) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _some_log_in(directory: str) -> str:
    return f"{directory.rstrip(os.sep)}{os.sep}*.log"


def _advice(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "does not exist. Check the path, or pipe what pip prints into pipcert-explain"
    if isinstance(error, PermissionError):
        return "may not be read by you. Ask for the right to read it, or explain a copy"
    return f"cannot be read: {getattr(error, 'strerror', None) or error}"


def pieces(descriptor: int, interrupt: Interrupt, echo: Echo | None = None) -> Iterator[bytes]:
    """Yield what is read, already echoed.

    Raises:
        InputError: it cannot be read, or is no text. What is no text is echoed all the same.
    """
    inspection = Inspection()
    while piece := _next(descriptor, interrupt):
        if echo:
            echo.write(piece)
        if not inspection.look(piece):
            yield piece
        elif not echo:
            break
    if echo:
        echo.close()
    if kind := inspection.close():
        raise InputError(kind)


def _next(descriptor: int, interrupt: Interrupt) -> bytes:
    try:
        return interrupt.read(descriptor)
    except OSError as error:
        raise InputError(_advice(error)) from error
