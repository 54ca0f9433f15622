"""Inputs by URL, through fsspec: object stores, web servers, SFTP.

Each of its file systems raises what its own library raises; here all of that becomes OSError.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import IO, TYPE_CHECKING, Any, TypeVar

from pipcert_logs.read.redact import redact
from pipcert_logs.scan.model import Input, Trouble, shown
from pipcert_logs.scan.words import in_text

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_T = TypeVar("_T")
_NANO = 1_000_000_000
_TIMES = (
    "mtime",
    "LastModified",
    "last_modified",
    "updated",
    "modified",
    "Last-Modified",
    "created",
)
# File systems that keep folders; elsewhere a name has slashes in it, and all are listed at once.
_WITH_FOLDERS = ("ftp", "http", "https", "sftp", "smb", "ssh")
_VERSIONS = ("ETag", "etag", "md5Hash", "content_md5", "checksum")


def find_remote(url: str) -> Iterator[Input | Trouble]:
    """Yield the files that a URL stands for: itself, those in a folder, those of a wildcard."""
    try:
        found = _told(lambda: _asked(url, lambda files, path: [*_listed(url, files, path)]))
    except OSError as error:
        yield Trouble(shown(url), str(error))
        return
    if not found:
        yield Trouble(shown(url), "does not exist")
    yield from sorted(found, key=lambda one: one.path)


@contextmanager
def open_remote(url: str) -> Iterator[IO[bytes]]:
    """Give the bytes of a remote file.

    Raises:
        OSError: it cannot be opened.
    """
    with _told(lambda: _asked(url, lambda files, path: files.open(path, "rb"))) as stream:
        yield io.BufferedReader(_Stream(stream), 1 << 20)


class _Stream(io.RawIOBase):
    """A remote file all of whose errors are OSErrors."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._stream.seekable())

    def seek(self, offset: int, whence: int = 0, /) -> int:
        _told(lambda: self._stream.seek(offset, whence))
        return int(_told(self._stream.tell))  # not all say so when they seek

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        target = memoryview(buffer)
        data: bytes = _told(lambda: self._stream.read(len(target)))
        target[: len(data)] = data
        return len(data)


def _told(work: Callable[[], _T]) -> _T:
    """Do some work of a file system; whatever it raises becomes an OSError that can be shown."""
    try:
        return work()
    except Exception as error:  # each library has its own
        raise OSError(_words(error)) from error


def _words(error: Exception) -> str:
    return redact(in_text(_of(error)))


def _of(error: Exception) -> str:
    behind = error.__cause__  # a web server that does not answer is "not found" to fsspec as well
    if isinstance(error, FileNotFoundError) and (not behind or hasattr(behind, "status")):
        return "does not exist"
    if isinstance(error, ImportError):
        name = error.name or "another package"
        return f"takes {name}, which is not installed: {sys.executable} -m pip install {name}"
    if isinstance(error, PermissionError):
        return "may not be read with these credentials"
    return f"cannot be read: {str(behind or error) or type(behind or error).__name__}"


def _asked(url: str, ask: Callable[[Any, str], _T]) -> _T:
    """Ask a file system something about a path, once more if a connection kept from before broke.

    Args:
        url: stands for both.
        ask: given the file system, and what it calls the path.
    """
    import fsspec.core

    files, path = fsspec.core.url_to_fs(url)
    try:
        return ask(files, path)
    except (FileNotFoundError, PermissionError):
        raise
    except Exception:  # each library has its own
        files.clear_instance_cache()
        return ask(*fsspec.core.url_to_fs(url))


def _listed(url: str, files: Any, path: str) -> Iterator[Input | Trouble]:
    if any(mark in path for mark in "*["):
        found = files.glob(path, detail=True).items()
    elif not url.endswith("/") and (details := files.info(path))["type"] != "directory":
        found = [(path, details)]
    elif url.partition("://")[0] in _WITH_FOLDERS:
        found = _below(files, path)
    else:
        found = files.find(path, detail=True).items()
    for name, details in found:
        at = _url(files, name, path, url)
        if isinstance(details, Exception):
            yield Trouble(shown(at), _words(details))
        elif details.get("type") != "directory":
            yield Input(at, int(details.get("size") or 0), _time(details), _version(details))


def _below(files: Any, top: str) -> Iterator[tuple[str, Mapping[str, Any] | Exception]]:
    """Yield what is in a folder and its folders, and the folders that cannot be listed.

    The walk of fsspec passes over those and says nothing.
    """
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            inside = files.ls(folder, detail=True)
        except Exception as error:  # each library has its own
            if folder == top:
                raise
            yield folder, error
            continue
        for details in inside:
            if details["type"] != "directory":
                yield details["name"], details
            elif details["name"].rstrip("/") != folder.rstrip("/"):  # some list themselves
                waiting.append(details["name"])


def _url(files: Any, name: str, path: str, given: str) -> str:
    """Return the URL of a file, with what its file system leaves out of names.

    Args:
        files: the file system.
        name: what it calls the file.
        path: what it calls that which was given.
        given: the URL that was given.
    """
    scheme, _, rest = given.partition("://")
    server, _, below = rest.partition("/")
    if path.strip("/") == below.strip("/"):  # SFTP and the like know one server only
        return f"{scheme}://{server}/{name.lstrip('/')}"
    login = server.rpartition("@")[0]
    url: str = files.unstrip_protocol(name)
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{login}@{rest}" if login and "@" not in rest.partition("/")[0] else url


def _time(details: Mapping[str, Any]) -> int:
    """Return when a file was changed, in nanoseconds since 1970, or 0."""
    stated = next((details[name] for name in _TIMES if details.get(name)), None)
    if isinstance(stated, str):
        stated = _parsed(stated)
    if isinstance(stated, datetime):
        stated = stated.timestamp()
    return int(stated * _NANO) if isinstance(stated, (int, float)) else 0


def _parsed(text: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parse(text.replace("Z", "+00:00"))
        except (ValueError, TypeError):
            continue
    return None


def _version(details: Mapping[str, Any]) -> str:
    return next((str(details[name]) for name in _VERSIONS if details.get(name)), "")
