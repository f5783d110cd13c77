"""The certificate of simulated cameras, as most cameras have one: signed by itself, for no name.

It must not outlive the process.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from tempfile import NamedTemporaryFile

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_HOLDS = timedelta(days=365)


def own_certificate() -> ssl.SSLContext:
    """What a server needs to show it; made anew each time."""
    key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with NamedTemporaryFile(suffix=".pem") as file:  # readable by its owner alone
        file.write(_signed(key).public_bytes(Encoding.PEM) + secret)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def _signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Simulated camera")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _HOLDS)
        .not_valid_after(now + _HOLDS)
        .sign(key, SHA256())
    )
