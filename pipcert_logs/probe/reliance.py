"""What a pip goes by under its settings: which stores, and how it looks at certificates."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipcert_logs.knowledge.model import SettingFacts
from pipcert_logs.probe.habits import Habits
from pipcert_logs.probe.settings import Setting, Settings

if TYPE_CHECKING:
    from pipcert_logs.probe.findings import Store


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


def heeded(setup: Settings, facts: SettingFacts, in_use: Collection[Store]) -> Settings:
    """Say of the settings that name a store whether pip uses them, as it may not look into it."""
    system = [place for store in in_use if store.name == "system" for place in store.places]
    places = {place for place in system if Path(place).exists()}
    configured = any(store.name == "configured" for store in in_use)

    def judged(setting: Setting) -> Setting:
        if setting.name in facts.system_store:
            named = setting.value.split(os.pathsep)
            return setting._replace(used=not places.isdisjoint(named))
        if setting.name in (*facts.ca_file, *facts.shared_ca_file):
            return setting._replace(used=setting.used and configured)
        return setting

    return setup._replace(shown=tuple(judged(setting) for setting in setup.shown))
