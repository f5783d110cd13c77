"""Something done again and again while a stream lasts. Decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Pulse:
    """The first beat comes after `every_s`, none after `stop`. A beat must not wait."""

    def __init__(self, every_s: float, beat: Callable[[], None]) -> None:
        self._every_s = every_s
        self._beat = beat
        self._wind_up()

    def stop(self) -> None:
        self._timer.cancel()

    def _again(self) -> None:
        self._wind_up()
        self._beat()

    def _wind_up(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._every_s, self._again)
