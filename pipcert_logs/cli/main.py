"""The command `pipcert-logs`: `explain`, and what the makers and keepers of rules need."""

from __future__ import annotations

import sys

from pipcert_logs.cli.explain import explain, show_version
from pipcert_logs.cli.outcome import guard
from pipcert_logs.cli.request import quick

PROGRAM = "pipcert-logs"


def main() -> int:
    """Run `pipcert-logs` and return its exit code."""
    words = sys.argv[1:]
    if words == ["--version"]:
        return guard(show_version, PROGRAM)
    request = quick(words[1:]) if words[:1] == ["explain"] else None
    if request:
        return guard(explain, request)
    from pipcert_logs.cli.commands import app

    app(words, prog_name=PROGRAM)
    return 0


if __name__ == "__main__":
    sys.exit(main())
