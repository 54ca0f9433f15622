"""Inputs by URL, through fsspec: object stores, web servers, SFTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from pipcert_logs.scan.model import Input, Trouble


def find_remote(url: str) -> Iterator[Input | Trouble]:
    """Yield the files that a URL stands for: itself, those in a folder, those of a wildcard."""
    raise NotImplementedError


@contextmanager
def open_remote(url: str) -> Iterator[IO[bytes]]:
    """Give the bytes of a remote file.

    Raises:
        OSError: it cannot be opened.
    """
    raise NotImplementedError
