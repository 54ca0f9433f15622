"""Advice that is often given and does not help, as the knowledge base says: the proof tries it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

from corpus.model import Client, Fault

CA = "/home/user/supplied/company-ca.pem"
INSPECTED = ("02-root-in-chain-public",)
PRIVATE = ("01-unknown-issuer-private",)
BEFORE_TRUSTSTORE = ("pip-20.3.4-*", "pip-23.3.2-*")
SOME = (*BEFORE_TRUSTSTORE, "pip-24.2-*", "pip-26.3-py3.11")


@dataclass(frozen=True)
class Advice:
    """Commands that somebody advises, and where they are useless."""

    id: str
    commands: tuple[str, ...]
    faults: tuple[str, ...]
    clients: tuple[str, ...] = SOME


USELESS = (
    Advice("upgrade certifi", ("pip install --upgrade certifi",), (*INSPECTED, *PRIVATE)),
    Advice(
        "install certifi from elsewhere",
        ("pip install --no-index --find-links /home/user/supplied/wheels certifi",),
        (*INSPECTED, *PRIVATE),
    ),
    Advice("upgrade pip first", ("pip install --upgrade pip",), (*INSPECTED, *PRIVATE)),
    Advice(
        "longer time-outs, more retries, no cache",
        ("export PIP_DEFAULT_TIMEOUT=100 PIP_RETRIES=2 PIP_NO_CACHE_DIR=1",),
        INSPECTED,
    ),
    Advice("PYTHONHTTPSVERIFY=0", ("export PYTHONHTTPSVERIFY=0",), (*INSPECTED, *PRIVATE)),
    Advice("an empty PIP_CERT", ("export PIP_CERT=",), (*INSPECTED, *PRIVATE)),
    Advice(
        "SSL_CERT_FILE, before pip 24.2",
        (f"export SSL_CERT_FILE={CA}",),
        PRIVATE,
        BEFORE_TRUSTSTORE,
    ),
    Advice(
        "the CA in the system's store, before pip 24.2",
        (f"cat {CA} >>/etc/ssl/certs/ca-certificates.crt",),
        PRIVATE,
        BEFORE_TRUSTSTORE,
    ),
    Advice(
        "trusted-host with a port that the URL does not have",
        ("pip config set global.trusted-host pypi.corp.example.com:443",),
        PRIVATE,
    ),
    Advice(
        "trusted-host for pypi.org without the host of the files",
        ("pip config set global.trusted-host pypi.org",),
        INSPECTED,
    ),
    Advice(
        "trusted-host against a server of TLS 1.0",
        ("pip config set global.trusted-host devpi.internal.example",),
        ("15-tls10-only",),
    ),
    Advice(
        "trusted-host against a plain proxy named https://",
        ("pip config set global.trusted-host 'pypi.org files.pythonhosted.org'",),
        ("13-https-scheme-for-proxy",),
        ("pip-23.3.2-*", "pip-26.3-py3.11"),
    ),
)


def useless(fault: Fault, client: Client) -> Iterator[Advice]:
    """Give the advice that is useless for a fault and a client."""
    for advice in USELESS:
        if fault.id in advice.faults and any(fnmatch(client.id, c) for c in advice.clients):
            yield advice
