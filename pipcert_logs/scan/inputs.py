"""What there is to scan: the files that paths, wildcards, lists and URLs stand for."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, cast

from pipcert_logs.scan.model import Input, Trouble

Found = Input | Trouble


def find(paths: Iterable[str]) -> Iterator[Found]:
    """Yield the files that paths stand for, each folder's in the order of their names.

    Links inside folders are not followed, as what they lead to is found where it is, or is
    outside; a link that is named itself is.
    """
    for path in paths:
        if "://" in path:
            yield from _remote(path)
        elif os.path.lexists(path):
            yield from _at(path)
        elif matches := sorted(glob.glob(path, recursive=True)):  # noqa: PTH207 - paths are text
            for match in matches:
                yield from _at(match)
        else:
            yield Trouble(path, "does not exist")


def _at(path: str) -> Iterator[Found]:
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError as error:
        yield Trouble(path, _said(error))
        return
    if stat.S_ISDIR(status.st_mode):
        yield from _folder(path)
    elif stat.S_ISREG(status.st_mode):
        yield Input(path, status.st_size, status.st_mtime_ns)
    else:
        yield Trouble(path, "is neither a file nor a folder")


def _folder(path: str) -> Iterator[Found]:
    """Go through a folder and those in it, depth first, without recursion."""
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield Trouble(folder, _said(error))
            continue
        folders = []
        for entry in listed:
            try:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    yield Input(entry.path, status.st_size, status.st_mtime_ns)
            except OSError as error:
                yield Trouble(entry.path, _said(error))
        waiting += reversed(folders)


def _remote(url: str) -> Iterator[Found]:
    from pipcert_logs.scan.remote import find_remote

    yield from find_remote(url)


@contextmanager
def opened(path: str, folder: str = "") -> Iterator[IO[bytes]]:
    """Give an input's bytes.

    Args:
        path: as it was found.
        folder: where it was found, if another process did that.

    Raises:
        OSError: it cannot be opened.
    """
    if "://" in path:
        from pipcert_logs.scan.remote import open_remote

        with open_remote(path) as stream:
            yield stream
    else:
        with open(os.path.join(folder, path), "rb", buffering=0) as stream:  # noqa: PTH118, PTH123
            yield cast(IO[bytes], stream)


def _said(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
