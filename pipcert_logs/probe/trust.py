"""The trust stores of a client, and contexts that trust some of them."""

from __future__ import annotations

import os
import re
import ssl
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from pipcert_logs.probe.client import Client
from pipcert_logs.probe.findings import ClientCert, Store

_SYSTEM = "system"
_HASHED = re.compile(r"[0-9a-f]{8}\.\d", re.IGNORECASE)


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
        if store.state == "good":
            _load(made, store)
    return made


def _carried(path: str | None) -> Store:
    """What pip itself cannot tell is no broken store."""
    return _store("carried", path) if path else Store("carried", False, "opaque", ("unknown",))


def _system(client: Client, system_bundles: Iterable[str]) -> Store:
    if sys.platform == "darwin":
        return Store(_SYSTEM, False, "opaque", ("the keychain",))
    if sys.platform == "win32":
        return _store(_SYSTEM, "the certificate store")
    return _store(_SYSTEM, *_system_places(client, system_bundles))


def _system_places(client: Client, system_bundles: Iterable[str]) -> Iterator[str]:
    """Give OpenSSL's own places, or the first known one where these are empty, as pip does."""
    file, folders = client.tls.cafile, client.tls.capath or ""
    if file or (folders and _hashed(Path(folders))):  # several count beside a file only
        yield from (place for place in (file, *folders.split(os.pathsep)) if place)
    else:
        yield from [bundle for bundle in system_bundles if Path(bundle).is_file()][:1]


def _hashed(folder: Path) -> list[str]:
    """Name what a folder has under the names by which OpenSSL looks for certificates."""
    with suppress(OSError):
        return [file.name for file in folder.iterdir() if _HASHED.fullmatch(file.name)]
    return []


def _store(name: str, *places: str) -> Store:
    looked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    store = Store(name, False, "missing", places)
    if not places:
        return store
    try:
        _load(looked, store)
    except FileNotFoundError:
        return store
    except (OSError, ValueError):
        return replace(store, state="unusable")
    held = looked.get_ca_certs()
    # the certificates of a folder are read one by one, when they are needed
    count = looked.cert_store_stats()["x509"] + sum(len(_hashed(Path(place))) for place in places)
    if count:
        known = frozenset(_organisations(held))
        return replace(store, state="good", count=count, organisations=known)
    is_folder = any(Path(place).is_dir() for place in places)
    return replace(store, state="unhashed" if is_folder else "unusable")


def _load(into: ssl.SSLContext, store: Store) -> None:
    """Add what a store holds; the system's goes without a place that is of no use."""
    if store.name != _SYSTEM:
        _load_place(into, *store.places)
    elif sys.platform == "win32":
        into.load_default_certs()
    else:
        for place in store.places:
            with suppress(OSError, ValueError):
                _load_place(into, place)


def _load_place(into: ssl.SSLContext, place: str) -> None:
    if Path(place).is_dir():
        into.load_verify_locations(capath=place)
    else:
        into.load_verify_locations(cafile=place)


def _organisations(held: Iterable[dict[str, Any]]) -> Iterator[str]:
    for certificate in held:
        for part in certificate["subject"]:
            yield from (value for key, value in part if key == "organizationName")


def client_cert(path: str) -> ClientCert:
    """Look into the file of a client's certificate and key; nobody is asked for a passphrase."""
    if not Path(path).exists():
        return ClientCert(path, "missing")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(path, password="")
    except (OSError, ValueError):
        return ClientCert(path, "unusable")
    return ClientCert(path, "good")
