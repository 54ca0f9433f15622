"""A real squid that re-signs TLS (ssl-bump), as companies run it: named as proxy, or in between."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.certificates import Certificates, private_key
from corpus.model import Proxy
from corpus.ready import server

CERTGEN = Path("/usr/lib/squid/security_file_certgen")
NAMED = "squid"
BETWEEN = "squid-between"
"""Between the client and the network, without the client's knowing: it gets what goes to 443."""
WAYS = (NAMED, BETWEEN)
BETWEEN_PORT = 3129
ACCOUNT = "proxy"
BUMP = "ssl-bump cert={folder}/authority.pem generate-host-certificates=on"
CONFIGURATION = """
http_port {address}:{port} {bump}
https_port 127.0.0.1:{between} intercept {bump}
sslcrtd_program {certgen} -s {folder}/certificates -M 4MB
sslcrtd_children 1
ssl_bump stare all
ssl_bump bump all
http_access allow all
tls_outgoing_options cafile={folder}/public-root.pem
hosts_file {folder}/hosts
visible_hostname {host}
cache deny all
pid_filename none
access_log none
cache_log {folder}/squid.log
shutdown_lifetime 0 seconds
"""
# What squid itself sends has to go on, or it would meet itself.
REDIRECT = (
    f"-p tcp --dport 443 -m owner ! --uid-owner {ACCOUNT} -j REDIRECT --to-ports {BETWEEN_PORT}"
)


def needed(does: str) -> dict[str, bool]:
    """Tell of each program that a proxy of this kind needs whether it is there."""
    there = {"squid-openssl": shutil.which("squid") is not None and CERTGEN.exists()}
    iptables = {"iptables": shutil.which("iptables") is not None}
    return {NAMED: there, BETWEEN: there | iptables}.get(does, {})


@contextmanager
def running(proxy: Proxy, address: str, hosts: str, certificates: Certificates) -> Iterator[None]:
    """Run squid at an address, and send it what goes to port 443 where it stands in between."""
    with _squid(proxy, address, hosts, certificates):
        if proxy.does == NAMED:
            yield
            return
        _iptables("-A")
        try:
            yield
        finally:
            _iptables("-D")


def _iptables(action: str) -> None:
    call = ["iptables", "-t", "nat", action, "OUTPUT", *REDIRECT.split()]
    subprocess.run(call, check=True, timeout=20)


@contextmanager
def _squid(proxy: Proxy, address: str, hosts: str, certificates: Certificates) -> Iterator[None]:
    """Run squid at an address, with the inspection authority's key and the lab's names."""
    with tempfile.TemporaryDirectory(prefix="lab-squid-") as name:
        folder = Path(name)
        write_files(folder, proxy, address, hosts, certificates)
        with server(["squid", "-N", "-f", str(folder / "squid.conf")], address, proxy.port):
            yield


def write_files(
    folder: Path, proxy: Proxy, address: str, hosts: str, certificates: Certificates
) -> None:
    """Write what squid reads, as root, and make what it writes when it has given these rights up.

    Only the latter is squid's own: who can write to the configuration has root run what it names.
    """
    authority = certificates.authorities["inspection"]
    configuration = CONFIGURATION.format(
        address=address,
        port=proxy.port,
        host=proxy.host,
        between=BETWEEN_PORT,
        bump=BUMP.format(folder=folder),
        folder=folder,
        certgen=CERTGEN,
    )
    for name, content, mode in (
        ("squid.conf", configuration.encode(), 0o600),
        ("authority.pem", private_key(authority.key) + authority.pem("intermediate"), 0o600),
        ("public-root.pem", certificates.public_root, 0o644),
        ("hosts", hosts.encode(), 0o644),
        ("squid.log", b"", 0o600),
    ):
        (folder / name).write_bytes(content)
        (folder / name).chmod(mode)
    call = [str(CERTGEN), "-c", "-s", str(folder / "certificates"), "-M", "4MB"]
    subprocess.run(call, check=True, capture_output=True, timeout=20)
    own = folder / "certificates"
    own.chmod(0o700)  # keys are in it too
    for path in (folder / "squid.log", own, *own.rglob("*")):
        shutil.chown(path, ACCOUNT)
    folder.chmod(0o711)
