"""The host to look at, as a person names it."""

from __future__ import annotations

from typing import NamedTuple

from pipcert_logs.diagnose.urls import parse_urls, valid_host, valid_port

_HTTPS = 443


class Target(NamedTuple):
    """A host, its port, and the path to ask for."""

    host: str
    port: int = _HTTPS
    path: str = "/"

    @property
    def address(self) -> str:
        """Host and port as a URL has them."""
        return f"{bracketed(self.host)}:{self.port}"

    @property
    def has_default_port(self) -> bool:
        """Whether an address needs no port."""
        return self.port == _HTTPS

    @property
    def is_page(self) -> bool:
        """Whether a page was asked for, and not only the host."""
        return self.path != "/"


def bracketed(host: str) -> str:
    """Return a host as it stands before a port."""
    return f"[{host}]" if ":" in host else host


def parse_target(text: str) -> Target | None:
    """Understand `HOST`, `HOST:PORT`, `[IPV6]:PORT` or an https:// address; None for others.

    >>> parse_target("[::1]:8443"), parse_target("https://pypi.org/simple/")
    (Target(host='::1', port=8443, path='/'), Target(host='pypi.org', port=443, path='/simple/'))
    """
    if "://" in text:
        return _of_address(text)
    name, separator, number = text.rpartition(":")
    if not separator or text.endswith("]") or valid_host(text):
        name, number = text, str(_HTTPS)
    host, port = valid_host(name), valid_port(number)
    bare = name.strip("[]").lower() == host or name.rstrip(".").lower() == host
    return Target(host, port) if host and port and bare else None


def _of_address(text: str) -> Target | None:
    url = next(parse_urls(text), None)
    if url is None or url.scheme != "https" or not text.startswith("https://"):
        return None
    return Target(url.host, url.port or _HTTPS, url.path or "/")
