"""What a pip of this version goes by under these settings, as far as the rules know."""

from __future__ import annotations

from typing import NamedTuple

from pipcert_logs.diagnose.conditions import Situation
from pipcert_logs.diagnose.endpoints import HostKind
from pipcert_logs.diagnose.facts import Facts
from pipcert_logs.diagnose.versions import VersionRange
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.probe.client import Client
from pipcert_logs.probe.settings import Settings


class Habits(NamedTuple):
    """The names of the stores that pip goes by, and what else it does."""

    stores: frozenset[str]
    strict: bool
    """Whether it switches strict checks on."""
    key_log: bool
    """Whether it opens the file that SSLKEYLOGFILE names."""


def habits_of(client: Client, force: Settings, rules: Rules) -> Habits:
    """Judge a client; what the rules leave unknown, it does not do."""
    situation = _situation(client, rules, via_proxy=force.proxy is not None)

    def have(traits: tuple[str, ...]) -> bool:
        return any(situation.holds(rules.traits[trait]) is True for trait in traits)

    facts, stores = rules.settings, {"configured"}
    system = have(facts.reads_system_store) and not force.legacy_certs
    dropped = system and have(facts.drops_own_store)
    replaced = force.ca_file is not None and not system
    if system:
        stores.add("system")
    if not dropped and not replaced:
        stores.add("carried")
    return Habits(
        stores=frozenset(stores),
        strict=force.legacy_certs and have(facts.strict_with_legacy_certs),
        key_log=have(facts.heeds_key_log),
    )


def _situation(client: Client, rules: Rules, *, via_proxy: bool) -> Situation:
    """A failure of which nothing is known but the client."""
    return Situation(
        host=None,
        port=None,
        kind=HostKind("unknown", "unknown", index=False),
        tool="pip",
        signals=frozenset(),
        captures={},
        via_proxy=via_proxy,
        reason_known=False,
        facts=Facts(
            pip=VersionRange.parse(client.pip.version), python=VersionRange.parse(client.python)
        ),
        traits=rules.traits,
    )
