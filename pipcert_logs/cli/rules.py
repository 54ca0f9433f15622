"""`pipcert-logs rules`: for those who write rules."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pipcert_logs.cli.outcome import FINE, FOUND, WRONG, complain


def check_rules(directory: Path | None) -> int:
    """Print what is wrong with the rules."""
    from pipcert_logs.authoring.check import check

    if directory and not directory.is_dir():
        complain(f"{directory} is no directory. Name the one that holds signals/ and causes/")
        return WRONG
    problems = check(directory)
    for problem in problems:
        print(problem)
    if not problems:
        print("All rules hold.")
    return FOUND if problems else FINE


def print_schema(kind: str | None) -> int:
    """Print the JSON Schema of one kind of file, or of all kinds by name."""
    from pipcert_logs.authoring.schema import KINDS, schema

    if kind and kind not in KINDS:
        complain(f"there is no kind {kind!r}. There are {', '.join(KINDS)}")
        return WRONG
    schemas = schema(kind) if kind else {name: schema(name) for name in KINDS}
    print(json.dumps(schemas, indent=2))
    return FINE


def new_rule(line: str | None) -> int:
    """Print the skeleton of a signal for a line, given or read."""
    from pipcert_logs.authoring.scaffold import scaffold

    if line is None and sys.stdin.isatty():
        print("Paste the line, then press Ctrl-D (on Windows Ctrl-Z and Enter).", file=sys.stderr)
    try:
        text = sys.stdin.buffer.read().decode("utf-8", "replace") if line is None else line
        sys.stdout.buffer.write(scaffold(text).encode())
    except ValueError as error:
        complain(f"{error}. Paste the words that the program printed")
        return WRONG
    return FINE
