"""The private network: names, addresses, a tiny DNS and listeners, inside a network namespace."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from corpus import nginx, real_indexes, squid
from corpus.certificates import Certificates
from corpus.model import Fault, Site
from corpus.proxies import PROXIES, plain_only
from corpus.sites import BEHAVIOURS, Handle

# Behaviours that need no server: an address that fails by itself, or no address.
NOWHERE = {
    "refused": "127.0.0.250",
    "unreachable": "203.0.113.9",
    "no-route": "198.51.100.66",
    "stalled": "198.51.100.9",
    "nxdomain": "",
    "servfail": "",
}
SETUP = """
ip link set lo up
ip address add 10.20.30.40/32 dev lo
ip link add stall type veth peer name stall-peer
ip address add 192.0.2.1/32 dev stall
ip link set stall up
ip link set stall-peer up
ip route add 198.51.100.9/32 dev stall
ip neighbour add 198.51.100.9 lladdr 02:00:00:00:00:09 dev stall nud permanent
ip route add unreachable 198.51.100.66/32
"""
PROXY_ADDRESS = "127.0.0.200"
NXDOMAIN, SERVFAIL = 3, 2
IDLE = 20.0


def set_up() -> None:
    """Bring up loopback, one silent link and one unreachable route in this namespace."""
    for line in SETUP.strip().splitlines():
        subprocess.run(line.split(), check=True, timeout=10)


def _serve(connection: socket.socket, handle: Handle) -> None:
    # Clients of this lab hang up in the middle on purpose: that is no error of the server.
    with connection, contextlib.suppress(OSError, ssl.SSLError):
        connection.settimeout(IDLE)
        handle(connection)


def _accept(listener: socket.socket, handle: Handle) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_serve, args=(connection, handle), daemon=True).start()


@contextmanager
def _serving(server: socket.socket, loop: Callable[..., None], what: object) -> Iterator[None]:
    """Run a server's loop in a thread, and see to it that the loop has left the address."""
    thread = threading.Thread(target=loop, args=(server, what), daemon=True)
    thread.start()
    try:
        yield
    finally:
        # Closing alone leaves a waiting loop on the address. UDP says ENOTCONN, and wakes it too.
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@contextmanager
def listening(address: str, port: int, handle: Handle) -> Iterator[None]:
    """Serve connections at an address with a behaviour."""
    with socket.create_server((address, port)) as listener, _serving(listener, _accept, handle):
        yield


def _answers(server: socket.socket, failing: frozenset[str]) -> None:
    with contextlib.suppress(OSError):
        while True:
            query, client = server.recvfrom(512)
            if not query:  # woken by the shutdown
                return
            code = SERVFAIL if _asked(query) in failing else NXDOMAIN
            flags = struct.pack(">H", 0x8180 | code)
            server.sendto(query[:2] + flags + query[4:6] + bytes(6) + query[12:], client)


def _asked(query: bytes) -> str:
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]])
        at += 1 + query[at]
    return b".".join(labels).decode()


@contextmanager
def dns(failing: frozenset[str]) -> Iterator[None]:
    """Answer every DNS question with NXDOMAIN, or SERVFAIL for the failing names."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 53))
        with _serving(server, _answers, failing):
            yield


@dataclass
class Network:
    """The names of one fault, with their servers running."""

    fault: Fault
    certificates: Certificates
    hosts: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def running(self) -> Iterator[Network]:
        """Start everything that the fault needs, and stop it afterwards."""
        with ExitStack() as stack:
            failing = frozenset(s.host for s in self.fault.sites if s.does == "servfail")
            stack.enter_context(dns(failing))
            for number, site in enumerate(self.fault.sites, 10):
                self._start(stack, site, f"127.0.0.{number}")
            self._start_proxy(stack)
            yield self

    def _start(self, stack: ExitStack, site: Site, address: str) -> None:
        if site.does in NOWHERE:
            self.hosts[site.host] = NOWHERE[site.does]
            return
        is_address = site.host.replace(".", "").isdigit()
        self.hosts[site.host] = site.host if is_address else address
        if site.does in nginx.SITES:
            place = self.hosts[site.host]
            if site.does in real_indexes.SERVERS:
                stack.enter_context(real_indexes.running(site, place))
            stack.enter_context(nginx.running(site, place, self.certificates))
            return
        handle = BEHAVIOURS[site.does](site, self.certificates)
        stack.enter_context(listening(self.hosts[site.host], site.port, handle))

    def _start_proxy(self, stack: ExitStack) -> None:
        proxy = self.fault.proxy
        if proxy is None:
            return
        self.hosts[proxy.host] = NOWHERE.get(proxy.does, PROXY_ADDRESS)
        if proxy.does in squid.WAYS:
            hosts = self.hosts_file()
            stack.enter_context(squid.running(proxy, PROXY_ADDRESS, hosts, self.certificates))
        if proxy.does in PROXIES:
            make = PROXIES[proxy.does]
            handle = make(proxy, self._dial, self._site, self.certificates)
            stack.enter_context(listening(PROXY_ADDRESS, proxy.port, plain_only(handle)))

    def _dial(self, host: str) -> socket.socket:
        site = self._site(host)
        return socket.create_connection((self.hosts[host], site.port), IDLE)

    def _site(self, host: str) -> Site:
        for site in self.fault.sites:
            if site.host == host:
                return site
        raise OSError(f"no such host in this lab: {host}")

    def hosts_file(self) -> str:
        """Give the text of /etc/hosts for the client."""
        lines = [f"{address}\t{host}" for host, address in self.hosts.items() if address]
        return "\n".join(["127.0.0.1\tlocalhost", *lines]) + "\n"
