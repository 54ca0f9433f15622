"""What there is to scan: the files that paths, wildcards, lists and URLs stand for."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, cast

from pipcert_logs.scan.model import Input, Special, Trouble

Found = Input | Special | Trouble

_HERE = re.compile(rf"\A(?:\.[{re.escape(os.sep + (os.altsep or ''))}]+)+")
_SPECIAL = (
    (stat.S_ISFIFO, "pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISBLK, "device"),
    (stat.S_ISCHR, "device"),
)


def find(paths: Iterable[str], own: Iterable[str] = ()) -> Iterator[Found]:
    """Yield the files that paths stand for, each folder's in the order of their names.

    Links inside folders are not followed, as what they lead to is found where it is, or is
    outside; a link that is named itself is. What is here is named without `./`, so that a log has
    one name, however this folder was named.

    Args:
        paths: folders, files, wildcards and URLs.
        own: files that the scan itself writes: no inputs, however they are named.
    """
    written = [os.stat(path) for path in own if os.path.exists(path)]  # noqa: PTH110, PTH116
    for found in _find(paths):
        if not (written and isinstance(found, Input) and _is_one(found.path, written)):
            yield found


def _is_one(path: str, written: Iterable[os.stat_result]) -> bool:
    """Tell whether a path leads to one of some files."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return False  # it is remote, or has gone, which is told when it is opened
    return any(os.path.samestat(status, other) for other in written)


def _find(paths: Iterable[str]) -> Iterator[Found]:
    for path in paths:
        if "://" in path:
            yield from _remote(path)
        elif os.path.lexists(path):
            yield from _at(path)
        elif matches := sorted(glob.glob(path, recursive=True)):  # noqa: PTH207 - paths are text
            for match in matches:
                yield from _at(match)
        else:
            yield Trouble(path, _missing(path))


def _missing(path: str) -> str:
    if path == "-":
        return "is no file. A log on standard input: pipcert-explain. A list: --files-from -"
    return "fits no file" if set("*?[") & set(path) else "does not exist"


def _at(path: str) -> Iterator[Found]:
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError as error:
        yield Trouble(path, _said(error))
        return
    name = _HERE.sub("", path)
    if stat.S_ISDIR(status.st_mode):
        yield from _folder("" if name == os.curdir else name)
    elif stat.S_ISREG(status.st_mode):
        yield Input(name, status.st_size, status.st_mtime_ns)
    else:
        yield Trouble(path, f"is a {_kind(status)}, neither a file nor a folder")


def _folder(path: str) -> Iterator[Found]:
    """Go through a folder, "" for this one, and those in it, depth first, without recursion."""
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder or os.curdir) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield Trouble(folder or os.curdir, _said(error))
            continue
        folders = []
        for entry in listed:
            path = os.path.join(folder, entry.name)  # noqa: PTH118
            try:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(path)
                elif not entry.is_symlink():
                    yield _in_folder(path, entry.stat(follow_symlinks=False))
            except OSError as error:
                yield Trouble(path, _said(error))
        waiting += reversed(folders)


def _in_folder(path: str, status: os.stat_result) -> Input | Special:
    if stat.S_ISREG(status.st_mode):
        return Input(path, status.st_size, status.st_mtime_ns)
    return Special(path, _kind(status))


def _kind(status: os.stat_result) -> str:
    return next((kind for of, kind in _SPECIAL if of(status.st_mode)), "special file")


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
