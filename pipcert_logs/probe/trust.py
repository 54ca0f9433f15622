"""The trust stores of a client, and contexts that trust some of them."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipcert_logs.probe.client import Client
from pipcert_logs.probe.findings import Store

_SYSTEM = "system"


def stores(
    client: Client, configured: str | None, system_bundles: Iterable[str]
) -> tuple[Store, ...]:
    """Look into the stores that a client may go by."""
    found = [_store("configured", configured)] if configured else []
    if client.pip.version:
        found.append(_carried(client.pip.bundle))
    if client.certifi:
        found.append(_store("certifi", client.certifi))
    return (*found, _system(client, system_bundles))


def context(parts: Iterable[Store], *, strict: bool = False) -> ssl.SSLContext:
    """Return a context that trusts what some stores hold, and nothing else."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if strict:
        made.verify_flags |= ssl.VERIFY_X509_STRICT
    for store in parts:
        _load(made, store.name, store.path)
    return made


def _carried(path: str | None) -> Store:
    """What pip itself cannot tell is no broken store."""
    return _store("carried", path) if path else Store("carried", False, "opaque", "unknown")


def _system(client: Client, system_bundles: Iterable[str]) -> Store:
    if sys.platform == "darwin":
        return Store(_SYSTEM, False, "opaque", "the keychain")
    if sys.platform == "win32":
        return _store(_SYSTEM, "the certificate store")
    places = [client.tls.cafile, client.tls.capath, *system_bundles]
    tried = [_store(_SYSTEM, place) for place in places if place]
    return next((store for store in tried if store.state == "good"), tried[0])


def _store(name: str, path: str) -> Store:
    looked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        _load(looked, name, path)
    except FileNotFoundError:
        return Store(name, False, "missing", path)
    except (OSError, ValueError):
        return Store(name, False, "unusable", path)
    held = looked.get_ca_certs()
    # the certificates of a folder are read one by one, when they are needed
    count = len(held) or (len(list(Path(path).iterdir())) if Path(path).is_dir() else 0)
    state = "good" if count else "unusable"
    return Store(name, False, state, path, count, frozenset(_organisations(held)))


def _load(into: ssl.SSLContext, name: str, path: str) -> None:
    if name == _SYSTEM and sys.platform == "win32":
        into.load_default_certs()
    elif Path(path).is_dir():
        into.load_verify_locations(capath=path)
    else:
        into.load_verify_locations(cafile=path)


def _organisations(held: Iterable[dict[str, Any]]) -> Iterator[str]:
    for certificate in held:
        for part in certificate["subject"]:
            yield from (value for key, value in part if key == "organizationName")
