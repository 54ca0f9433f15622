"""A real nginx that ends TLS before static files, or before the real server of an index."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from corpus import real_indexes
from corpus.certificates import Certificates
from corpus.index import answer
from corpus.model import ACCOUNT, Site
from corpus.ready import server
from corpus.wheels import PACKAGES

SITES = ("nginx", *real_indexes.SERVERS)
"""The behaviours of `corpus.model.Site` that nginx has a part in."""
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
    location / {{
      {guard}
      {content}
    }}
  }}
}}
"""

PASSED_ON = """
      proxy_pass http://{address}:{port};
      proxy_read_timeout 1s;
      proxy_set_header Authorization {authorization};
      {names}
"""
# How the servers behind it are told the address that they give in links and redirects: devpi-server
# by a header; pypiserver never learns of TLS, so its redirects are rewritten.
TOLD = """
      proxy_set_header Host $http_host;
      proxy_set_header X-outside-url $scheme://$http_host;
      proxy_redirect http:// $scheme://;
"""
UNTOLD = {
    "devpi": f"proxy_set_header Host localhost:{real_indexes.DEVPI_PORT};",  # nginx's own habit
    "pypiserver": "proxy_set_header Host $http_host;",
}


def installed() -> bool:
    """Tell whether this machine has nginx."""
    return shutil.which("nginx") is not None


@contextmanager
def running(site: Site, address: str, certificates: Certificates) -> Iterator[None]:
    """Serve a site's pages and files at an address, or pass requests on to its server there."""
    with tempfile.TemporaryDirectory(prefix="lab-nginx-") as name:
        folder = Path(name)
        (folder / "accounts").write_text(f"{ACCOUNT[0]}:{{PLAIN}}{ACCOUNT[1]}\n")
        (folder / "nginx.conf").write_text(
            CONFIGURATION.format(
                folder=folder,
                address=address,
                port=site.port,
                host=site.host,
                served=certificates.served(site.cert, site.host),
                guard=_guard(site, folder),
                content=_content(site, address, folder / "static"),
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


def _guard(site: Site, folder: Path) -> str:
    if site.pages == "200" or site.does not in ("nginx", "devpi"):
        return ""
    if site.pages == "401":
        return f'auth_basic "index"; auth_basic_user_file {folder}/accounts;'
    return f"return {site.pages};" if site.does == "nginx" else ""


def _content(site: Site, address: str, static: Path) -> str:
    if site.does == "nginx":
        _write_files(replace(site, pages="200"), static)
        return f"root {static};"
    return PASSED_ON.format(
        address=address,
        port=real_indexes.SERVERS[site.does].port,
        # devpi-server would take nginx's account for one of its own.
        authorization='""' if site.does == "devpi" else "$http_authorization",
        names=UNTOLD[site.does] if site.untold else TOLD,
    )
