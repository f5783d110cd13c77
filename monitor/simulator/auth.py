"""The camera's side of HTTP Basic and Digest (RFC 7617, RFC 7616, RFC 2069) as RTSP uses them.

It must not keep what a client sent.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re

from monitor.simulator.behaviour import AuthOffer, SimulatedLogin

_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')
_REALM = "Simulated camera"
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def challenges(offer: AuthOffer, nonce: str) -> list[str]:
    """The WWW-Authenticate values, in the order sent."""
    basic = f'Basic realm="{_REALM}"'
    match offer:
        case AuthOffer.BASIC:
            return [basic]
        case AuthOffer.DIGEST_MD5:
            return [_digest("MD5", nonce)]
        case AuthOffer.DIGEST_MD5_AND_BASIC:
            return [_digest("MD5", nonce), basic]
        case AuthOffer.DIGEST_SHA256:
            return [_digest("SHA-256", nonce)]


def _digest(algorithm: str, nonce: str) -> str:
    return f'Digest realm="{_REALM}", nonce="{nonce}", algorithm={algorithm}, qop="auth"'


def accepts(
    offer: AuthOffer, login: SimulatedLogin, nonce: str, method: str, authorization: str
) -> bool:
    scheme, _, rest = authorization.partition(" ")
    match scheme.lower():
        case "basic":
            offered = offer in (AuthOffer.BASIC, AuthOffer.DIGEST_MD5_AND_BASIC)
            return offered and _basic_matches(login, rest)
        case "digest":
            return offer is not AuthOffer.BASIC and _digest_matches(
                "SHA-256" if offer is AuthOffer.DIGEST_SHA256 else "MD5",
                login, nonce, method, rest,
            )  # fmt: skip
        case _:
            return False


def _basic_matches(login: SimulatedLogin, sent: str) -> bool:
    try:
        pair = base64.b64decode(sent.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(pair, f"{login.username}:{login.password}".encode())


def _digest_matches(
    algorithm: str, login: SimulatedLogin, nonce: str, method: str, sent: str
) -> bool:
    said = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(sent)}
    if said.get("nonce") != nonce or said.get("algorithm", "MD5").upper() != algorithm:
        return False

    def hashed(*parts: str) -> str:
        return _HASHES[algorithm](":".join(parts).encode()).hexdigest()

    secret = hashed(login.username, _REALM, login.password)
    asked = hashed(method, said.get("uri", ""))
    middle = [nonce]
    if "qop" in said:
        middle += [said.get("nc", ""), said.get("cnonce", ""), said["qop"]]
    expected = hashed(secret, *middle, asked)
    named = said.get("username") == login.username and said.get("realm") == _REALM
    return named and hmac.compare_digest(expected.encode(), said.get("response", "").encode())
