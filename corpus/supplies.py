"""What a person would supply where a remedy asks for it: files, under /home/user/supplied."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from corpus.certificates import RECIPES, Certificates
from corpus.model import Fault, Site

FOLDER = "/home/user/supplied"
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", re.DOTALL)

# The example in a remedy's input, and the file that takes its place.
FILES = {
    "/path/to/company-ca.pem": "company-ca.pem",
    "/path/to/ca-bundle.pem": "ca-bundle.pem",
    "/path/to/chain.pem": "chain.pem",
    "/path/to/server-certificate.pem": "server-certificate.pem",
    "/path/to/cacert.pem": "cacert.pem",
}


def write(home: Path, fault: Fault, certificates: Certificates) -> None:
    """Put the files into the home that a private root starts with."""
    folder = home / "supplied"
    folder.mkdir()
    for name, content in _contents(fault, certificates).items():
        (folder / name).write_bytes(content)


def _contents(fault: Fault, certificates: Certificates) -> Mapping[str, bytes]:
    authority = certificates.authorities[_authority(fault)]
    public = certificates.authorities["public"]
    return {
        "company-ca.pem": authority.pem("root") + authority.pem("intermediate"),
        "ca-bundle.pem": public.pem("root") + authority.pem("root"),
        "chain.pem": public.pem("intermediate"),
        "server-certificate.pem": _served(fault, certificates),
        "cacert.pem": public.pem("root") + certificates.authorities["newer"].pem("root"),
    }


def _authority(fault: Fault) -> str:
    """Name the authority that the client lacks: the proxy's, or that of an index.

    Of a server that leaves its intermediate out, the owner gives the whole chain.
    """
    if any(site.cert == "leaf-only" for site in fault.sites):
        return "public"
    recipes = [site.cert for site in fault.sites]
    if fault.proxy and fault.proxy.does == "resigning":
        recipes.insert(0, fault.proxy.cert)
    lacking = (RECIPES[recipe].authority for recipe in recipes)
    return next((name for name in lacking if name not in ("public", "self")), "corp")


def _served(fault: Fault, certificates: Certificates) -> bytes:
    """Give the server's own certificate: that of a self-signed site, if there is one."""
    sites = sorted(fault.sites, key=lambda site: site.cert != "self-signed")
    return _leaf(sites[0], certificates) if sites else b""


def _leaf(site: Site, certificates: Certificates) -> bytes:
    found = _CERTIFICATE.search(certificates.served(site.cert, site.host).read_bytes())
    assert found
    return found[0]


def filled(command: str) -> str:
    """Put the files in the place of the examples; other inputs stand as they are."""
    for example, name in FILES.items():
        command = command.replace(example, f"{FOLDER}/{name}")
    return command


def unanswered(command: str, examples: list[str]) -> list[str]:
    """Return the examples in a command for which this lab has nothing to supply."""
    return [example for example in examples if example in command and example not in FILES]
