"""What tells one coded picture from another: a digest of its bytes. Never compares any."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from monitor.media.coding import Bytes

_DIGITS = 32


def digest(parts: Iterable[Bytes]) -> str:
    """SHA-256, as processors have instructions for it: a seventh of the time of BLAKE2."""
    made = sha256(usedforsecurity=False)
    for part in parts:
        made.update(part)
    return made.hexdigest()[:_DIGITS]
