"""What a look at a host can find: plain values, which `lines.py` writes down."""

from __future__ import annotations

import os
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from pipcert_logs.probe.certificates import Certificate
from pipcert_logs.probe.client import Client
from pipcert_logs.probe.settings import Settings
from pipcert_logs.probe.target import Target

DONE = "done"
USED = "used"
"""The verification by all that pip goes by; others are named for their store."""
STRICT = "strict"
"""The same with the strict checks that some clients switch on."""
MENDED = "mended"
"""The first again, as if what it refused before were mended."""


class Reach(NamedTuple):
    """How far a connection came: `done`, or the stage of the way where it ended, and why."""

    stage: str
    error: str = "none"
    answer: str = "none"
    """What came instead of TLS."""
    protocol: str = "none"
    tries: int = 0


class Answer(NamedTuple):
    """What the server said to a request: its status, and by how much its clock is ahead."""

    status: str
    ahead: int | None
    page: bool = False
    """Whether the page was asked for, and not only the host."""


class Seen(NamedTuple):
    """What was seen without verification."""

    reach: Reach
    chain: tuple[Certificate | None, ...] = ()
    """The certificates as they were served; None for one that cannot be read."""
    answer: Answer | None = None


class Chain(NamedTuple):
    """How the served chain ends: with a leaf, an authority, a root, or a self-signed leaf."""

    sent: int
    ends: str
    organisation: str
    """Whether the organisation of the last issuer is `known` from the public roots at hand."""
    issuer_address: str
    """Whether the last certificate names an address of its issuer's."""


class Store(Struct, frozen=True):
    """A set of certificates that may be trusted."""

    name: str
    """`carried` by pip, `certifi` of the environment, `system`, or `configured`."""
    used: bool
    """Whether pip goes by it here."""
    state: str
    """`good`, `missing`, `unusable` where it holds no certificate, `unhashed` where it is a folder
    without the names by which OpenSSL looks, or `opaque` where nobody but its owner can look."""
    places: tuple[str, ...]
    """Its files and folders; those of the system's store are looked into together."""
    count: int = 0
    organisations: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        """Its places as a person writes them in one line."""
        return os.pathsep.join(self.places)


class ClientCert(NamedTuple):
    """The file of the certificate that pip would show of itself."""

    path: str
    state: str
    """`good`, `missing`, or `unusable`: no certificate and key that can be read without asking."""


class Verdict(NamedTuple):
    """What came of it: accepted, refused with OpenSSL's code, not-verified by pip, or unknown."""

    by: str
    outcome: str
    code: int = 0
    text: str = ""

    @property
    def accepted_by_pip(self) -> bool:
        """Whether all that pip goes by, taken together, accepts the chain."""
        return self.by == USED and self.outcome == "accepted"


class Findings(NamedTuple):
    """All that one look found, in the order of the way that a request takes."""

    target: Target
    time: datetime
    client: Client
    settings: Settings
    proxy: str
    """Host and port of the proxy that pip would use, or `none`."""
    unnamed_port: int | None
    """Its port, where its address names none."""
    key_log: str | None
    """The file that SSLKEYLOGFILE names, where it cannot be written."""
    client_cert: ClientCert | None
    """None where none is set."""
    stores: tuple[Store, ...]
    seen: Seen
    chain: Chain | None
    verdicts: tuple[Verdict, ...]

    @property
    def topmost(self) -> Certificate | None:
        """The last certificate that was served, if it can be read: the root, if that was sent."""
        return self.seen.chain[-1] if self.seen.chain else None
