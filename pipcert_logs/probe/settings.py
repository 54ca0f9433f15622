"""Which of the settings in force pip will use, by the order of precedence that the rules know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from pipcert_logs.diagnose.urls import valid_host
from pipcert_logs.knowledge.model import SettingFacts
from pipcert_logs.probe.target import Target, bracketed

_PORTS = {"http": 80, "https": 443}


class Setting(NamedTuple):
    """A variable or an entry of pip's configuration, and whether pip uses it here."""

    name: str
    value: str
    used: bool


class Proxy(NamedTuple):
    """A proxy as a setting names it."""

    scheme: str
    host: str
    port: int
    user: str
    password: str

    @property
    def address(self) -> str:
        """Host and port, without who uses it."""
        return f"{bracketed(self.host)}:{self.port}"


class Settings(NamedTuple):
    """What is set, and what follows from it."""

    shown: tuple[Setting, ...]
    ca_file: str | None
    proxy: str | None
    legacy_certs: bool


def settings(
    environment: Mapping[str, str],
    config: Mapping[str, str],
    facts: SettingFacts,
    target: Target,
) -> Settings:
    """Judge the environment and pip's configuration for one host."""
    values = {**config, **environment}
    ca_name = _first(facts.ca_file, values)
    own_proxy = _first(facts.proxy, values)
    proxy = values[own_proxy] if own_proxy else _proxy_of_system(target)
    legacy = [pair for pair in facts.legacy_certs if _is_set(pair, values)]
    used = {ca_name, own_proxy, *(pair.partition("=")[0] for pair in legacy)}
    shown = (
        Setting(name, value, name in used or (not own_proxy and _names(name, value, proxy)))
        for name, value in _matching(values, facts.shown)
    )
    ca_file = values[ca_name] if ca_name else None
    return Settings(tuple(shown), ca_file, proxy, bool(legacy))


def _first(names: Iterable[str], values: Mapping[str, str]) -> str | None:
    """The first that is set; an empty value is as good as none."""
    return next((name for name in names if values.get(name)), None)


def _is_set(pair: str, values: Mapping[str, str]) -> bool:
    name, _, value = pair.partition("=")
    return value in values.get(name, "").replace(",", " ").split()


def _matching(values: Mapping[str, str], patterns: Iterable[str]) -> Iterator[tuple[str, str]]:
    names = re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
    return ((name, values[name]) for name in sorted(values) if names.fullmatch(name))


def _names(name: str, value: str, proxy: str | None) -> bool:
    return value == proxy and name.lower().endswith("_proxy")


def _proxy_of_system(target: Target) -> str | None:
    """The proxy of the environment or the system, as requests has it."""
    proxies = getproxies()
    if proxy_bypass(f"{bracketed(target.host)}:{target.port}") or proxy_bypass(target.host):
        return None
    return proxies.get("https") or proxies.get("all")


def parse_proxy(text: str) -> Proxy | None:
    """Understand a proxy's URL as requests does; None where it names no host."""
    full = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(full)
        host, port = valid_host(parts.hostname), parts.port
    except ValueError:
        return None
    if host is None:
        return None
    port = port or _PORTS.get(parts.scheme, 1080)
    names = unquote(parts.username or ""), unquote(parts.password or "")
    return Proxy(parts.scheme.lower(), host, port, *names)
