"""Passwords of accounts: which are good enough, and argon2id in a thread. It knows no account."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_CHARS: Final = 12
MAX_CHARS: Final = 200
MOST_WAITING: Final = 16  # some seconds of hashing
CROWDED_S: Final = 5.0

# The second recommended option of RFC 9106 section 4, for where memory is not plenty: 64 MiB.
_HASHER: Final = PasswordHasher(
    time_cost=3, memory_cost=64 * 1024, parallelism=4, hash_len=32, salt_len=16
)
# What is compared when there is no such account, so that the time taken does not tell.
_NOBODYS: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$Gg2ClE4xaH6Busx7tWb/FA"
    "$XnurrZ6/Kg7NPvQHIGNKGCcjy+z/EBFcx+ho/Z4+EUo"
)


class PasswordRefused(Exception):
    """A password that may not be set; the message never quotes it."""


def require_good(password: str, name: str) -> None:
    if len(password) < MIN_CHARS:
        raise PasswordRefused(f"{len(password)} characters, expected {MIN_CHARS} at least")
    if len(password) > MAX_CHARS:
        raise PasswordRefused(f"{len(password)} characters, expected {MAX_CHARS} at most")
    if name.casefold() in password.casefold():
        raise PasswordRefused("it contains the name of the account")
    if len(set(password)) < MIN_CHARS // 2:
        raise PasswordRefused(f"it repeats itself, expected {MIN_CHARS // 2} different characters")


class Crowded(Exception):
    """Too many wait for their turn already; nothing was compared."""


class Passwords:
    """One hash at a time: however many knock, they take 64 MiB and one core together."""

    def __init__(self, hasher: PasswordHasher = _HASHER, nobodys: str = _NOBODYS) -> None:
        self._hasher = hasher
        self._nobodys = nobodys
        self._lock = asyncio.Lock()
        self._room = MOST_WAITING + 1

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """For who decides by what is known when his turn comes. Raises `Crowded`."""
        if not self._room:
            raise Crowded(f"{MOST_WAITING} wait for their passwords already, try again in a while")
        self._room -= 1
        try:
            async with self._lock:
                yield
        finally:
            self._room += 1

    async def hashed(self, password: str) -> str:
        async with self.turn():
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def matches(self, kept: str | None, password: str) -> bool:
        """Within a `turn`."""
        return await asyncio.to_thread(self._verify, kept or self._nobodys, _normal(password))

    def _verify(self, kept: str, password: bytes) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> bytes:
    """One form for a letter that keyboards compose in two ways, such as й."""
    return unicodedata.normalize("NFC", password[:MAX_CHARS]).encode("utf-8", "surrogatepass")
