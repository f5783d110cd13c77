"""How long this machine did not look: time in which the event loop did not breathe.

Judges nothing.
"""

from __future__ import annotations

import asyncio

from registry.clock import Clock

_PERIOD_S = 0.02  # finer than the pace of pictures


class Breath:
    """A tick that all looks share, kept up while one of them wants it: what comes late of it is
    time in which nobody looked.
    """

    def __init__(self, clock: Clock, period_s: float = _PERIOD_S) -> None:
        self.stalled_s = 0.0
        self._clock = clock
        self._period_s = period_s
        self._watched_by = 0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        self._watched_by += 1
        now = self._clock.monotonic()
        if self._timer is None:
            self._wait(now)
        else:
            self.notice(now)

    def unwatch(self) -> None:
        self._watched_by -= 1
        if self._timer is not None and not self._watched_by:
            self._timer.cancel()
            self._timer = None

    def notice(self, now: float) -> None:
        """Something is seen to happen now, which is no later than the tick unless that is late."""
        if now > self._due:
            self.stalled_s += now - self._due
            self._due = now

    def _tick(self) -> None:
        now = self._clock.monotonic()
        self.notice(now)
        self._wait(now)

    def _wait(self, now: float) -> None:
        self._due = now + self._period_s
        self._timer = asyncio.get_running_loop().call_later(self._period_s, self._tick)


class Attention:
    """One look's seconds, which advance only while the tick keeps coming on time.

    What waits in the kernel while we are busy arrives late and all at once. Counted in these
    seconds, our own stall is no pause of the camera.
    """

    def __init__(self, breath: Breath) -> None:
        self._breath = breath
        self._before_s: float | None = None  # None: not begun
        self._ended_s: float | None = None

    @property
    def stalled_s(self) -> float:
        if self._before_s is None:
            return 0.0
        ended_s = self._breath.stalled_s if self._ended_s is None else self._ended_s
        return ended_s - self._before_s

    def at(self, now: float) -> float:
        """From the first call on it is kept up, until `stop`, behind which nobody asks."""
        if self._before_s is None:
            self._breath.watch()
            self._before_s = self._breath.stalled_s
        self._breath.notice(now)
        return now - self._breath.stalled_s

    def stop(self) -> None:
        if self._ended_s is None:
            self._ended_s = self._breath.stalled_s
            if self._before_s is not None:
                self._breath.unwatch()
