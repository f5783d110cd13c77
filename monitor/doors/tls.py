"""Which certificates are believed, and what a certificate says of its end.

Opens nothing; what a camera presents is hostile like all its bytes.
"""

from __future__ import annotations

import asyncio
import ssl
import warnings
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import assert_never

from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning

from registry.vocabulary import TlsPolicy

# A server may choose a group of 10,000 bits for a Diffie-Hellman exchange in finite fields, and our
# part of it takes a second of the loop. Whoever knows that exchange knows another one.
_NO_LONG_SUMS = "!kDHE"
_OLD = frozenset({"SSLv3", "TLSv1", "TLSv1.1"})
_LEGACY_SERVER_CONNECT = 0x4  # without RFC 5746; ssl names it from Python 3.12 on
MAX_CERTIFICATE = 64 * 1024


class Trust:
    """The rules of each policy as OpenSSL wants them, made once and off the loop."""

    def __init__(self, ca_file: Path | None = None) -> None:
        self._ca_file = ca_file
        self._contexts: dict[TlsPolicy, ssl.SSLContext] = {}

    async def context(self, policy: TlsPolicy) -> ssl.SSLContext:
        """Raises OSError where the file of authorities cannot be read."""
        if policy not in self._contexts:
            self._contexts[policy] = await asyncio.to_thread(self._made, policy)
        return self._contexts[policy]

    def _made(self, policy: TlsPolicy) -> ssl.SSLContext:
        match policy:
            case TlsPolicy.VERIFY:
                return _verifying(self._ca_file)
            case TlsPolicy.ACCEPT_ANY:
                return _accepting_any()
            case _:
                assert_never(policy)


def _verifying(ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer, a chain to a known authority, the name or address of the URL."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # Debian's Python leaves it to OpenSSL's file
    # With suites without forward secrecy: some cameras have no others.
    context.set_ciphers(f"DEFAULT:{_NO_LONG_SUMS}")
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def _accepting_any() -> ssl.SSLContext:
    """Whatever the camera has: nothing is proven of it, so nothing is lost by old versions."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers(f"DEFAULT:{_NO_LONG_SUMS}:@SECLEVEL=0")
    context.options |= _LEGACY_SERVER_CONNECT
    return context


@dataclass(frozen=True, slots=True)
class Secured:
    """What the handshake told."""

    took_s: float
    is_old: bool
    expires_at: datetime | None


def secured(transport: asyncio.Transport, took_s: float) -> Secured:
    peer = transport.get_extra_info("ssl_object")
    certificate = peer.getpeercert(binary_form=True)
    expires_at = expiry(certificate) if certificate else None
    return Secured(took_s, peer.version() in _OLD, expires_at)


def expiry(der: bytes) -> datetime | None:
    """When the certificate ends; None where that cannot be read, which is no camera's failure."""
    if len(der) > MAX_CERTIFICATE:
        return None
    try:
        with warnings.catch_warnings():  # negative serial numbers and the like: cameras have them
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            return x509.load_der_x509_certificate(der).not_valid_after_utc
    except (ValueError, x509.InvalidVersion):
        return None


_PLAINER = {
    "WRONG_VERSION_NUMBER": "the peer does not speak TLS on this port",
    "HTTP_REQUEST": "the peer does not speak TLS on this port",
    "UNSUPPORTED_PROTOCOL": "the camera knows no TLS newer than 1.1, expected 1.2 or newer",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the camera refuses every version of TLS we offer",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "the camera refuses every cipher we offer",
    "NO_SHARED_CIPHER": "the camera refuses every cipher we offer",
}


def words_of(error: ssl.SSLError) -> str:
    """What OpenSSL says, for the technician."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}".rstrip(".")
    reason = error.reason or type(error).__name__
    return _PLAINER.get(reason) or reason.replace("_", " ").lower()
