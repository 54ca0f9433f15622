"""`pipcert-logs serve`: the HTTP server."""

from __future__ import annotations

import sys
from typing import NamedTuple

from pipcert_logs.cli.outcome import FINE, WRONG, complain
from pipcert_logs.knowledge.errors import RuleError
from pipcert_logs.knowledge.load import Rules

INSTALL = "python -m pip install '.[server]'"


class Wanted(NamedTuple):
    """A call of `serve`, understood."""

    host: str
    port: int
    workers: int | None
    token_file: str | None
    exposed: bool
    max_body: int
    max_unpacked: int
    seconds: float
    in_flight: int
    rate: int
    rules: tuple[str, ...]


def serve(wanted: Wanted) -> int:
    """Serve until told to stop, and return the exit code."""
    try:
        from pipcert_logs.server.run import serve as run
        from pipcert_logs.server.settings import Limits, Settings, SettingsError, token_for
    except ImportError as error:
        complain(f"serve takes packages that are not installed ({error.name}): {INSTALL}")
        return WRONG
    from pipcert_logs.scan.local import cores

    try:
        rules = Rules.load(*wanted.rules)
        token = token_for(wanted.host, wanted.token_file, exposed=wanted.exposed)
    except (RuleError, SettingsError) as error:
        complain(str(error))
        return WRONG
    megabyte = 1 << 20
    limits = Limits(
        body=wanted.max_body * megabyte,
        unpacked=wanted.max_unpacked * megabyte,
        seconds=wanted.seconds,
        in_flight=wanted.in_flight,
        rate=wanted.rate,
    )
    settings = Settings(
        wanted.host, wanted.port, wanted.workers or cores(), token, wanted.rules, limits
    )
    place = f"[{wanted.host}]" if ":" in wanted.host else wanted.host
    said = f"pipcert-logs: http://{place}:{wanted.port}/"
    try:
        run(settings, rules, lambda: print(said, file=sys.stderr, flush=True))
    except SystemExit:  # it was said why the server cannot start
        return WRONG
    return FINE
