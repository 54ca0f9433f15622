"""Certificates that no decent authority would issue must not end the look."""

from __future__ import annotations

import re
import ssl
import warnings

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from corpus.certificates import Certificates
from corpus.model import Site
from corpus.sites import BEHAVIOURS
from pipcert_logs.probe.certificates import parse
from tests.probe_lab import LOCAL, Lab, probe

PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", re.DOTALL)
# Where the version stands, in the only field of a certificate that is tagged [0].
VERSION = b"\xa0\x03\x02\x01\x02"
DNS_NAME, X400_ADDRESS = b"\x82\x09localhost", b"\xa3\x09localhost"
SERIAL, NEGATIVE = VERSION + b"\x02\x10\x00", VERSION + b"\x02\x10\x80"


def leaf(certificates: Certificates) -> bytes:
    pem = PEM.findall(certificates.served("public", LOCAL).read_bytes())[0]
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


CHANGES = {
    "another version": lambda der: der.replace(VERSION, VERSION[:-1] + b"\x07"),
    "a name of an unknown kind": lambda der: der.replace(DNS_NAME, X400_ADDRESS),
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_unreadable_certificate_is_said_to_be_one(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    served = lab.certificates.served("public", LOCAL)
    text = served.read_bytes()
    sound = leaf(lab.certificates)
    changed = CHANGES[change](sound)
    assert changed != sound
    pem = ssl.DER_cert_to_PEM_cert(changed).encode()
    path = lab.bundle.with_name("changed.pem")
    path.write_bytes(PEM.sub(pem, text, count=1))
    monkeypatch.setattr(Certificates, "served", lambda *_: path)
    port = lab.serve(BEHAVIOURS["tls"](Site(LOCAL), lab.certificates))
    result = probe(f"{LOCAL}:{port}", PIP_CERT=str(lab.bundle))
    assert result.stderr == ""
    lines = [line for line in result.stdout.splitlines() if ": certificate;" in line]
    assert lines[0].endswith("; number=1; state=unreadable")
    assert "; number=2; ca=yes;" in lines[1]


def test_no_byte_of_a_certificate_ends_the_look(certificates: Certificates) -> None:
    sound = leaf(certificates)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for place in range(len(sound)):
            for flipped in (0x01, 0x80, 0xFF):
                changed = bytearray(sound)
                changed[place] ^= flipped
                parse(bytes(changed))


def test_a_serial_number_of_the_wrong_kind_is_no_news(certificates: Certificates) -> None:
    sound = leaf(certificates)
    assert SERIAL in sound
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parse(sound.replace(SERIAL, NEGATIVE))
