"""What looks at hosts found, given to what failed at these hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipcert_logs.diagnose.failure import Failure
from pipcert_logs.diagnose.urls import Url, valid_host, valid_port
from pipcert_logs.match.hit import Hit

Place = tuple[str, "int | None"]
Findings = Mapping[Place, "list[Hit]"]
"""The hits of probed signals by the host and port that they are about."""


def by_place(hits: Iterable[Hit]) -> Findings:
    """Group the hits of probed signals by what they are about; it may be looked at again."""
    found: dict[Place, list[Hit]] = {}
    for hit in hits:
        host = valid_host(hit.captures.get("host"))
        if host:
            port = valid_port(hit.captures.get("port"))
            found.setdefault((host, port), []).append(hit)
    return found


def findings_at(url: Url, findings: Findings) -> list[Hit]:
    """Return what was found where a URL leads."""
    return next(
        (
            hits
            for (host, port), hits in findings.items()
            if host == url.host and url.port in (None, port)
        ),
        [],
    )


def with_findings(told: Iterable[Failure], findings: Findings) -> list[Failure]:
    """Return the failures that a log tells of, with what was found where they are.

    What nobody told of is a failure of its own, if a finding says why. What the log does not tell
    of a failure, host or port, is taken to be what was looked at, as somebody had reason to.
    """
    failures = list(told)
    for (host, port), hits in findings.items():
        lasting = [failure for failure in failures if not failure.recovered]
        here = [f for f in lasting if f.host == host and f.port in (None, port)]
        here = here or [f for f in lasting if f.host is None]
        if not here and any(hit.signal.role == "reason" for hit in hits):
            here = [Failure()]
            failures += here
        for failure in here:
            failure.host = host
            failure.port = port
            failure.findings = hits
    return failures
