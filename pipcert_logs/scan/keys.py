"""By what a store knows an input again: where it is, without what is secret of it.

How an input is shown will not do: `1.log` is another file in each folder, stars stand for any
login, and `%FF` for a byte that is no text, or for itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from hashlib import blake2b

from pipcert_logs.scan.model import shown

_DIGEST = 16  # bytes
_NOT_ITSELF = re.compile("[%\ud800-\udfff]")


def keys(paths: Iterable[str]) -> list[str]:
    """Return the key of each file or URL; no two that are not the same have one."""
    folders: dict[str, str] = {}
    return [_of_url(path) if "://" in path else _of_file(path, folders) for path in paths]


def _of_file(path: str, folders: dict[str, str]) -> str:
    """Return the path from the root.

    Args:
        path: the path, from here or from the root.
        folders: where folders are that were looked up before.
    """
    folder, name = os.path.split(path)
    if folder not in folders:
        folders[folder] = os.path.realpath(folder)
    whole = os.path.join(folders[folder], name)  # noqa: PTH118 - pathlib takes its time
    return _NOT_ITSELF.sub(lambda mark: f"%{ord(mark[0]):02X}", whole)


def _of_url(url: str) -> str:
    """Return a URL as it is shown, and a digest of what the stars stand for.

    The password is left out of the digest: it does not tell which file it is, it changes, and a
    weak one could be guessed from it.
    """
    scheme, _, rest = url.partition("://")
    server, slash, path = rest.partition("/")
    login, at, host = server.rpartition("@")
    user, _, _ = login.partition(":")
    named = f"{scheme}://{user}{at}{host}{slash}{path}"
    digest = blake2b(named.encode("utf-8", "surrogatepass"), digest_size=_DIGEST)
    return f"{shown(url)} {digest.hexdigest()}"
