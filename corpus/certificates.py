"""Throw-away authorities and server certificates, one recipe for each way to be right or wrong.

Dates and serial numbers are fixed: pip up to 24.0 prints them, and a second recording should
differ only where the client does.
"""

from __future__ import annotations

import hashlib
import ipaddress
import subprocess
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
ALWAYS = (datetime(2024, 1, 1), datetime(2044, 1, 1))
PAST = (datetime(2022, 1, 1), datetime(2023, 1, 1))
CA = x509.BasicConstraints(True, None)
FUTURE = (datetime(2044, 1, 1), datetime(2045, 1, 1))


@dataclass(frozen=True)
class Recipe:
    """How a server certificate is made, and what is served along with it."""

    authority: str
    serve: tuple[str, ...] = ("intermediate",)
    valid: tuple[datetime, datetime] = ALWAYS
    name: str = ""
    rsa_bits: int = 0
    sha1: bool = False
    for_mail: bool = False


RECIPES = {
    "public": Recipe("public"),
    "newer-public": Recipe("newer"),
    "corp": Recipe("corp"),
    "corp-with-root": Recipe("corp", ("intermediate", "root")),
    "inspected": Recipe("inspection"),
    "inspected-with-root": Recipe("inspection", ("intermediate", "root")),
    "self-signed": Recipe("self", ()),
    "expired": Recipe("public", valid=PAST),
    "expired-intermediate": Recipe("public", ("old-intermediate",)),
    "no-key-usage": Recipe("public", ("plain-intermediate",)),
    "future": Recipe("public", valid=FUTURE),
    "other-name": Recipe("public", name="www.example.net"),
    "other-name-expired": Recipe("public", valid=PAST, name="www.example.net"),
    "leaf-only": Recipe("public", ()),
    "impostor": Recipe("impostor"),
    "rsa": Recipe("public", rsa_bits=2048),
    "for-mail": Recipe("public", for_mail=True),
    "weak-key": Recipe("public", rsa_bits=1024),
    "sha1": Recipe("public", rsa_bits=2048, sha1=True),
}

AUTHORITIES = {
    "public": "Lab Public Trust Services",
    "newer": "Lab Newer Trust Services",
    "corp": "Example Corp IT",
    "inspection": "Example Corp TLS Inspection",
    "impostor": "Nobody",
}


def _name(common: str, organisation: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organisation:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name(parts)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(
    subject: x509.Name, issuer: x509.Name, valid: tuple[datetime, datetime], key: Key
) -> x509.CertificateBuilder:
    seed = hashlib.sha256(f"{subject.rfc4514_string()}/{issuer.rfc4514_string()}".encode())
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=int.from_bytes(seed.digest()[:15], "big"),
        not_valid_before=valid[0],
        not_valid_after=valid[1],
    ).add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False)


def _as_ca(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    return builder.add_extension(CA, True).add_extension(_key_usage(ca=True), True)


def _signed_by(key: Key, issuer: Key, builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())
    return builder if key is issuer else builder.add_extension(identifier, False)


class Authority:
    """A root, and an intermediate that signs the leaves: sound, expired, or without key usage."""

    def __init__(self, organisation: str) -> None:
        """Make the certificates of the authority."""
        self.root_key = ec.generate_private_key(ec.SECP256R1())
        self.key = ec.generate_private_key(ec.SECP256R1())
        root = _name(f"{organisation} Root CA", organisation)
        self.name = _name(f"{organisation} Issuing CA 1", organisation)
        issuing = _builder(self.name, root, ALWAYS, self.key)
        self.certs = {
            "root": self._sign(_as_ca(_builder(root, root, ALWAYS, self.root_key)), self.root_key),
            "intermediate": self._sign(_as_ca(issuing), self.key),
            "old-intermediate": self._sign(
                _as_ca(_builder(self.name, root, PAST, self.key)), self.key
            ),
            "plain-intermediate": self._sign(issuing.add_extension(CA, True), self.key),
        }

    def _sign(self, builder: x509.CertificateBuilder, key: Key) -> x509.Certificate:
        linked = _signed_by(key, self.root_key, builder)
        return linked.sign(self.root_key, hashes.SHA256())

    def pem(self, which: str) -> bytes:
        """Give one of the certificates as PEM."""
        return self.certs[which].public_bytes(Encoding.PEM)


class Certificates:
    """All certificates of one recording session, written to files as servers need them."""

    def __init__(self, folder: Path) -> None:
        """Keep the files in an existing folder."""
        self.folder = folder
        self.authorities = {key: Authority(title) for key, title in AUTHORITIES.items()}

    @cached_property
    def public_root(self) -> bytes:
        """The root that every client of the lab trusts, as PEM."""
        return self.authorities["public"].pem("root")

    @cached_property
    def small_group(self) -> Path:
        """A file with a Diffie-Hellman group of 1024 bits, as old servers have."""
        path = self.folder / "small-group.pem"
        call = ["openssl", "dhparam", "-dsaparam", "-out", str(path), "1024"]
        subprocess.run(call, check=True, capture_output=True, timeout=20)
        return path

    def served(self, recipe_id: str, host: str) -> Path:
        """Write key and chain for a host into one PEM file, and give its path."""
        path = self.folder / f"{recipe_id}--{host}.pem"
        if not path.exists():
            path.write_bytes(self._make(RECIPES[recipe_id], host))
        return path

    def _make(self, recipe: Recipe, host: str) -> bytes:
        key = _new_key(recipe.rsa_bits)
        authority = self.authorities.get(recipe.authority)
        chain = [authority.pem(part) for part in recipe.serve] if authority else []
        if recipe.sha1 and authority:
            leaf = _sha1_leaf(self.folder, host, key, authority)
        else:
            leaf = self._leaf(recipe, recipe.name or host, key, authority)
        return b"".join([private_key(key), leaf.public_bytes(Encoding.PEM), *chain])

    def _leaf(
        self, recipe: Recipe, host: str, key: Key, authority: Authority | None
    ) -> x509.Certificate:
        subject = _name(host)
        issuer, signer = (authority.name, authority.key) if authority else (subject, key)
        builder = _builder(subject, issuer, recipe.valid, key)
        builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(host)]), False)
        builder = builder.add_extension(x509.BasicConstraints(False, None), True)
        builder = builder.add_extension(_key_usage(ca=False), True)
        if recipe.for_mail:
            purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            builder = builder.add_extension(purpose, False)
        return _signed_by(key, signer, builder).sign(signer, hashes.SHA256())


def _new_key(rsa_bits: int) -> Key:
    if rsa_bits:
        return rsa.generate_private_key(65537, rsa_bits)
    return ec.generate_private_key(ec.SECP256R1())


def private_key(key: Key) -> bytes:
    """Give a key as PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _sha1_leaf(folder: Path, host: str, key: Key, authority: Authority) -> x509.Certificate:
    """Have openssl sign, for the cryptography package refuses this digest."""
    request = (
        x509.CertificateSigningRequestBuilder(_name(host))
        .add_extension(x509.SubjectAlternativeName([_general_name(host)]), False)
        .sign(key, hashes.SHA256())
    )
    files = {
        "req": request.public_bytes(Encoding.PEM),
        "CA": authority.pem("intermediate"),
        "CAkey": private_key(authority.key),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    call = "openssl x509 -req -in req -CA CA -CAkey CAkey -sha1 -days 3650 -set_serial 1 "
    done = subprocess.run(
        (call + "-copy_extensions copyall").split(),
        cwd=folder,
        capture_output=True,
        check=True,
        timeout=20,
    )
    return x509.load_pem_x509_certificate(done.stdout)
