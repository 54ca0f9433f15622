"""What a person would supply where a remedy asks for it: files, under /home/user/supplied."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from corpus import squid
from corpus.certificates import RECIPES, Certificates
from corpus.mending import RIGHT, WAY_OUT
from corpus.model import ACCOUNT, Fault, Proxy, Site
from corpus.wheels import PACKAGES
from corpus.wheels import content as content_of

FOLDER = "/home/user/supplied"
COMPANY = ("corp", "inspection")
"""The authorities that are a company's own."""
COMPANY_CA = "/path/to/company-ca.pem"
RESIGNING = ("resigning", *squid.WAYS)
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", re.DOTALL)

# The example in a remedy's input, and what takes its place.
ANSWERS = {
    "/path/to/authority.pem": f"{FOLDER}/authority.pem",
    "/path/to/index-ca.pem": f"{FOLDER}/index-ca.pem",
    COMPANY_CA: f"{FOLDER}/company-ca.pem",
    "/path/to/ca-bundle.pem": f"{FOLDER}/ca-bundle.pem",
    "/path/to/chain.pem": f"{FOLDER}/chain.pem",
    "/path/to/server-certificate.pem": f"{FOLDER}/server-certificate.pem",
    "/path/to/cacert.pem": f"{FOLDER}/cacert.pem",
    "/path/to/token-file": f"{FOLDER}/token-file",
    "/path/to/proxy-url-file": f"{FOLDER}/proxy-url-file",
    "/path/to/wheels": f"{FOLDER}/wheels",
    "https://packages.example.com/simple/": f"https://{RIGHT.host}{RIGHT.prefix}/",
    "http://proxy.example.com:3128": f"http://{WAY_OUT.host}:{WAY_OUT.port}",
    "ci-reader": ACCOUNT[0],
    "internal": "internal",
    "pypi": "pypi",
}


def write(home: Path, fault: Fault, certificates: Certificates) -> None:
    """Put the files into the home that a private root starts with."""
    folder = home / "supplied"
    folder.mkdir()
    for name, content in _contents(fault, certificates).items():
        (folder / name).write_bytes(content)
    (folder / "wheels").mkdir()
    for package in PACKAGES.values():
        (folder / "wheels" / package.filename).write_bytes(content_of(package))


def _contents(fault: Fault, certificates: Certificates) -> Mapping[str, bytes]:
    public = certificates.authorities["public"]
    own = _own_authority(fault, certificates)
    current = public.pem("root") + certificates.authorities["newer"].pem("root")
    return {
        "authority.pem": own or current,
        "company-ca.pem": own,
        "index-ca.pem": _with_intermediate(fault, certificates) or own,
        "ca-bundle.pem": public.pem("root") + own,
        "chain.pem": public.pem("intermediate"),
        "server-certificate.pem": _served(fault, certificates),
        "cacert.pem": current,
        "token-file": ACCOUNT[1].encode(),
        "proxy-url-file": _proxy_url(fault.proxy or WAY_OUT).encode(),
    }


def _own_authority(fault: Fault, certificates: Certificates) -> bytes:
    """Give what its owner gives as the CA: a root, of a self-signed certificate itself, or none."""
    if any(site.cert == "self-signed" for site in fault.sites):
        return _served(fault, certificates)
    name = _authority(fault)
    return certificates.authorities[name].pem("root") if name else b""


def _with_intermediate(fault: Fault, certificates: Certificates) -> bytes:
    """Give root and intermediate of whoever issued an index's certificate, as its owner knows."""
    if any(site.cert == "self-signed" for site in fault.sites):
        return b""
    authority = certificates.authorities[_authority(fault) or "public"]
    return authority.pem("root") + authority.pem("intermediate")


def _proxy_url(proxy: Proxy) -> str:
    return f"http://{':'.join(ACCOUNT)}@{proxy.host}:{proxy.port}"


def _authority(fault: Fault) -> str:
    """Name the company's authority that the client lacks: the proxy's, an index's, or none."""
    recipes = [site.cert for site in fault.sites]
    if fault.proxy and fault.proxy.does in RESIGNING:
        recipes.insert(0, fault.proxy.cert)
    lacking = (RECIPES[recipe].authority for recipe in recipes)
    return next((name for name in lacking if name in COMPANY), "")


def _served(fault: Fault, certificates: Certificates) -> bytes:
    """Give the server's own certificate: that of a self-signed site, if there is one."""
    sites = sorted(fault.sites, key=lambda site: site.cert != "self-signed")
    return _leaf(sites[0], certificates) if sites else b""


def _leaf(site: Site, certificates: Certificates) -> bytes:
    found = _CERTIFICATE.search(certificates.served(site.cert, site.host).read_bytes())
    assert found
    return found[0]


def filled(command: str, fault: Fault) -> str:
    """Put the answers of this place in the place of a remedy's examples."""
    for example, answer in {**ANSWERS, **fault.answers}.items():
        command = command.replace(example, answer)
    return command


def unanswered(command: str, examples: list[str], fault: Fault) -> list[str]:
    """Return the examples in a command for which nobody here has an answer."""
    return [
        example
        for example in examples
        if example in command and (example not in ANSWERS or not _exists(example, fault))
    ]


def _exists(example: str, fault: Fault) -> bool:
    self_signed = any(site.cert == "self-signed" for site in fault.sites)
    return example != COMPANY_CA or self_signed or bool(_authority(fault))
