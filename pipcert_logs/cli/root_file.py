"""The file of `--write-root`, and what it is good for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipcert_logs.cli.outcome import FINE, WRONG, complain
from pipcert_logs.report.inert import inert

if TYPE_CHECKING:
    from pipcert_logs.probe.certificates import Certificate
    from pipcert_logs.probe.findings import Findings

_COMPARE = "Compare it with what your company publishes before you trust it."


def write_root(path: Path, found: Findings) -> int:
    """Write the topmost certificate that was served, say what it is, and return the exit code."""
    top = found.topmost
    if top is None:
        complain(f"{path} was not written: no certificate was seen")
        return FINE
    try:
        with path.open("x", encoding="ascii", newline="\n") as file:
            file.write(top.pem)
    except OSError as error:
        complain(f"{path} cannot be written: {error.strerror}. Name another file")
        return WRONG
    for line in _about(path, top, alone=len(found.seen.chain) == 1):
        print(inert(line), file=sys.stderr)
    return FINE


def _about(path: Path, top: Certificate, *, alone: bool) -> tuple[str, ...]:
    if not top.self_issued:
        own = "the server's own certificate" if alone else "an intermediate certificate"
        return (
            f"The server sent no root. {path} holds {own}, the topmost that it sent: it cannot be "
            "used as the CA.",
            f"Ask for the certificate of its issuer: {top.issuer}",
        )
    what = "the server's own certificate, which is self-signed" if alone else "the root"
    return (f"{path} holds {what}. Its SHA-256 fingerprint is", top.fingerprint, _COMPARE)
