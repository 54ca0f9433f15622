"""How a command ends: exit codes, complaints, readers that go away."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")

FINE = 0
FOUND = 1
WRONG = 2
INTERRUPTED = 130
CODES = {"clean": FINE, "recovered": FINE, "failed": FOUND, "unexplained": FOUND}
"""The exit code for each verdict."""
_READER_LEFT = frozenset({errno.EPIPE, errno.EINVAL})  # as POSIX and as Windows have it


def guard(work: Callable[P, int], *args: P.args, **kwargs: P.kwargs) -> int:
    """Run a command; a reader that goes away is no error, and Ctrl-C ends without a traceback."""
    try:
        code = work(*args, **kwargs)
        sys.stdout.flush()
        return code
    except OSError as error:
        _forget_stdout()
        if error.errno in _READER_LEFT:
            return FINE
        what = f"{error.filename} cannot be read" if error.filename else "cannot write the report"
        complain(f"{what}: {error.strerror or error}")
        return WRONG
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:
        import traceback

        traceback.print_exc()
        complain("this is a defect; please report it with the lines above")
        return WRONG  # 1 would say that a failure was found


def _forget_stdout() -> None:
    """Let what is still buffered go nowhere, so that the interpreter's last flush succeeds."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


def complain(message: str, *, program: str = "pipcert-logs") -> None:
    """Say on standard error what is wrong and what to do."""
    from pipcert_logs.report.inert import inert

    print(f"{program}: {inert(message)}", file=sys.stderr, flush=True)
