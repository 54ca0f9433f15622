"""The words of the fault table: what is served, how a client is called, what is true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from types import MappingProxyType

from pipcert_logs.knowledge.model import Actor as Actor

NOTHING: Mapping[str, str] = MappingProxyType({})
READER: Actor = "reader"
OWNER: Actor = "server-owner"
TEAM: Actor = "network-team"
ACCOUNT = ("ci-reader", "lab-token")
"""The account that the indexes which ask for one, and the proxies, let in."""


@dataclass(frozen=True)
class Site:
    """One host name of the private network and how it behaves.

    `does` is a key of `corpus.sites.BEHAVIOURS` or of `corpus.network.NOWHERE`, or one of
    `corpus.nginx.SITES`; `cert` a key of `corpus.certificates.RECIPES`; `pages` and `files` say how
    index pages and files are answered: a status, "login" for a page that is no index, or "to-login"
    for a redirect to one; 401 only where nobody logs in. A real server is `untold` if nginx does
    not tell it its outside address.
    """

    host: str
    does: str = "tls"
    cert: str = "public"
    port: int = 443
    prefix: str = "/simple"
    pages: str = "200"
    files: str = "200"
    files_host: str = ""
    untold: bool = False
    packages: tuple[str, ...] = ("demo-package",)


@dataclass(frozen=True)
class Proxy:
    """A CONNECT proxy; `does` is a key of `corpus.proxies.PROXIES`, or one of `corpus.squid`."""

    does: str
    host: str = "proxy.corp.example.com"
    port: int = 3128
    cert: str = "inspected"


@dataclass(frozen=True)
class Client:
    """An exact version of a tool on an exact Python; `core` clients run every fault."""

    tool: str
    version: str
    python: str
    core: bool = False

    @property
    def id(self) -> str:
        """The part of a log's name that stands for the client."""
        return f"{self.tool}-{self.version}-py{self.python}"


@dataclass(frozen=True)
class Fault:
    """One entry of the fault table.

    `causes` are what a reader of the log may answer; `truth` is what was really wrong, where the
    log cannot put that first. `call` is the command line; `{pip}`, `{quick}` and `{index}` are
    filled in for each client. `before` is a shell snippet run in the client's private root.
    `when_shown` gives the causes of logs that hold a text; the first match counts. A log is kept
    only if it holds `shows`. `wide` faults run on the smaller selection of clients too, `clients`
    narrows the choice by patterns. `system_knows` names an authority that the system's store has
    and the bundles of the clients lack.

    The proof asks who can mend the fault (`mended_by`), what a person of this place answers where a
    remedy's example stands (`answers`), and why no remedy can be seen to work (`unproven`). A look
    at the host may be sure of the truth, and of what else is as true (`seen_as`).
    """

    id: str
    made: str
    note: str
    causes: tuple[str, ...]
    call: str
    sites: tuple[Site, ...] = ()
    proxy: Proxy | None = None
    hosts: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    before: str = ""
    not_causes: tuple[str, ...] = ()
    when_shown: tuple[tuple[str, tuple[str, ...]], ...] = ()
    clients: tuple[str, ...] = ("pip-*",)
    wide: bool = False
    shows: str = ""
    limit: int = 90
    truth: str = ""
    system_knows: str = ""
    mended_by: tuple[Actor, ...] = (READER,)
    answers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    unproven: str = ""
    seen_as: tuple[str, ...] = ()

    @property
    def fails(self) -> bool:
        """Tell whether there is anything to mend."""
        return self.causes != ("none",)

    def runs_on(self, client: Client) -> bool:
        """Tell whether this fault is recorded with this client."""
        return (self.wide or client.core) and any(fnmatch(client.id, c) for c in self.clients)

    def causes_of(self, log: str) -> tuple[str, ...]:
        """Give the acceptable causes of a log of this fault."""
        return next((causes for text, causes in self.when_shown if text in log), self.causes)

    def truth_of(self, log: str) -> str:
        """Give what was really wrong when a log of this fault was recorded."""
        return self.truth or self.causes_of(log)[0]
