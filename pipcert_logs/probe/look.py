"""Handshakes with a host: one that only looks, and others that verify."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from pipcert_logs import __version__
from pipcert_logs.probe.certificates import parse
from pipcert_logs.probe.connection import UnreachedError, Way, connected, head, staged
from pipcert_logs.probe.findings import DONE, Answer, Reach, Seen, Store, Verdict
from pipcert_logs.probe.target import Target
from pipcert_logs.probe.tls import Tls, unverified
from pipcert_logs.probe.trust import context

_MOST_CERTIFICATES = 20
_TRIES = 3
_PASSING = frozenset(
    ("timeout", "ECONNRESET", "ECONNABORTED", "EPIPE", "UNEXPECTED_EOF_WHILE_READING")
)
"""What may be over at the next try, as pip tries again too."""


class Allowance(NamedTuple):
    """What a verification shall let pass, to see what else is wrong."""

    issuer: str = ""
    """A certificate, as PEM, that is trusted as if it were a root."""
    any_name: bool = False


def see(way: Way) -> Seen:
    """Shake hands without verification, and ask for the time; try again what may pass."""
    tries = 0
    while True:
        tries += 1
        seen = _seen_once(way)
        if seen.reach.error not in _PASSING or tries == _TRIES:
            return seen._replace(reach=seen.reach._replace(tries=tries))


def _seen_once(way: Way) -> Seen:
    try:
        with connected(way) as pipe:
            secured = Tls(pipe, unverified(), way.target.host)
            with staged("tls", secured):
                secured.handshake()
            chain = tuple(parse(der) for der in secured.chain()[:_MOST_CERTIFICATES])
            reach = Reach(DONE, protocol=secured.protocol)
            return Seen(reach, chain, _asked(secured, way.target._replace(path="/")))
    except UnreachedError as ended:
        return Seen(Reach(ended.stage, ended.error, ended.answer))


def _asked(secured: Tls, target: Target) -> Answer | None:
    request = (
        f"GET {target.path} HTTP/1.1\r\nHost: {target.address}\r\nAccept: text/html\r\n"
        f"User-Agent: pipcert-logs/{__version__}\r\nConnection: close\r\n\r\n"
    )
    try:
        secured.sendall(request.encode())
        first, _, rest = head(secured).partition(b"\r\n")
    except OSError:
        return None
    words = first.decode("latin-1").split()
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdigit():
        return None
    return Answer(words[1][:3], _offset(rest), target.is_page)


def _offset(headers: bytes) -> int | None:
    for line in headers.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"date":
            try:
                there = parsedate_to_datetime(value.decode("latin-1").strip())
                return round(there.timestamp() - time.time())
            except (ValueError, OverflowError, OSError):
                return None
    return None


def ask_for_page(way: Way, stores: Iterable[Store], *, strict: bool) -> Answer | None:
    """Ask for a page those whom some stores vouch for; its path may be a secret."""
    try:
        with connected(way) as pipe, staged("tls"):
            secured = Tls(pipe, context(stores, strict=strict), way.target.host)
            secured.handshake()
            return _asked(secured, way.target)
    except UnreachedError:
        return None


def verify(
    way: Way,
    by: str,
    stores: Iterable[Store],
    *,
    strict: bool = False,
    allowed: Allowance | None = None,
) -> Verdict:
    """Shake hands with verification by some stores, none of which is missing."""
    parts = list(stores)
    opaque = any(store.state == "opaque" for store in parts)
    terms = context(parts, strict=strict)
    if allowed:
        _allow(terms, allowed)
    try:
        with connected(way) as pipe, staged("tls"):
            Tls(pipe, terms, way.target.host).handshake()
    except UnreachedError as ended:
        refusal = ended.__cause__
        if isinstance(refusal, ssl.SSLCertVerificationError) and not opaque:
            return Verdict(by, "refused", refusal.verify_code, refusal.verify_message)
        return Verdict(by, "unknown", text=ended.error)
    return Verdict(by, "accepted")


def _allow(terms: ssl.SSLContext, allowed: Allowance) -> None:
    terms.check_hostname = not allowed.any_name
    if allowed.issuer:
        terms.load_verify_locations(cadata=allowed.issuer)
        terms.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
