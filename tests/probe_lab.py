"""Servers and proxies of the lab on this machine's own address, and the command that looks."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from corpus.certificates import Certificates
from corpus.model import Proxy, Site
from corpus.network import listening
from corpus.proxies import PROXIES, plain_only
from corpus.sites import BEHAVIOURS, Handle
from pipcert_logs.probe.client import Client, Pip, SslModule

HERE = "127.0.0.1"
LOCAL = "localhost"
PUBLIC = "pypi.org"
PROBE = (sys.executable, "-m", "pipcert_logs", "probe")
PATIENCE = 60
NEW = "26.3"


def free_port() -> int:
    with socket.create_server((HERE, 0)) as server:
        return int(server.getsockname()[1])


class Lab:
    """Servers of the lab, and a client that trusts the lab's public authority."""

    def __init__(self, folder: Path, stack: ExitStack, certificates: Certificates) -> None:
        self.stack = stack
        self.certificates = certificates
        self.bundle = folder / "public.pem"
        self.bundle.write_bytes(certificates.public_root)
        self.client = Client(
            python="3.11.7",
            tls=SslModule("present", cafile=str(self.bundle)),
            pip=Pip("26.3", str(self.bundle)),
            certifi=None,
            socks=False,
        )

    def serve(self, handle: Handle) -> int:
        port = free_port()
        self.stack.enter_context(listening(HERE, port, handle))
        return port

    def site(self, does: str = "tls", cert: str = "public", host: str = LOCAL) -> int:
        site = Site(host, does=does, cert=cert)
        return self.serve(BEHAVIOURS[does](site, self.certificates))

    def proxy(self, does: str, cert: str = "inspected") -> str:
        """Start a proxy behind which the public index is sound."""
        port = self.site(host=PUBLIC)

        def dial(host: str) -> socket.socket:
            return socket.create_connection((HERE, port))

        proxy = Proxy(does, cert=cert)
        handle = PROXIES[does](proxy, dial, lambda host: Site(host), self.certificates)
        return f"{HERE}:{self.serve(plain_only(handle))}"


def probe(*words: str, log: bytes = b"", **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    return subprocess.run(
        [*PROBE, *words],
        input=log.decode(),
        env={**kept, "PIP_CONFIG_FILE": os.devnull, **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


class Person:
    """Somebody with a pip of their own, and a private index that it does not trust."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        self.authority = folder / "corp.pem"
        self.authority.write_bytes(lab.certificates.authorities["corp"].pem("root"))
        self.elsewhere = folder / "public.pem"
        self.elsewhere.write_bytes(lab.certificates.public_root)
        self.port = lab.site(cert="corp")

    def has_pip(self, version: str, config: str = "", carries: Path | None = None) -> None:
        """Install what says that it is a pip."""
        files = {
            "__init__.py": f"__version__ = {version!r}\n",
            "__main__.py": f"print({config!r})\n",
            "_vendor/__init__.py": "",
            "_vendor/certifi.py": f"def where(): return {str(carries or self.elsewhere)!r}\n",
        }
        for name, text in files.items():
            path = self.folder / "packages" / "pip" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def looks(self, host: str = "", **variables: str) -> dict[str, Any]:
        """Look at the private index, or at another host."""
        known = {
            "HOME": str(self.folder),
            "PYTHONPATH": str(self.folder / "packages"),
            "SSL_CERT_FILE": str(self.elsewhere),
            "SSL_CERT_DIR": "/no/such/folder",
        }
        address = host or f"{LOCAL}:{self.port}"
        call = (address, "--python", sys.executable, "--format", "json", "--timeout", "3")
        result = probe(*call, **(known | variables))
        assert result.stderr == ""
        report: dict[str, Any] = json.loads(result.stdout)
        return report


def cause(report: dict[str, Any]) -> str:
    """Give the cause that is as good as certain, or an empty text where nothing is wrong."""
    assert report["verdict"] == ("failed" if report["causes"] else "clean")
    if not report["causes"]:
        return ""
    assert report["causes"][0]["probability"] > 0.95
    return str(report["causes"][0]["id"])
