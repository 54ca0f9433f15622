"""The work of `pipcert-logs probe`: look, explain with the log if there is one, write the root."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from pipcert_logs.cli.outcome import CODES, FINE, WRONG, complain
from pipcert_logs.cli.reader import reader
from pipcert_logs.cli.request import Format, Shell
from pipcert_logs.cli.streams import STDIN, InputError, Interrupt, called, opened, pieces
from pipcert_logs.cli.writing import writing
from pipcert_logs.explainer import Explainer
from pipcert_logs.knowledge.errors import RuleError
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.probe.client import ClientError, ask
from pipcert_logs.probe.target import parse_target
from pipcert_logs.report.inert import inert

if TYPE_CHECKING:
    from pipcert_logs.probe.findings import Findings
    from pipcert_logs.report.model import Report

_NO_HOST = (
    "is no host, HOST:PORT or https:// address. Name the host whose certificate pip refused, "
    "such as pypi.org, or index.example.com:8443"
)
_NEEDS = "to look at certificates takes a package: python -m pip install 'pipcert-logs[probe]'"
_OWN_TLS = "this Python cannot do TLS itself. Run pipcert-logs on another, with --python PYTHON"
_COMPARE = "Compare it with what your company publishes before you trust it."


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
        return _refuse(f"{wanted.host} {_NO_HOST}")
    if wanted.write_root and wanted.write_root.exists():
        return _refuse(f"{wanted.write_root} exists, and is not overwritten. Name another file")
    try:
        from pipcert_logs.probe.examine import examine
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("cryptography"):
            raise
        return _refuse(_NEEDS)
    try:
        rules = Rules.load(*wanted.rules)
    except RuleError as error:
        return _refuse(str(error))
    explainer = Explainer(source=wanted.log or STDIN, rules=rules, reader=reader(wanted.shell))
    try:
        with writing(wanted.format, several=False) as write:
            _feed_log(explainer, wanted.log)
            found = examine(target, ask(wanted.python), rules, wanted.seconds)
            report = _report(explainer, found, has_log=wanted.log is not None)
            write(report)
    except InputError as error:
        return _refuse(f"{called(wanted.log or '')} {error}")
    except ClientError as error:
        return _refuse(str(error))
    except ImportError as error:
        return _refuse(f"{_OWN_TLS} ({error})")
    code = CODES[report.verdict]
    return max(code, _write_root(wanted.write_root, found)) if wanted.write_root else code


def _refuse(why: str) -> int:
    complain(why)
    return WRONG


def _feed_log(explainer: Explainer, log: str | None) -> None:
    if log is None:
        return
    with opened(log) as descriptor:
        for piece in pieces(descriptor, Interrupt()):
            explainer.feed(piece)
    explainer.feed(b"\n")


def _report(explainer: Explainer, found: Findings, *, has_log: bool) -> Report:
    """Explain log and look together; where nothing is wrong at the host, that is the news."""
    from pipcert_logs.probe.lines import written

    text = written(found)
    explainer.feed(text.encode())
    report = replace(explainer.close(), probe=tuple(text.splitlines()))
    if report.verdict == "clean":
        return replace(report, summary=_seen(found))
    if report.verdict == "unexplained":
        # Without a log nothing is known of an install.
        told = f"{report.summary} " if has_log else ""
        return replace(report, summary=f"{told}{_seen(found)}")
    return report


def _seen(found: Findings) -> str:
    """Say what pip would meet at the host."""
    address = found.target.address
    from pipcert_logs.probe.findings import USED

    refused = next((v for v in found.verdicts if v.by == USED and v.outcome == "refused"), None)
    if refused:
        return (
            f"pip would refuse the certificate of {address}: {inert(refused.text)} "
            f"(OpenSSL's code {refused.code}). Show that to the owner of the server."
        )
    if any(verdict.accepted_by_pip for verdict in found.verdicts):
        return f"{address} answers, and what pip goes by accepts its certificate."
    return f"Nothing was found wrong at {address}; not all could be looked at."


def _write_root(path: Path, found: Findings) -> int:
    """Write the topmost certificate that was served, and say what it is."""
    top = found.topmost
    if top is None:
        return _refuse(f"{path} was not written: the host served no certificate")
    try:
        with path.open("x", encoding="ascii", newline="\n") as file:
            file.write(top.pem)
    except OSError as error:
        return _refuse(f"{path} cannot be written: {error.strerror}. Name another file")
    what = "the root" if top.self_issued else "the topmost certificate sent, which is no root"
    print(f"{path} holds {what}. Its SHA-256 fingerprint is", file=sys.stderr)
    print(f"  {top.fingerprint}", _COMPARE, sep="\n", file=sys.stderr)
    return FINE
