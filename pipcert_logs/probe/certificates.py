"""What a served certificate says, read with the package `cryptography`."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from msgspec import Struct

_MOST_NAMES = 50
_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


class Certificate(Struct, frozen=True):
    """One certificate of a chain; its texts are the server's."""

    subject: str
    issuer: str
    organisation: str
    """The organisation of the issuer."""
    not_before: datetime
    not_after: datetime
    names: tuple[str, ...]
    key: str
    digest: str
    fingerprint: str
    """SHA-256, as browsers show it."""
    is_ca: bool
    self_issued: bool
    names_issuer_address: bool
    """Whether it says where its issuer's certificate is to be had."""
    pem: str


def parse(der: bytes) -> Certificate | None:
    """Read a certificate; None for one that cannot be read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is wrong with it is the server's affair
        try:
            return _read(x509.load_der_x509_certificate(der))
        except Exception:  # the errors of that package have no other base in common
            return None


def _read(certificate: x509.Certificate) -> Certificate:
    constraints = _extension(certificate, x509.BasicConstraints)
    access = _extension(certificate, x509.AuthorityInformationAccess)
    digest = certificate.signature_hash_algorithm
    return Certificate(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        organisation=_organisation(certificate.issuer),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        names=tuple(_names(certificate))[:_MOST_NAMES],
        key=_key(certificate),
        digest=digest.name if digest else "none",
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
        is_ca=bool(constraints and constraints.ca),
        self_issued=certificate.subject == certificate.issuer,
        names_issuer_address=any(
            item.access_method == AuthorityInformationAccessOID.CA_ISSUERS for item in access or ()
        ),
        pem=certificate.public_bytes(Encoding.PEM).decode("ascii"),
    )


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _organisation(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(found[0].value) if found else ""


def _names(certificate: x509.Certificate) -> Iterator[str]:
    alternative = _extension(certificate, x509.SubjectAlternativeName)
    if alternative:
        yield from alternative.get_values_for_type(x509.DNSName)
        yield from (str(a) for a in alternative.get_values_for_type(x509.IPAddress))


def _key(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA-{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC-{key.curve.name}"
    return type(key).__name__.removeprefix("_").removesuffix("PublicKey")
