"""The gate before a login: cameras lock out, so somebody has to remember rejected logins.

Not here.
"""

from __future__ import annotations

from typing import Protocol


class SignGate(Protocol):
    """Asked before the first signed request of a look, told how it went. One login per look."""

    async def enter(self, host: str, port: int, fingerprint: str) -> bool:
        """May this login be sent to this host now? False: it is parked, and nothing signed is
        sent.
        """
        ...

    def leave(self, host: str, port: int, fingerprint: str, accepted: bool | None) -> None:
        """Called once for every `enter` that said True; None: the camera gave no judgement."""
        ...


class OpenGate:
    """Lets every login through: one look by hand needs no memory."""

    async def enter(self, host: str, port: int, fingerprint: str) -> bool:
        return True

    def leave(self, host: str, port: int, fingerprint: str, accepted: bool | None) -> None:
        return None


OPEN_GATE = OpenGate()
