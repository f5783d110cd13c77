"""Fewer looks at once while this machine cannot keep up with those under way. Pure.

Every stream that is open goes on sending while the event loop is late, and all of it has to be
read: beyond what the machine bears, each look takes longer, more are open, and none is in time.
"""

from __future__ import annotations

from collections.abc import Callable

LEAST_LOOKS = 16
LATE_SHARE = 0.3  # of the time; above, what a look did not see is not believed either
_EVERY_S = 1.0
_LESS = 0.8
_MORE = 0.05  # of the configured number


class Throttle:
    """Additive increase, multiplicative decrease, as TCP shares a line."""

    def __init__(self, most: int, stalled_s: Callable[[], float]) -> None:
        """`stalled_s`: for how long, of all time, the event loop was late."""
        self.allowed = most
        self._most = most
        self._least = min(most, LEAST_LOOKS)
        self._stalled_s = stalled_s
        self._asked_s: float | None = None
        self._before_s = 0.0

    def settle(self, now_s: float, running: int) -> int:
        """How many may run now, of which `running` do."""
        if self._asked_s is None or now_s - self._asked_s >= _EVERY_S:
            stalled_s = self._stalled_s()
            if self._asked_s is not None:
                late = (stalled_s - self._before_s) / (now_s - self._asked_s)
                self.allowed = self._after(late, running)
            self._asked_s, self._before_s = now_s, stalled_s
        return self.allowed

    def _after(self, late: float, running: int) -> int:
        if late > LATE_SHARE:
            return max(self._least, int(_LESS * min(self.allowed, running)))
        return min(self._most, self.allowed + max(1, int(_MORE * self._most)))
