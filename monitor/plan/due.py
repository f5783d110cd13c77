"""The due-queue: one heap of what is to be looked at when. It knows no clock."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from itertools import count

from registry.look import FeedKey
from registry.values import value
from registry.vocabulary import Depth


@value(frozen=True, slots=True)
class Due:
    """One look that is to come. `at_s` is on the monotonic clock."""

    key: FeedKey
    at_s: float
    depth: Depth
    keyframes: int = 1
    ticket: str | None = None  # somebody asked for it and waits


def place_in(line: Iterable[Due], key: FeedKey) -> int | None:
    """How many stand before the look at this feed; None: it is not in line."""
    return next((place for place, due in enumerate(line) if due.key == key), None)


class DueQueue:
    """At most one `Due` a feed: a later `put` replaces the earlier one."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, FeedKey]] = []
        self._current: dict[FeedKey, tuple[int, Due]] = {}
        self._order = count()

    def __len__(self) -> int:
        return len(self._current)

    def put(self, due: Due) -> None:
        turn = next(self._order)
        self._current[due.key] = (turn, due)
        heapq.heappush(self._heap, (due.at_s, turn, due.key))
        if len(self._heap) > 64 + 4 * len(self._current):
            self._rebuild()

    def discard(self, key: FeedKey) -> None:
        self._current.pop(key, None)

    def get(self, key: FeedKey) -> Due | None:
        entry = self._current.get(key)
        return entry[1] if entry else None

    def next_at(self) -> float | None:
        """When the earliest look is due; None when nothing is planned."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def pop(self, now_s: float) -> Due | None:
        """The earliest look that is due by now, taken out of the queue."""
        self._drop_stale()
        if not self._heap or self._heap[0][0] > now_s:
            return None
        _, _, key = heapq.heappop(self._heap)
        return self._current.pop(key)[1]

    def _drop_stale(self) -> None:
        while self._heap and not self._is_current(self._heap[0]):
            heapq.heappop(self._heap)

    def _is_current(self, entry: tuple[float, int, FeedKey]) -> bool:
        _, turn, key = entry
        current = self._current.get(key)
        return current is not None and current[0] == turn

    def _rebuild(self) -> None:
        self._heap = [(due.at_s, turn, key) for key, (turn, due) in self._current.items()]
        heapq.heapify(self._heap)
