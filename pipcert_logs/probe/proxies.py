"""Proxies: how a setting names one, and which of them a host is reached through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from pipcert_logs.diagnose.urls import valid_host
from pipcert_logs.probe.target import Target, bracketed

_CUT_LOGIN = re.compile(r"[/?#].*@")
_PORTS = {"http": 80, "https": 443}


class Proxy(NamedTuple):
    """A proxy as a setting names it."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    names_port: bool
    """Else the port is the usual one of the scheme."""

    @property
    def address(self) -> str:
        """Host and port, without who uses it."""
        return f"{bracketed(self.host)}:{self.port}"


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
    used = port or _PORTS.get(parts.scheme, 1080)
    names = unquote(parts.username or ""), unquote(parts.password or "")
    return Proxy(parts.scheme.lower(), host, used, *names, names_port=port is not None)


def is_unencoded(text: str) -> bool:
    """Whether a proxy's URL ends before its login does, at a character to be percent-encoded."""
    return bool(_CUT_LOGIN.search(text.rpartition("://")[2]))


def proxies_of_system(target: Target) -> Mapping[str, str]:
    """The proxies of the environment or the system for a host, as requests has them."""
    proxies = getproxies()
    if proxy_bypass(f"{bracketed(target.host)}:{target.port}") or proxy_bypass(target.host):
        return {}
    return proxies


def preferred(own: str, shared: Mapping[str, str], *, own_wins: bool) -> str:
    """Choose the proxy for an https:// address, if any: pip's own, or one of all programs."""
    if own and own_wins:
        return own
    return shared.get("https") or own or shared.get("all", "")
