"""Logging in: which challenge to answer, and with what. Keeps no state, makes no randomness."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import field
from enum import StrEnum

from monitor.rtsp.headers import AuthOffer
from monitor.rtsp.messages import encode
from monitor.rtsp.values import light_value


@light_value
class Credentials:
    username: str = field(repr=False)
    password: str = field(repr=False)
    allow_basic: bool = False
    # What was hashed of it, for the one look that it is made for.
    hashed: dict[tuple[str, str], str] = field(default_factory=dict, repr=False, compare=False)


class Scheme(StrEnum):
    BASIC = "basic"
    DIGEST = "digest"


@light_value
class Challenge:
    """The one offer that is answered."""

    scheme: Scheme
    realm: str = ""
    nonce: str = ""
    algorithm: str | None = None  # as the camera wrote it; None when it gave none
    opaque: str | None = None
    qop: str | None = None
    stale: bool = False

    @property
    def is_sha256(self) -> bool:
        return (self.algorithm or "").lower().startswith("sha")

    @property
    def is_session(self) -> bool:
        return (self.algorithm or "").lower().endswith("-sess")


def _md5(data: bytes) -> str:
    # The scheme asks for MD5; nothing here relies on its strength.
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


_HASHES: dict[str, Callable[[bytes], str]] = {
    "md5": _md5,
    "md5-sess": _md5,
    "sha-256": _sha256,
    "sha-256-sess": _sha256,
}


def choose(
    offers: tuple[AuthOffer, ...], *, allow_basic: bool, prefers_md5: bool = False
) -> Challenge | None:
    """The strongest offer that may be answered: SHA-256, MD5, and Basic only where allowed (Q37,
    Q38). MD5 before SHA-256 where that is known to fail (Q39).
    """
    usable = [challenge for offer in offers if (challenge := _challenge(offer)) is not None]
    if not allow_basic:
        usable = [challenge for challenge in usable if challenge.scheme is not Scheme.BASIC]
    if prefers_md5:
        usable = [c for c in usable if not c.is_sha256] or usable
    return max(usable, key=_strength, default=None)


def _challenge(offer: AuthOffer) -> Challenge | None:
    if offer.scheme == Scheme.BASIC:
        return Challenge(Scheme.BASIC, realm=offer.get("realm") or "")
    nonce = offer.get("nonce")
    algorithm = offer.get("algorithm")
    if offer.scheme != Scheme.DIGEST or nonce is None:
        return None
    if (algorithm or "md5").lower() not in _HASHES:
        return None
    qop = _quality(offer.get("qop"))
    if qop == "" or ((algorithm or "").lower().endswith("-sess") and qop is None):
        return None  # only auth-int, or a session hash without the cnonce that it needs
    return Challenge(
        Scheme.DIGEST,
        realm=offer.get("realm") or "",
        nonce=nonce,
        algorithm=algorithm,
        opaque=offer.get("opaque"),
        qop=qop,
        stale=(offer.get("stale") or "").lower() == "true",  # Q40
    )


def _quality(text: str | None) -> str | None:
    """None: RFC 2069 style (Q32); "auth" out of any list (Q34); "": only what we cannot do."""
    if text is None or not text.strip():
        return None
    return "auth" if "auth" in (item.strip().lower() for item in text.split(",")) else ""


def _strength(challenge: Challenge) -> int:
    if challenge.scheme is Scheme.BASIC:
        return 0
    return 2 if challenge.is_sha256 else 1


def sign(
    challenge: Challenge,
    credentials: Credentials,
    *,
    method: str,
    uri: str,
    count: int,
    cnonce: str,
) -> str:
    """The Authorization value for one request; `uri` is the very text of its request line (Q44)."""
    if challenge.scheme is Scheme.BASIC:
        pair = encode(f"{credentials.username}:{credentials.password}")
        return f"Basic {b64encode(pair).decode('ascii')}"
    response = _response(challenge, credentials, method, uri, count, cnonce)
    fields = [
        f'username="{_quoted(credentials.username)}"',
        f'realm="{challenge.realm}"',
        f'nonce="{challenge.nonce}"',
        f'uri="{uri}"',
        f'response="{response}"',
    ]
    if challenge.algorithm is not None and challenge.algorithm.lower() != "md5":
        fields.append(f"algorithm={challenge.algorithm}")  # MD5 is not said aloud (Q35)
    if challenge.opaque is not None:
        fields.append(f'opaque="{challenge.opaque}"')  # Q42
    if challenge.qop is not None:
        fields += [f"qop={challenge.qop}", f"nc={count:08x}", f'cnonce="{cnonce}"']
    return "Digest " + ", ".join(fields)


def _response(
    challenge: Challenge, login: Credentials, method: str, uri: str, count: int, cnonce: str
) -> str:
    algorithm = (challenge.algorithm or "md5").lower()
    digest = _HASHES[algorithm]
    ha1 = login.hashed.get((algorithm, challenge.realm))
    if ha1 is None:
        ha1 = digest(encode(f"{login.username}:{challenge.realm}:{login.password}"))
        login.hashed[algorithm, challenge.realm] = ha1
    if challenge.is_session:
        ha1 = digest(encode(f"{ha1}:{challenge.nonce}:{cnonce}"))
    ha2 = digest(encode(f"{method}:{uri}"))
    if challenge.qop is None:
        return digest(encode(f"{ha1}:{challenge.nonce}:{ha2}"))
    middle = f"{challenge.nonce}:{count:08x}:{cnonce}:{challenge.qop}"
    return digest(encode(f"{ha1}:{middle}:{ha2}"))


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
