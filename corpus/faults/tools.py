"""poetry and pdm as most people run them: without -v they keep the reason, or the index, back."""

from collections.abc import Iterator
from dataclasses import replace

from corpus.faults import index, network, proxy, runtime, trust
from corpus.faults.common import SILENT
from corpus.model import Fault

ALL = (*trust.FAULTS, *runtime.FAULTS, *proxy.FAULTS, *network.FAULTS, *index.FAULTS)
# poetry prints the same for all of these.
NO_CONNECTION = (
    "connection-refused",
    "connection-timeout",
    "dns-failure",
    "firewall-blocking",
    "network-unreachable",
    "private-ca-not-configured",
    "proxy-interception",
)
UNKNOWN_ISSUER = ("missing-issuer", "proxy-interception", "private-ca-not-configured")
REFUSED = ("connection-refused", "proxy-unreachable", "firewall-blocking")
NOT_THE_PROXY = "pdm does not say that it was the proxy who refused"

_PROXY_REFUSED = replace(
    next(fault for fault in ALL if fault.id == "14-proxy-refused"),
    id="14-proxy-refused-pdm",
    note="pdm names the index and the refusal, and not the proxy who refused",
    causes=REFUSED,
    truth="proxy-unreachable",
    clients=("pdm-*",),
    unproven=NOT_THE_PROXY,
)


def _quiet(faults: dict[str, tuple[str, ...]], tool: str, note: str) -> Iterator[Fault]:
    """Give faults as they are met without -v, each with the causes that are then left open."""
    for fault in (*ALL, _PROXY_REFUSED):
        if fault.id in faults:
            yield replace(
                fault,
                id=f"{fault.id.removesuffix('-pdm')}-quiet-{tool}",
                made=f"{fault.made}; the tool runs without -v",
                note=note,
                causes=faults[fault.id] or fault.causes,
                truth=fault.truth or fault.causes[0],
                call=fault.call.replace("{quick} ", ""),
                clients=(f"{tool}-*",),
                when_shown=(),
                shows="",
            )


FAULTS = (
    _PROXY_REFUSED,
    *_quiet(
        {"01-unknown-issuer-private": NO_CONNECTION, "09-proxy-resigns-env": NO_CONNECTION},
        "poetry",
        "without -v poetry says only that it could not connect",
    ),
    *_quiet(
        {
            "01-unknown-issuer-private": UNKNOWN_ISSUER,
            "09-proxy-resigns-env": UNKNOWN_ISSUER,
            "12-requests-missing": (),
            "14-proxy-407": (),
            "14-proxy-refused-pdm": REFUSED,
            "17-dns-private": (),
            "21-page-401": SILENT,
        },
        "pdm",
        "without -vv pdm names no index",
    ),
)
