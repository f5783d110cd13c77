"""Certificates as cameras have them: from an authority, signed by themselves, expired, misnamed."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

NEXT_YEAR = datetime.now(UTC).replace(microsecond=0) + timedelta(days=365)
LAST_YEAR = NEXT_YEAR - timedelta(days=730)


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, in one PEM file for a server and one for who is to believe it."""

    path: Path
    made: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def der(self) -> bytes:
        return self.made.public_bytes(Encoding.DER)

    def server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        return context


def authority(folder: Path) -> Certificate:
    return certificate(folder, "ca", of="192.0.2.99", is_authority=True)


def certificate(
    folder: Path,
    name: str,
    *,
    of: str = "127.0.0.1",
    by: Certificate | None = None,
    ends: datetime = NEXT_YEAR,
    is_authority: bool = False,
) -> Certificate:
    """Signed by itself unless an authority is given; for the address `of`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address(of))])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.made.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=3650))
        .not_valid_after(ends)
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .sign(by.key if by else key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return Certificate(path, made, key)
