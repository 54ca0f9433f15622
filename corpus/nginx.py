"""A real nginx before static files: the plainest private index."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from corpus.certificates import Certificates
from corpus.index import answer
from corpus.model import ACCOUNT, Site
from corpus.ready import server
from corpus.wheels import PACKAGES

CONFIGURATION = """
daemon off;
user root;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  types {{ text/html html; application/octet-stream whl; }}
  server {{
    listen {address}:{port} ssl;
    server_name {host};
    ssl_certificate {served};
    ssl_certificate_key {served};
    root {folder}/static;
    location / {{ {guard} }}
  }}
}}
"""


def installed() -> bool:
    """Tell whether this machine has nginx."""
    return shutil.which("nginx") is not None


@contextmanager
def running(site: Site, address: str, certificates: Certificates) -> Iterator[None]:
    """Serve a site's pages and files at an address."""
    with tempfile.TemporaryDirectory(prefix="lab-nginx-") as name:
        folder = Path(name)
        _write_files(replace(site, pages="200"), folder / "static")
        (folder / "accounts").write_text(f"{ACCOUNT[0]}:{{PLAIN}}{ACCOUNT[1]}\n")
        (folder / "nginx.conf").write_text(
            CONFIGURATION.format(
                folder=folder,
                address=address,
                port=site.port,
                host=site.host,
                served=certificates.served(site.cert, site.host),
                guard=_guard(site.pages, folder),
            )
        )
        with server(["nginx", "-p", name, "-c", "nginx.conf"], address, site.port):
            yield


def _write_files(site: Site, root: Path) -> None:
    for name in site.packages:
        path = f"{site.prefix}/{name}/"
        page = root / path.strip("/") / "index.html"
        page.parent.mkdir(parents=True)
        page.write_bytes(answer(site, path).body)
        file = root / "packages" / PACKAGES[name].filename
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(answer(site, f"/packages/{file.name}").body)


def _guard(pages: str, folder: Path) -> str:
    if pages == "200":
        return ""
    if pages == "401":
        return f'auth_basic "index"; auth_basic_user_file {folder}/accounts;'
    return f"return {pages};"
