"""What looks at hosts found, given to what failed at these hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipcert_logs.diagnose.failure import Failure
from pipcert_logs.diagnose.urls import valid_host, valid_port
from pipcert_logs.match.hit import Hit

Findings = Mapping[str, "list[Hit]"]
"""The hits of probed signals by the host that they are about."""


def by_host(hits: Iterable[Hit]) -> Findings:
    """Group the hits of probed signals by their hosts; a host may be looked at more than once."""
    found: dict[str, list[Hit]] = {}
    for hit in hits:
        host = valid_host(hit.captures.get("host"))
        if host:
            found.setdefault(host, []).append(hit)
    return found


def with_findings(told: Iterable[Failure], findings: Findings) -> list[Failure]:
    """Return the failures that a log tells of, with what was found at their hosts.

    What nobody told of is a failure of its own, if a finding says why. One whose host the log does
    not tell is taken for one at the host that was looked at, as somebody had reason to.
    """
    failures = list(told)
    for host, hits in findings.items():
        lasting = [failure for failure in failures if not failure.recovered]
        here = [f for f in lasting if f.host == host] or [f for f in lasting if f.host is None]
        if not here and any(hit.signal.role == "reason" for hit in hits):
            here = [Failure()]
            failures += here
        for failure in here:
            failure.host = host
            failure.port = failure.port or valid_port(hits[0].captures.get("port"))
            failure.findings = hits
    return failures
