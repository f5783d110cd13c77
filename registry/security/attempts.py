"""Slows down guessing from one address, longer with each failure. It remembers nothing else."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from registry.security.delays import FREE_FOR_ADDRESS, delay_s

FORGIVEN_AFTER_S: Final = 3600.0
UNDER_WAY_S: Final = 2.0  # until those that are being compared are answered
_ADDRESSES: Final = 4096  # beyond it the one that failed longest ago starts afresh


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last: float


class Attempts:
    """Moments are of the monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, _Failures] = OrderedDict()
        self._under_way: Counter[str] = Counter()

    def wait_s(self, address: str, now: float) -> float:
        """How long until this address may try again; 0 when it may now."""
        failed = self._recent(address, now)
        until = failed.last + delay_s(failed.count, FREE_FOR_ADDRESS)
        return max(0.0, until - now)

    def crowd_s(self, address: str, now: float) -> float:
        """The same for one more attempt beside those that nobody knows the outcome of yet."""
        under_way = self._under_way[address]
        if not under_way or self._recent(address, now).count + under_way < FREE_FOR_ADDRESS:
            return self.wait_s(address, now)
        return max(UNDER_WAY_S, self.wait_s(address, now))

    @contextmanager
    def under_way(self, address: str) -> Iterator[None]:
        self._under_way[address] += 1
        try:
            yield
        finally:
            self._under_way[address] -= 1
            if not self._under_way[address]:
                del self._under_way[address]

    def failed(self, address: str, now: float) -> None:
        count = self._recent(address, now).count + 1
        self._failures[address] = _Failures(count, now)
        self._failures.move_to_end(address)
        while len(self._failures) > _ADDRESSES:
            self._failures.popitem(last=False)

    def _recent(self, address: str, now: float) -> _Failures:
        failed = self._failures.get(address, _Failures(0, now))
        return failed if failed.last > now - FORGIVEN_AFTER_S else _Failures(0, now)
