"""What pypi.org answers to a client that takes nothing but JSON, as poetry does there."""

from __future__ import annotations

import hashlib
import json

from corpus.wheels import Package, content


def page(package: Package, url: str) -> bytes:
    """Give the list of the package's files."""
    file = {
        "filename": package.filename,
        "url": url,
        "hashes": {"sha256": _digest(package)},
        "requires-python": package.requires_python or None,
    }
    return _encoded({"meta": {"api-version": "1.0"}, "name": package.name, "files": [file]})


def release(package: Package, url: str) -> bytes:
    """Give what is known of the package's one version."""
    info = {
        "name": package.name,
        "version": package.version,
        "summary": "",
        "requires_dist": package.requires,
        "requires_python": package.requires_python or None,
    }
    file = {
        "filename": package.filename,
        "packagetype": "sdist" if package.build else "bdist_wheel",
        "url": url,
        "digests": {"sha256": _digest(package)},
    }
    return _encoded({"info": info, "urls": [file]})


def _digest(package: Package) -> str:
    return hashlib.sha256(content(package)).hexdigest()


def _encoded(answer: object) -> bytes:
    return json.dumps(answer).encode()
