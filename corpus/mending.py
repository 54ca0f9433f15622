"""The lab as it is when somebody else has acted: servers and proxies mended, and a way out."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from corpus.certificates import Certificates
from corpus.faults.common import FILES
from corpus.model import Fault, Proxy, Site
from corpus.network import IDLE, Network, listening
from corpus.nginx import SITES
from corpus.proxies import plain_only, tunnelling
from corpus.sites import Handle, tls
from corpus.tools import Tool
from corpus.wheels import PACKAGES

IMPOSTOR = "impostor"
RIGHT = Site("packages.lan.example", packages=tuple(PACKAGES))
"""An index that works, for whoever is asked for a right address."""
WAY_OUT = Proxy("honest", host="way-out.corp.example.com")
"""A proxy that reaches the public hosts even where the direct way is blocked."""
_WAY_OUT_ADDRESS = "127.0.0.201"


def by_settings(fault: Fault, tool: Tool) -> Fault:
    """Give the fault with its options as variables, so that a remedy's settings can change them."""
    words = fault.call.replace("{quick}", tool.quick)
    left, env = [], dict(fault.env)
    parts = iter(words.split(" "))
    for part in parts:
        if part in tool.settings:
            env[tool.settings[part]] = next(parts)
        else:
            left.append(part)
    return replace(fault, call=" ".join(left), env=env, sites=_with_all_hosts(fault.sites))


def _with_all_hosts(sites: tuple[Site, ...]) -> tuple[Site, ...]:
    """Add the hosts that a working install needs and the fault does not get to."""
    there = {site.host for site in sites}
    wanted = {site.files_host for site in sites if site.files_host}
    return (*sites, *(replace(FILES, host=host) for host in sorted(wanted - there)), RIGHT)


def mended(fault: Fault) -> Fault:
    """Give the fault after somebody who can mend it did what was asked."""
    return replace(
        fault,
        sites=tuple(_sound(site) for site in fault.sites),
        proxy=replace(fault.proxy, does="honest") if fault.proxy else None,
    )


def _sound(site: Site) -> Site:
    does = site.does if site.does in SITES else "tls"
    return replace(site, does=does, cert="public", pages="200", files="200", untold=False)


def with_impostor(fault: Fault) -> Fault:
    """Have somebody else answer for every host, with a certificate of nobody that is trusted."""
    sites = tuple(replace(_sound(site), cert=IMPOSTOR) for site in fault.sites)
    proxy = replace(fault.proxy, does="resigning", cert=IMPOSTOR) if fault.proxy else None
    return replace(fault, sites=sites, proxy=proxy)


@contextmanager
def running(fault: Fault, certificates: Certificates, beyond: str = "public") -> Iterator[str]:
    """Run a fault's network with the way out beside it, and give the text of /etc/hosts.

    `beyond` is the recipe of the certificates that are shown through the way out.
    """
    with Network(fault, certificates).running() as net, ExitStack() as stack:
        addresses = {site.host: f"127.0.1.{n}" for n, site in enumerate(fault.sites, 10)}
        for site in fault.sites:
            handle = tls(replace(_sound(site), cert=beyond), certificates)
            stack.enter_context(listening(addresses[site.host], 443, handle))
        stack.enter_context(listening(_WAY_OUT_ADDRESS, WAY_OUT.port, _way_out(addresses)))
        yield f"{net.hosts_file()}{_WAY_OUT_ADDRESS}\t{WAY_OUT.host}\n"


def _way_out(addresses: Mapping[str, str]) -> Handle:
    def dial(host: str) -> socket.socket:
        return socket.create_connection((addresses[host], 443), IDLE)

    return plain_only(tunnelling(dial))
