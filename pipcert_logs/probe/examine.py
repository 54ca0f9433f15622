"""Looks at a host: asks the client, judges its settings, shakes hands, and verifies."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pipcert_logs.probe.client import Client
from pipcert_logs.probe.findings import (
    DONE,
    STRICT,
    USED,
    Answer,
    Chain,
    Findings,
    Reach,
    Seen,
    Store,
    Verdict,
)
from pipcert_logs.probe.habits import Habits
from pipcert_logs.probe.proxies import Proxy, is_unencoded, parse_proxy
from pipcert_logs.probe.reliance import Reliance, heeded, reliance
from pipcert_logs.probe.settings import Settings, settings
from pipcert_logs.probe.target import Target

if TYPE_CHECKING:
    from pipcert_logs.knowledge.load import Rules
    from pipcert_logs.probe.connection import Terms, Way

_SOCKS = "socks"
_PUBLIC = ("carried", "certifi")
_ESSENTIAL = ("carried", "configured")  # pip stops where one of them is broken
_BROKEN = ("missing", "unusable")


def examine(target: Target, client: Client, rules: Rules, seconds: float) -> Findings:
    """Look at a host as a client would meet it, and say all that was found."""
    habits = Habits(client, rules)
    setup = settings(dict(os.environ), client.config, rules.settings, habits, target)
    is_proxy = setup.proxy is not None and not is_unencoded(setup.proxy)
    proxy = parse_proxy(setup.proxy) if setup.proxy and is_proxy else None
    goes_by = reliance(habits, setup)
    found = Findings(
        target=target,
        time=datetime.now(timezone.utc),
        client=client,
        settings=setup,
        proxy=proxy.address if proxy else "none",
        unnamed_port=proxy.port if proxy and not proxy.names_port else None,
        key_log=_unwritable(os.environ.get("SSLKEYLOGFILE")) if goes_by.key_log else None,
        client_cert=None,
        stores=(),
        seen=Seen(_obstacle(client, setup) or Reach(DONE)),
        chain=None,
        verdicts=(),
    )
    if client.tls.state != "present":
        return found
    from pipcert_logs.probe.connection import Way
    from pipcert_logs.probe.look import see
    from pipcert_logs.probe.trust import client_cert, stores

    held = stores(client, setup.ca_file, rules.settings.system_bundles)
    held = tuple(replace(store, used=store.name in goes_by.stores) for store in held)
    in_use = goes_by.stores | (goes_by.proxy_stores if _has_own_tls(proxy, goes_by) else set())
    found = found._replace(
        stores=held,
        settings=heeded(setup, rules.settings, [s for s in held if s.name in in_use]),
        client_cert=client_cert(setup.client_cert) if setup.client_cert else None,
    )
    if found.seen.reach.stage != DONE:
        return found
    way = Way(target, proxy, _terms(proxy, setup, goes_by, held), seconds)
    seen = see(way)
    if seen.reach.stage != DONE:
        return found._replace(seen=seen)
    verdicts = tuple(_verdicts(way, found._replace(seen=seen), goes_by))
    if target.is_page and any(verdict.accepted_by_pip for verdict in verdicts):
        seen = seen._replace(answer=_page(way, held, goes_by) or seen.answer)
    return found._replace(seen=seen, chain=_chain(seen, held), verdicts=verdicts)


def _obstacle(client: Client, setup: Settings) -> Reach | None:
    """Say what keeps pip from setting out at all."""
    if client.tls.state != "present":
        return Reach("client", "no-tls")
    if setup.proxy is None:
        return None
    if is_unencoded(setup.proxy):
        return Reach("proxy-url", "unencoded")
    proxy = parse_proxy(setup.proxy)
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


def _terms(
    proxy: Proxy | None, setup: Settings, goes_by: Reliance, held: tuple[Store, ...]
) -> Terms | None:
    """Choose how to meet a proxy: as pip does, but no login goes to one that nobody vouches for."""
    from pipcert_logs.probe.connection import Terms
    from pipcert_logs.probe.tls import unverified
    from pipcert_logs.probe.trust import context

    if proxy is None or not _has_own_tls(proxy, goes_by):
        return None
    if setup.trusted and not proxy.user:
        return Terms(unverified(), same_as_pip=True)
    parts = [store for store in held if store.name in goes_by.proxy_stores]
    opaque = any(store.state == "opaque" for store in parts)
    known = not (setup.trusted or opaque or _stopping(parts))
    return Terms(context(parts), same_as_pip=known)


def _has_own_tls(proxy: Proxy | None, goes_by: Reliance) -> bool:
    """Whether pip speaks TLS to the proxy itself."""
    return proxy is not None and proxy.scheme == "https" and not goes_by.plain_to_proxy


def _stopping(parts: Iterable[Store]) -> bool:
    """Tell whether pip stops at one of its stores, before it verifies anything."""
    return any(store.name in _ESSENTIAL and store.state in _BROKEN for store in parts)


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


def _verdicts(way: Way, found: Findings, goes_by: Reliance) -> Iterator[Verdict]:
    """Verify by what pip goes by, unless that is broken, and by each store alone."""
    from pipcert_logs.probe.later import later
    from pipcert_logs.probe.look import verify

    used = [store for store in found.stores if store.used]
    if found.settings.trusted:
        yield Verdict(USED, "not-verified")
    elif not _stopping(used):
        verdict = verify(way, USED, used, strict=goes_by.strict)
        yield verdict
        yield from later(way, used, verdict, found.topmost, strict=goes_by.strict)
        if verdict.accepted_by_pip:
            yield verify(way, STRICT, used, strict=True)
    for store in found.stores:
        if store.state == "good":
            yield verify(way, store.name, [store])


def _page(way: Way, held: tuple[Store, ...], goes_by: Reliance) -> Answer | None:
    from pipcert_logs.probe.look import ask_for_page

    return ask_for_page(way, [store for store in held if store.used], strict=goes_by.strict)
