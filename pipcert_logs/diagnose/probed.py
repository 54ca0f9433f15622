"""What looks at hosts found, given to what failed at these hosts and ports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipcert_logs.diagnose.failure import Failure
from pipcert_logs.diagnose.urls import Place, Url, valid_host, valid_port
from pipcert_logs.match.hit import Hit

Probed = Mapping[Place, "list[Hit]"]
"""The hits of probed signals by what they are about."""


def by_place(hits: Iterable[Hit]) -> Probed:
    """Group the hits of probed signals by what they are about; it may be looked at again."""
    found: dict[Place, list[Hit]] = {}
    for hit in hits:
        host = valid_host(hit.captures.get("host"))
        if host:
            place = Place(host, valid_port(hit.captures.get("port")))
            found.setdefault(place, []).append(hit)
    return found


def with_probed(told: Iterable[Failure], probed: Probed, indexes: Iterable[Url]) -> list[Failure]:
    """Return the failures that a log tells of, with what was found where they are.

    What nobody told of is a failure of its own, if a finding says why. What the log does not tell
    of a failure, host or port, is taken to be what was looked at, as somebody had reason to.
    """
    failures, indexes = list(told), list(indexes)
    for place, found in probed.items():
        hits = [hit for hit in found if not hit.signal.later]
        lasting = [f for f in failures if not f.recovered]
        lasting = [f for f in lasting if _port(f, indexes) in (None, place.port)]
        here = [f for f in lasting if f.host == place.host] or [f for f in lasting if not f.host]
        if not here and any(hit.signal.role == "reason" for hit in hits):
            here = [Failure()]
            failures += here
        for failure in here:
            failure.host, failure.port = place
            failure.probed = hits
    return failures


def met_later(probed: Probed) -> list[Failure]:
    """Return what fails at each place once that is mended which fails there first."""
    found = (
        Failure(*place, probed=[hit for hit in hits if _is_later(hit)], later=True)
        for place, hits in probed.items()
    )
    return [f for f in found if f.reasons]


def _is_later(hit: Hit) -> bool:
    return hit.signal.later or hit.signal.role == "context"


def _port(failure: Failure, indexes: Iterable[Url]) -> int | None:
    """The port that the log tells: in a message, or by URLs of the host that agree on one."""
    named = (url for message in failure.messages for url in message.urls)
    ports = {url.port_in_use for url in (*named, *indexes) if url.host == failure.host}
    return failure.port or (ports.pop() if len(ports) == 1 else None)
