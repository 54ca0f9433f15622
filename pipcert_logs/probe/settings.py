"""Which of the settings in force pip will use, by the order of precedence that the rules know."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pipcert_logs.knowledge.model import SettingFacts
from pipcert_logs.probe.habits import Habits
from pipcert_logs.probe.proxies import preferred, proxies_of_system
from pipcert_logs.probe.target import Target

_ON = frozenset(("y", "yes", "t", "true", "on", "1"))
_SHARED_PROXIES = frozenset(("https_proxy", "all_proxy"))


class Setting(NamedTuple):
    """A variable or an entry of pip's configuration, and whether pip uses it here."""

    name: str
    value: str
    used: bool


class Settings(NamedTuple):
    """What is set, and what follows from it."""

    shown: tuple[Setting, ...]
    ca_file: str | None
    proxy: str | None
    legacy_certs: bool
    trusted: str
    """The setting that names the host as one whose certificate pip does not verify, if any."""
    client_cert: str | None
    """The file of the certificate that pip shows of itself."""


class _Given(NamedTuple):
    """The setting of several that counts; an empty name and value where none is set."""

    name: str = ""
    value: str = ""


def settings(
    environment: Mapping[str, str],
    config: Mapping[str, str],
    facts: SettingFacts,
    habits: Habits,
    target: Target,
) -> Settings:
    """Judge the environment and pip's configuration for one host and one pip."""
    values = {**config, **environment}
    switch = _switch(values, facts, habits)
    own = _first(facts.proxy, values)
    shared = {} if switch.name else proxies_of_system(target)
    proxy = preferred(own.value, shared, own_wins=habits.has(habits.known.own_proxy_wins))
    hidden = switch.name or (own.name and habits.has(habits.known.own_proxy_hides_variables))
    ca_file = _ca_file(values, facts, habits, hidden=bool(hidden))
    trusting = _trusting(values, facts, habits, target)
    legacy = {pair.partition("=")[0] for pair in facts.legacy_certs if _is_set(pair, values)}
    client_cert = _path(_first(facts.client_cert, values), habits)
    used = {switch.name, ca_file.name, trusting.name, client_cert.name, *legacy}
    is_own = bool(own.name) and proxy == own.value
    if is_own:
        used.add(own.name)
    shown = (
        Setting(name, value, name in used or (not is_own and _names(name, value, proxy)))
        for name, value in _matching(values, facts.shown)
    )
    return Settings(
        shown=tuple(shown),
        ca_file=ca_file.value or None,
        proxy=proxy or None,
        legacy_certs=bool(legacy),
        trusted=trusting.name,
        client_cert=client_cert.value or None,
    )


def _first(names: Iterable[str], values: Mapping[str, str]) -> _Given:
    """The first that is set; an empty value is as good as none."""
    return next((_Given(name, values[name]) for name in names if values.get(name)), _Given())


def _switch(values: Mapping[str, str], facts: SettingFacts, habits: Habits) -> _Given:
    """The switch that hides the variables of other programs, where pip has it and it is on."""
    given = _first(facts.no_variables, values)
    on = given.value.lower() in _ON and habits.has(habits.known.heeds_no_variables)
    return given if on else _Given()


def _ca_file(
    values: Mapping[str, str], facts: SettingFacts, habits: Habits, *, hidden: bool
) -> _Given:
    shared = _Given() if hidden else _first(facts.shared_ca_file, values)
    if shared.name:
        return shared
    return _path(_first(facts.ca_file, values), habits)


def _path(own: _Given, habits: Habits) -> _Given:
    """A path of pip's own settings, as this pip understands it."""
    if own.value.startswith("~") and habits.has(habits.known.expands_home):
        # as pip does it: `Path` fails where there is no such user
        return own._replace(value=os.path.expanduser(own.value))  # noqa: PTH111
    return own


def _trusting(
    values: Mapping[str, str], facts: SettingFacts, habits: Habits, target: Target
) -> _Given:
    """The list of trusted hosts that counts, if it covers this one."""
    given = _first(facts.trusted_hosts, values)
    every_port = habits.has(habits.known.trusts_every_port)
    covered = any(_covers(entry, target, every_port) for entry in given.value.lower().split())
    return given if covered else _Given()


def _covers(entry: str, target: Target, every_port: bool) -> bool:
    """Compare as pip does, which has the default port in no address."""
    if entry.strip("[]") == target.host:
        return every_port or target.has_default_port
    return entry == target.address and not target.has_default_port


def _is_set(pair: str, values: Mapping[str, str]) -> bool:
    name, _, value = pair.partition("=")
    return value in values.get(name, "").replace(",", " ").split()


def _matching(values: Mapping[str, str], patterns: Iterable[str]) -> Iterator[tuple[str, str]]:
    names = re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
    return ((name, values[name]) for name in sorted(values) if names.fullmatch(name))


def _names(name: str, value: str, proxy: str | None) -> bool:
    return value == proxy and name.lower() in _SHARED_PROXIES
