"""How long this machine did not look: time in which the event loop did not breathe.

Judges nothing.
"""

from __future__ import annotations

import asyncio

from registry.clock import Clock

_PERIOD_S = 0.02


class Attention:
    """Seconds that advance only while a tick keeps coming on time.

    What waits in the kernel while we are busy arrives late and all at once. Counted in these
    seconds, our own stall is no pause of the camera.
    """

    def __init__(self, clock: Clock) -> None:
        self.stalled_s = 0.0
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._due = clock.monotonic() + _PERIOD_S
        self._timer = self._loop.call_later(_PERIOD_S, self._tick)

    def at(self, now: float) -> float:
        if now > self._due:
            self.stalled_s += now - self._due
            self._due = now
        return now - self.stalled_s

    def _tick(self) -> None:
        now = self._clock.monotonic()
        self.at(now)
        self._due = now + _PERIOD_S
        self._timer = self._loop.call_later(_PERIOD_S, self._tick)

    def stop(self) -> None:
        self._timer.cancel()
