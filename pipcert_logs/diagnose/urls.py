"""URLs and hosts out of a log, validated: what passes here may reach a suggested command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from pipcert_logs.patterns import compiled

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

_URL = compiled(
    r"(?P<scheme>https?)://(?:[^\s/'\"<>]{0,4000}@)?"
    r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?(?![\w.:@-])(?P<path>/[^\s'\"<>,`)]*)?"
)
_ADDRESS = compiled(r"[0-9A-Fa-f.:]+")
_LABEL = compiled(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\Z")
_SAFE_PATH = compiled(r"(?:/[A-Za-z0-9._~+%@=-]*)*\Z")


_PORTS = {"https": 443, "http": 80}


class Place(NamedTuple):
    """Where a server is; another port of the host may have another one."""

    host: str
    port: int | None


class Url(NamedTuple):
    """A URL without credentials, query and fragment."""

    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def port_in_use(self) -> int:
        """The port that it names, or that its scheme stands for."""
        return self.port or _PORTS[self.scheme]

    @property
    def place(self) -> Place:
        """The server that it leads to."""
        return Place(self.host, self.port_in_use)

    @property
    def text(self) -> str:
        """The URL as one writes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{f':{self.port}' if self.port else ''}{self.path}"


def parse_urls(text: str) -> Iterator[Url]:
    """Yield the URLs in a text whose hosts are valid."""
    for match in _URL.finditer(text):
        host = valid_host(match["host"])
        if host is None:
            continue
        path = (match["path"] or "").split("?")[0].split("#")[0]
        path = path if _SAFE_PATH.match(path) else ""
        yield Url(match["scheme"], host, valid_port(match["port"]), path)


def valid_host(text: str | None) -> str | None:
    """Return a host name or address in lower case, or None if it is none.

    >>> valid_host("PyPI.org"), valid_host("$(reboot).example"), valid_host("[::1]")
    ('pypi.org', None, '::1')
    """
    text = (text or "").strip().removeprefix("https://").removeprefix("http://").strip("/ ")
    if "%" not in text and is_address(text.strip("[]")):
        return text.strip("[]")
    labels = text.rstrip(".").split(".")
    if len(text) > 253 or not all(_LABEL.match(label) for label in labels):
        return None
    return text.lower().rstrip(".")


def is_address(host: str) -> bool:
    """Tell whether a host is an IP address."""
    return _address(host) is not None


def is_private_address(host: str) -> bool:
    """Tell whether a host is an IP address of a private network."""
    address = _address(host)
    return address is not None and address.is_private


def _address(host: str) -> IPv4Address | IPv6Address | None:
    if not _ADDRESS.fullmatch(host):
        return None
    from ipaddress import ip_address  # which most logs do not need

    try:
        return ip_address(host)
    except ValueError:
        return None


def valid_port(text: str | None) -> int | None:
    """Return a TCP port, or None."""
    return int(text) if text and text.isdigit() and 0 < int(text) < 65536 else None
