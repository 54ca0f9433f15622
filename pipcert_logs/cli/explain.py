"""The command `pipcert-explain`."""

from __future__ import annotations

import gc
import sys

from pipcert_logs.cli.outcome import guard
from pipcert_logs.cli.request import Request, quick


def main() -> int:
    """Run `pipcert-explain` and return its exit code."""
    words = sys.argv[1:]
    if words == ["--version"]:
        return guard(show_version, "pipcert-explain")
    request = quick(words)
    if request:
        return guard(explain, request)
    from pipcert_logs.cli.app import explain_app

    explain_app(words, prog_name="pipcert-explain")
    return 0


def explain(request: Request) -> int:
    """Import the engine, which no other call needs, and explain."""
    gc.set_threshold(100_000)  # to start makes much that stays: looking through it takes 5 %
    from pipcert_logs.cli.explaining import run

    return run(request)


def show_version(program: str) -> int:
    """Print the version."""
    from pipcert_logs import __version__

    print(f"{program} {__version__}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
