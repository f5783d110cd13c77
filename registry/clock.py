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
        self._anchor = datetime.now(UTC)
        self._origin = time.monotonic()

    monotonic = staticmethod(time.monotonic)  # asked dozens of times in a look

    def now(self) -> datetime:
        return self._anchor + timedelta(seconds=time.monotonic() - self._origin)

    def drift(self) -> timedelta:
        """Wall clock minus our own time: beyond a second somebody stepped the machine's clock."""
        return datetime.now(UTC) - self.now()

    def reanchor(self) -> None:
        """Accept the wall clock as it is now; the caller records the step as an event."""
        self._anchor = datetime.now(UTC)
        self._origin = time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
