"""What a pip of this version does, as far as the rules know."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from pipcert_logs.diagnose.conditions import Situation
from pipcert_logs.diagnose.endpoints import HostKind
from pipcert_logs.diagnose.facts import Facts
from pipcert_logs.diagnose.versions import VersionRange
from pipcert_logs.knowledge.load import Rules
from pipcert_logs.knowledge.model import PipHabits
from pipcert_logs.probe.client import Client


class Habits:
    """The habits of one client; what the rules leave unknown, it does not do."""

    def __init__(self, client: Client, rules: Rules) -> None:
        """Judge a client by the traits that the rules know."""
        self.known: PipHabits = rules.habits
        self._traits = rules.traits
        self._situation = _situation(client, rules)

    def has(self, traits: Iterable[str], *, via_proxy: bool = False) -> bool:
        """Whether it has any of some traits."""
        situation = replace(self._situation, via_proxy=via_proxy)
        return any(situation.holds(self._traits[trait]) is True for trait in traits)


def _situation(client: Client, rules: Rules) -> Situation:
    """A failure of which nothing is known but the client."""
    return Situation(
        host=None,
        port=None,
        kind=HostKind("unknown", "unknown", index=False),
        tool="pip",
        signals=frozenset(),
        captures={},
        via_proxy=None,
        reason_known=False,
        facts=Facts(
            pip=VersionRange.parse(client.pip.version), python=VersionRange.parse(client.python)
        ),
        traits=rules.traits,
    )
