"""How often somebody may ask: a bucket of tokens each, in a table that cannot grow without end."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

_KEPT: Final = 10_000  # callers; beyond it the one that asked longest ago starts with a full bucket


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, so many a second from then on."""

    burst: float
    per_second: float


# A wall of 60 tiles fetches its page and 60 pictures whenever cameras change; a script that reads
# 50,000 cameras in pages of 500 asks a hundred times.
KNOWN: Final = Rate(burst=400, per_second=20)
STRANGER: Final = Rate(burst=60, per_second=1)  # of one address, with tokens that are none
# A plan tells that a login of its file is not the one in use: files that did, of one caller.
GUESS: Final = Rate(burst=10, per_second=1 / 600)
# With sessions that are none: a wall that was left open asks on when its session ended.
STALE: Final = Rate(burst=200, per_second=5)


class Buckets:
    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, and when

    def take(self, who: str, now: float) -> int:
        """Whole seconds to wait; 0 when this one is granted."""
        left, at = self._left.get(who, (self._rate.burst, now))
        left = min(self._rate.burst, left + (now - at) * self._rate.per_second)
        granted = left >= 1
        self._left[who] = (left - 1 if granted else left, now)
        self._left.move_to_end(who)
        while len(self._left) > _KEPT:
            self._left.popitem(last=False)
        return 0 if granted else math.ceil((1 - left) / self._rate.per_second)


class Rates:
    """Who is known is counted as himself, wherever he asks from; a stranger by his address."""

    def __init__(
        self,
        known: Rate = KNOWN,
        stranger: Rate = STRANGER,
        guess: Rate = GUESS,
        stale: Rate = STALE,
    ) -> None:
        self.known = Buckets(known)
        self.strangers = Buckets(stranger)
        self.guesses = Buckets(guess)
        self.stale = Buckets(stale)
