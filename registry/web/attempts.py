"""Slows down guessing from one address, longer with each failure. It remembers nothing else."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from registry.clock import Clock
from registry.security.delays import FREE_FOR_ADDRESS, delay_s

FORGIVEN_AFTER_S: Final = 3600.0
_ADDRESSES: Final = 4096  # beyond it the one that failed longest ago starts afresh


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last: float


class Attempts:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def wait_s(self, address: str) -> float:
        """How long until this address may try again; 0 when it may now."""
        failed = self._recent(address)
        until = failed.last + delay_s(failed.count, FREE_FOR_ADDRESS)
        return max(0.0, until - self._clock.monotonic())

    def failed(self, address: str) -> None:
        count = self._recent(address).count + 1
        self._failures[address] = _Failures(count, self._clock.monotonic())
        self._failures.move_to_end(address)
        while len(self._failures) > _ADDRESSES:
            self._failures.popitem(last=False)

    def _recent(self, address: str) -> _Failures:
        now = self._clock.monotonic()
        failed = self._failures.get(address, _Failures(0, now))
        return failed if failed.last > now - FORGIVEN_AFTER_S else _Failures(0, now)
