"""What pip would meet next at a host, once what it meets first is mended."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pipcert_logs.probe.certificates import Certificate
from pipcert_logs.probe.connection import Way
from pipcert_logs.probe.findings import MENDED, Store, Verdict
from pipcert_logs.probe.look import Allowance, verify

# OpenSSL stops at the first thing that it finds wrong, and looks at issuers first, then at names.
_ISSUER = frozenset((2, 18, 19, 20, 21))
_NAME = frozenset((62, 64))


def later(
    way: Way,
    stores: Collection[Store],
    first: Verdict,
    topmost: Certificate | None,
    *,
    strict: bool,
) -> Iterator[Verdict]:
    """Verify again as if what was refused were mended, and give what is refused then."""
    refused, allowed = first, Allowance()
    while refused.outcome == "refused":
        if refused.code in _ISSUER and topmost and not allowed.issuer:
            allowed = allowed._replace(issuer=topmost.pem)
        elif refused.code in _NAME and not allowed.any_name:
            allowed = allowed._replace(any_name=True)
        else:
            return
        refused = verify(way, MENDED, stores, strict=strict, allowed=allowed)
        if refused.outcome == "refused":
            yield refused
