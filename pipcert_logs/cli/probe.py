"""The work of `pipcert-logs probe`: look, explain with the log if there is one, write the root."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import NamedTuple

from pipcert_logs.cli.outcome import CODES, WRONG, complain
from pipcert_logs.cli.progress import progress
from pipcert_logs.cli.reader import reader
from pipcert_logs.cli.request import Format, Shell
from pipcert_logs.cli.streams import STDIN, InputError, Interrupt, called, opened, pieces
from pipcert_logs.cli.writing import writing
from pipcert_logs.explainer import Explainer
from pipcert_logs.knowledge.errors import RuleError
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.probe.client import ClientError, ask
from pipcert_logs.probe.target import parse_target
from pipcert_logs.read.redact import MASK, redact
from pipcert_logs.report.model import Report

_NO_HOST = (
    "is no host, HOST:PORT or https:// address. Name the host whose certificate pip refused, "
    "such as pypi.org, or index.example.com:8443"
)
_PLAIN = "is a plain http:// address: there is no certificate to look at. Name an https:// address"
_NEEDS = "to look at certificates takes a package: {python} -m pip install cryptography"
_OWN_TLS = "this Python cannot do TLS itself. Run pipcert-logs on another, with --python PYTHON"


class Wanted(NamedTuple):
    """A call of `pipcert-logs probe`."""

    host: str
    log: str | None
    python: str | None
    write_root: Path | None
    format: Format
    seconds: float
    rules: tuple[str, ...]
    shell: Shell | None


def run(wanted: Wanted) -> int:
    """Do what was asked and return the exit code."""
    target = parse_target(wanted.host)
    if target is None:
        why = _PLAIN if wanted.host.lower().startswith("http://") else _NO_HOST
        return _refuse(f"{_without_login(wanted.host) or 'an empty text'} {why}")
    if wanted.write_root and wanted.write_root.exists():
        return _refuse(f"{wanted.write_root} exists, and is not overwritten. Name another file")
    try:
        from pipcert_logs.cli.root_file import write_root
        from pipcert_logs.probe.examine import examine
        from pipcert_logs.probe.explained import explained
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("cryptography"):
            raise
        return _refuse(_NEEDS.format(python=shlex.quote(sys.executable)))
    try:
        rules = Rules.load(*wanted.rules)
    except RuleError as error:
        return _refuse(str(error))
    explainer = Explainer(source=wanted.log or STDIN, rules=rules, reader=reader(wanted.shell))
    try:
        with writing(wanted.format, several=False) as write:
            log = _of_log(wanted, rules, explainer)
            with progress(f"Looking at {target.address}") as tell:
                client = ask(wanted.python)
                tell(f"Looking at {target.address} as {client.name} meets it")
                found = examine(target, client, rules, wanted.seconds)
            report = explained(explainer, found, rules, log)
            write(report)
    except InputError as error:
        return _refuse(f"{called(wanted.log or '')} {error}")
    except ClientError as error:
        return _refuse(str(error))
    except ImportError as error:
        return _refuse(f"{_OWN_TLS} ({error})")
    code = CODES[report.verdict]
    return max(code, write_root(wanted.write_root, found)) if wanted.write_root else code


def _without_login(text: str) -> str:
    """What was typed, without what may be a user's name and password."""
    login, at, rest = text.rpartition("@")
    scheme = login[: login.find("://") + 3] if "://" in login else ""
    return redact(f"{scheme}{MASK}@{rest}" if at else text)


def _refuse(why: str) -> int:
    complain(why)
    return WRONG


def _of_log(wanted: Wanted, rules: Rules, explainer: Explainer) -> Report | None:
    """Feed the log, if there is one, and say what it tells without the look."""
    if wanted.log is None:
        return None
    alone = Explainer(rules=rules)
    with opened(wanted.log) as descriptor:
        for piece in pieces(descriptor, Interrupt()):
            explainer.feed(piece)
            alone.feed(piece)
    explainer.feed(b"\n")
    return alone.close()
