"""The gate before a login: cameras lock out, so somebody has to remember rejected logins.

Not here.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from monitor.rtsp.failures import ProbeError, ProbeFailure, Where
from registry.clock import Clock

Place = tuple[str, int, str]  # host, port, fingerprint of the login


class SignGate(Protocol):
    """Asked before the first signed request of a look, told how it went. One login per look."""

    def enter_now(self, host: str, port: int, fingerprint: str) -> bool | None:
        """May this login be sent to this host now? False: it is parked, and nothing signed is
        sent. None: others are trying it, wait with `enter`.
        """
        ...

    async def enter(self, host: str, port: int, fingerprint: str) -> bool:
        """The same, once it can be said."""
        ...

    def leave(self, host: str, port: int, fingerprint: str, accepted: bool | None) -> None:
        """Called once for every `enter` that said True; None: the camera gave no judgement."""
        ...


class OpenGate:
    """Lets every login through: one look by hand needs no memory."""

    def enter_now(self, host: str, port: int, fingerprint: str) -> bool | None:
        return True

    async def enter(self, host: str, port: int, fingerprint: str) -> bool:
        return True

    def leave(self, host: str, port: int, fingerprint: str, accepted: bool | None) -> None:
        return None


OPEN_GATE = OpenGate()


class Turn:
    """One look's turn at the gate: entered at most once, and left once if it was."""

    def __init__(self, gate: SignGate, clock: Clock) -> None:
        self.was_taken = False
        self._gate = gate
        self._clock = clock
        self._at: Place | None = None

    def take_now(self, place: Place, latest: float) -> bool:
        """False: it must be waited for, or there will be none."""
        if self.was_taken:
            return True
        if self._clock.monotonic() >= latest or not self._gate.enter_now(*place):
            return False
        self._at, self.was_taken = place, True
        return True

    async def take(self, place: Place, latest: float, where: Where) -> None:
        """Raises ProbeError where nothing may be signed now, or not before `latest`."""
        if self.was_taken:
            return
        try:
            async with asyncio.timeout(max(0.0, latest - self._clock.monotonic())):
                opened = await self._gate.enter(*place)
        except TimeoutError as error:
            message = "others were trying this login; the turn did not come in time"
            raise ProbeError(ProbeFailure.BUSY, message, where) from error
        if not opened:
            message = "a login was rejected here lately; no further one is sent for now"
            raise ProbeError(ProbeFailure.LOCKED_OUT, message, where)
        self._at, self.was_taken = place, True

    def end(self, accepted: bool | None) -> None:
        """As soon as it is known: others may be waiting."""
        place, self._at = self._at, None
        if place is not None:
            self._gate.leave(*place, accepted)
