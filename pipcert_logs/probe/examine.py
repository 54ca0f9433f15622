"""Looks at a host: asks the client, judges its settings, shakes hands, and verifies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pipcert_logs.probe.client import Client
from pipcert_logs.probe.findings import DONE, USED, Chain, Findings, Reach, Seen, Store, Verdict
from pipcert_logs.probe.habits import Habits, habits_of
from pipcert_logs.probe.settings import Settings, parse_proxy, settings
from pipcert_logs.probe.target import Target

if TYPE_CHECKING:
    from pipcert_logs.knowledge.load import Rules
    from pipcert_logs.probe.connection import Way

STRICT = "strict"
"""The same with the strict checks that some clients switch on."""
_SOCKS = "socks"
_PUBLIC = ("carried", "certifi")
_ESSENTIAL = ("carried", "configured")  # pip stops where one of them is broken


def examine(target: Target, client: Client, rules: Rules, seconds: float) -> Findings:
    """Look at a host as a client would meet it, and say all that was found."""
    force = settings(dict(os.environ), client.config, rules.settings, target)
    proxy = parse_proxy(force.proxy) if force.proxy else None
    habits = habits_of(client, force, rules)
    found = Findings(
        target=target,
        time=datetime.now(timezone.utc),
        client=client,
        settings=force,
        proxy=proxy.address if proxy else "none",
        key_log=_unwritable(os.environ.get("SSLKEYLOGFILE")) if habits.key_log else None,
        stores=(),
        seen=Seen(_obstacle(client, force) or Reach(DONE)),
        chain=None,
        verdicts=(),
    )
    if client.tls.state != "present":
        return found
    from pipcert_logs.probe.connection import Way
    from pipcert_logs.probe.look import see
    from pipcert_logs.probe.trust import stores

    held = stores(client, force.ca_file, rules.settings.system_bundles)
    held = tuple(replace(store, used=store.name in habits.stores) for store in held)
    found = found._replace(stores=held)
    if found.seen.reach.stage != DONE:
        return found
    way = Way(target, proxy, seconds)
    seen = see(way)
    chain = _chain(seen, held)
    verdicts = tuple(_verdicts(way, held, habits)) if seen.reach.stage == DONE else ()
    return found._replace(seen=seen, chain=chain, verdicts=verdicts)


def _obstacle(client: Client, force: Settings) -> Reach | None:
    """Say what keeps pip from setting out at all."""
    if client.tls.state != "present":
        return Reach("client", "no-tls")
    if force.proxy is None:
        return None
    proxy = parse_proxy(force.proxy)
    if proxy is None:
        return Reach("proxy-url", "no-host")
    if proxy.scheme.startswith(_SOCKS):
        return Reach("proxy-socks", "not-looked-through" if client.socks else "no-module")
    return None if proxy.scheme in ("http", "https") else Reach("proxy-url", "scheme")


def _unwritable(path: str | None) -> str | None:
    """Tell whether a file could be written, without writing it."""
    if not path:
        return None
    place = Path(path) if Path(path).exists() else Path(path).parent
    return None if place.exists() and os.access(place, os.W_OK) else path


def _chain(seen: Seen, held: tuple[Store, ...]) -> Chain | None:
    last = seen.chain[-1] if seen.chain else None
    if last is None:
        return None
    sent = len(seen.chain)
    known = frozenset().union(*(s.organisations for s in held if s.name in _PUBLIC))
    if last.self_issued:
        ends = "self-signed-leaf" if sent == 1 else "root"
    else:
        ends = "authority" if last.is_ca else "leaf"
    return Chain(
        sent,
        ends,
        "known" if last.organisation in known else "unknown",
        "yes" if last.names_issuer_address else "no",
    )


def _verdicts(way: Way, held: tuple[Store, ...], habits: Habits) -> Iterator[Verdict]:
    """Verify by what pip goes by, unless that is broken, and by each store alone."""
    from pipcert_logs.probe.look import verify

    used = [store for store in held if store.used]
    broken = [store for store in used if store.state in ("missing", "unusable")]
    if not any(store.name in _ESSENTIAL for store in broken):
        verdict = verify(way, USED, used, strict=habits.strict)
        yield verdict
        if verdict.accepted_by_pip:
            yield verify(way, STRICT, used, strict=True)
    for store in held:
        if store.state == "good":
            yield verify(way, store.name, [store])
