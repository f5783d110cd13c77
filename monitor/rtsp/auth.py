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


def _md5(text: str) -> str:
    """The scheme asks for it; nothing here relies on its strength."""
    return hashlib.md5(encode(text), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(encode(text)).hexdigest()


_HASHES: dict[str, Callable[[str], str]] = {
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
    usable = [
        challenge
        for challenge in map(_challenge, offers)
        if challenge is not None and (allow_basic or challenge.scheme is not Scheme.BASIC)
    ]
    if prefers_md5:
        usable = [c for c in usable if not c.is_sha256] or usable
    return max(usable, key=_strength, default=None)


def _challenge(offer: AuthOffer) -> Challenge | None:
    said = offer.params.get
    realm, nonce, algorithm = said("realm", ""), said("nonce"), said("algorithm")
    if offer.scheme == Scheme.BASIC:
        return Challenge(Scheme.BASIC, realm)
    if offer.scheme != Scheme.DIGEST or nonce is None:
        return None
    hashed_by = (algorithm or "md5").lower()
    qop = _quality(said("qop"))
    if hashed_by not in _HASHES or qop == "" or (hashed_by.endswith("-sess") and qop is None):
        return None  # only auth-int, or a session hash without the cnonce that it needs
    stale = said("stale", "").lower() == "true"  # Q40
    return Challenge(Scheme.DIGEST, realm, nonce, algorithm, said("opaque"), qop, stale)


def _quality(text: str | None) -> str | None:
    """None: RFC 2069 style (Q32); "auth" out of any list (Q34); "": only what we cannot do."""
    if text is None or not text.strip():
        return None
    return "auth" if "auth" in map(str.strip, text.lower().split(",")) else ""


def _strength(challenge: Challenge) -> int:
    if challenge.scheme is Scheme.BASIC:
        return 0
    return 2 if challenge.is_sha256 else 1


class Signer:
    """One login's answers to one challenge: what is the same in each of them is made once."""

    def __init__(self, challenge: Challenge, login: Credentials, cnonce: str) -> None:
        self.challenge = challenge
        self._basic = _basic(login) if challenge.scheme is Scheme.BASIC else None
        self._digest = _HASHES[(challenge.algorithm or "md5").lower()]
        self._cnonce = cnonce
        self._secret = f"{self._ha1(login)}:{challenge.nonce}"
        self._named = (
            f'Digest username="{_quoted(login.username)}", realm="{challenge.realm}",'
            f' nonce="{challenge.nonce}"'
        )
        self._echoed = ""
        if challenge.algorithm is not None and challenge.algorithm.lower() != "md5":
            self._echoed = f", algorithm={challenge.algorithm}"  # MD5 is not said aloud (Q35)
        if challenge.opaque is not None:
            self._echoed += f', opaque="{challenge.opaque}"'  # Q42

    def _ha1(self, login: Credentials) -> str:
        challenge, digest = self.challenge, self._digest
        ha1 = digest(f"{login.username}:{challenge.realm}:{login.password}")
        if challenge.is_session:
            ha1 = digest(f"{ha1}:{challenge.nonce}:{self._cnonce}")
        return ha1

    def sign(self, method: str, uri: str, count: int) -> str:
        """The Authorization value for one request; `uri` is the very text of its request line
        (Q44).
        """
        if self._basic is not None:
            return self._basic
        qop, cnonce, digest = self.challenge.qop, self._cnonce, self._digest
        ha2 = digest(f"{method}:{uri}")
        if qop is None:
            response = digest(f"{self._secret}:{ha2}")
            return f'{self._named}, uri="{uri}", response="{response}"{self._echoed}'
        response = digest(f"{self._secret}:{count:08x}:{cnonce}:{qop}:{ha2}")
        return (
            f'{self._named}, uri="{uri}", response="{response}"{self._echoed}'
            f', qop={qop}, nc={count:08x}, cnonce="{cnonce}"'
        )


def _basic(login: Credentials) -> str:
    pair = encode(f"{login.username}:{login.password}")
    return f"Basic {b64encode(pair).decode('ascii')}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
