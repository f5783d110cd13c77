"""The looks this machine carries out at once, and who gets the next free place.

A feed in trouble holds its place until its time-outs, a healthy one for half a second. So those
whose last look failed have half of the places at most: a district that is cut off slows itself.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from monitor.plan.due import Due, place_in
from monitor.plan.hosts import EXPECTED_FAILING_LOOK_S, USED
from registry.look import FeedKey

SMOOTHING = 0.05


@dataclass(slots=True)
class Places:
    """It holds nobody back whom a budget has not let pass."""

    most: int  # the throttle moves it
    _well: deque[Due] = field(default_factory=deque)
    _troubled: deque[Due] = field(default_factory=deque)
    _failed: set[FeedKey] = field(default_factory=set)  # whose last look failed
    _running: dict[FeedKey, bool] = field(default_factory=dict)  # True: failed the last time
    _failing: int = 0  # how many of those
    _failing_look_s: float = EXPECTED_FAILING_LOOK_S

    @property
    def running(self) -> int:
        return len(self._running)

    @property
    def waiting(self) -> int:
        return len(self._well) + len(self._troubled)

    @property
    def most_failing(self) -> int:
        return max(1, self.most // 2)

    def admit(self, due: Due) -> None:
        """It may go as soon as there is a place."""
        (self._troubled if due.key in self._failed else self._well).append(due)

    def ahead_of(self, key: FeedKey) -> int | None:
        """How many go before it, of those who wait in the same line; None: it does not wait."""
        line = self._troubled if key in self._failed else self._well
        return place_in(line, key)

    def take(self) -> Due | None:
        """Who goes now, if anybody."""
        if len(self._running) >= self.most:
            return None
        troubled = bool(self._troubled) and self._failing < self.most_failing
        if troubled and (not self._well or self._troubled[0].at_s < self._well[0].at_s):
            due = self._troubled.popleft()
            self._failing += 1
            self._running[due.key] = True
            return due
        if not self._well:
            return None
        due = self._well.popleft()
        self._running[due.key] = False
        return due

    def left(self, key: FeedKey, seconds: float, succeeded: bool | None) -> None:
        """A look is over; None: it did not take place."""
        self._failing -= self._running.pop(key)
        if succeeded is None:
            return
        if succeeded:
            self._failed.discard(key)
        else:
            self._failed.add(key)
            self._failing_look_s += SMOOTHING * (seconds - self._failing_look_s)

    def forget(self, key: FeedKey) -> None:
        self._failed.discard(key)

    def cadence_s(self, key: FeedKey, wanted_s: float) -> float:
        """What the places allow a feed in trouble; the healthy ones have more than they need."""
        if key not in self._failed:
            return wanted_s
        round_s = len(self._failed) * self._failing_look_s / (self.most_failing * USED)
        return max(wanted_s, round_s)
