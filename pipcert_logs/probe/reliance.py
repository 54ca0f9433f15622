"""What a pip goes by under its settings: which stores, and how it looks at certificates."""

from __future__ import annotations

from typing import NamedTuple

from pipcert_logs.probe.habits import Habits
from pipcert_logs.probe.settings import Settings


class Reliance(NamedTuple):
    """The names of the stores that pip goes by, and what else it does."""

    stores: frozenset[str]
    proxy_stores: frozenset[str]
    """Those for the certificate of an https:// proxy."""
    plain_to_proxy: bool
    """Whether it speaks plain HTTP to such a proxy."""
    strict: bool
    """Whether it switches strict checks on."""
    key_log: bool
    """Whether it opens the file that SSLKEYLOGFILE names."""


def reliance(habits: Habits, setup: Settings) -> Reliance:
    """Say what follows from what this pip does, and from what is set."""
    known = habits.known
    return Reliance(
        stores=frozenset() if setup.trusted else _stores(habits, setup),
        proxy_stores=_proxy_stores(habits, setup),
        plain_to_proxy=habits.has(known.speaks_plainly_to_proxy),
        strict=setup.legacy_certs and habits.has(known.strict_with_legacy_certs),
        key_log=habits.has(known.heeds_key_log),
    )


def _stores(habits: Habits, setup: Settings) -> frozenset[str]:
    known, via_proxy = habits.known, setup.proxy is not None
    if setup.legacy_certs or not habits.has(known.reads_system_store):
        return frozenset({"configured" if setup.ca_file else "carried"})
    if habits.has(known.drops_own_store, via_proxy=via_proxy):
        return frozenset({"configured", "system"})
    return frozenset({"configured", "system", "carried"})


def _proxy_stores(habits: Habits, setup: Settings) -> frozenset[str]:
    known = habits.known
    if setup.ca_file:
        return frozenset({"configured"})
    if habits.has(known.proxy_by_system_store):
        return frozenset({"system"})
    if habits.has(known.proxy_by_both_stores) and not setup.legacy_certs:
        return frozenset({"carried", "system"})
    return frozenset({"carried"})
