"""What a server is told: where it listens, who may ask, and how much."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

from msgspec import Struct

TOKEN_VARIABLE = "PIPCERT_TOKEN"
_SHORTEST = 16


class SettingsError(Exception):
    """Settings that cannot be used; the message says what to do."""


class Limits(Struct, frozen=True):
    """What one request, and one client, may take."""

    body: int = 10 << 20
    """Bytes of a request."""
    unpacked: int = 64 << 20
    """Bytes of a log, where it comes compressed."""
    seconds: float = 20.0
    """For the head of a request, again for its body, and again for its answer."""
    in_flight: int = 64
    """Requests that are worked on or wait; another is turned away at once."""
    rate: int = 600
    """Requests of one client a minute; 0 for any number."""


class Settings(Struct, frozen=True):
    """All that a server is told."""

    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    """Processes that explain."""
    token: str | None = None
    packs: tuple[str, ...] = ()
    """Packs of rules on top of the built-in ones."""
    limits: Limits = Limits()

    @property
    def names(self) -> tuple[str, ...]:
        """The only names by which a server may be called that only this machine reaches."""
        if not is_loopback(self.host):
            return ()
        hosts = dict.fromkeys(("localhost", "127.0.0.1", "[::1]", self.host.lower()))
        return tuple(name for host in hosts for name in (f"{host}:{self.port}", host))


def is_loopback(host: str) -> bool:
    """Tell whether nobody but this machine reaches a server there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def token_for(host: str, file: str | None, *, exposed: bool) -> str | None:
    """Return the token that clients have to show, from a file or the environment.

    Args:
        host: where the server is to listen.
        file: the file that holds the token, if any is named.
        exposed: whether somebody said that none is wanted.

    Raises:
        SettingsError: one is needed and there is none, or it cannot be used.
    """
    token = _read(file) if file else os.environ.get(TOKEN_VARIABLE, "").strip()
    if file and not token:
        raise SettingsError(f"{file} is empty; put a token of {_SHORTEST} characters into it")
    if token and len(token) < _SHORTEST:
        raise SettingsError(f"the token is too short; take {_SHORTEST} characters or more")
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise SettingsError("the token may hold ASCII letters, digits and signs, and no space")
    if not token and not exposed and not is_loopback(host):
        raise SettingsError(
            f"{host} is reached from other machines: give a token with --token-file FILE or in "
            f"{TOKEN_VARIABLE}, or say --expose-without-token if all who reach it may ask"
        )
    return token or None


def _read(file: str) -> str:
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}") from error
