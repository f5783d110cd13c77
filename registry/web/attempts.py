"""Slows down guessing at the login. It counts failures by address and remembers nothing else."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from registry.clock import Clock

WINDOW_S: Final = 300.0
FAILURES_ALLOWED: Final = 10  # of one address within the window
_ADDRESSES: Final = 4096


class Attempts:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def allowed(self, address: str) -> bool:
        return len(self._recent(address)) < FAILURES_ALLOWED

    def failed(self, address: str) -> None:
        self._failures[address] = [*self._recent(address), self._clock.monotonic()]
        self._failures.move_to_end(address)
        while len(self._failures) > _ADDRESSES:
            self._failures.popitem(last=False)

    def _recent(self, address: str) -> list[float]:
        oldest = self._clock.monotonic() - WINDOW_S
        return [at for at in self._failures.get(address, ()) if at > oldest]
