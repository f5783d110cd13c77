"""The one clock of the house, a seam for tests to hold time still. It decides nothing."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Time as camreach uses it: intervals by the monotonic clock, labels by UTC."""

    def monotonic(self) -> float:
        """Seconds that only ever advance."""
        ...

    def now(self) -> datetime:
        """UTC, advancing with `monotonic`: a step of the machine's clock does not move it."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """UTC anchored to the monotonic clock; `drift()` tells how far the wall clock stepped away."""

    def __init__(self) -> None:
        self._origin_s = _origin_s()

    monotonic = staticmethod(time.monotonic)  # asked dozens of times in a look

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._origin_s + time.monotonic(), UTC)

    def drift(self) -> timedelta:
        """Wall clock minus our own time: beyond a second somebody stepped the machine's clock."""
        return datetime.now(UTC) - self.now()

    def reanchor(self) -> None:
        """Accept the wall clock as it is now; the caller records the step as an event."""
        self._origin_s = _origin_s()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _origin_s() -> float:
    """When the monotonic clock was at zero, by the wall clock."""
    return time.time() - time.monotonic()
