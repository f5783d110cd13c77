"""What feeds owe their lines: who took too much waits for it, and nobody else does.

Pure. It knows no line: what a look costs its feed is reckoned there.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from registry.look import FeedKey

# A look is believed for two minutes at least, and for three cadences, of which the rest is part:
# so a feed does not become unknown only because it waits.
FIRST_REST_S = 60.0


@dataclass(frozen=True, slots=True)
class _Debt:
    until_s: float  # when the line has earned it
    rest_s: float  # for how long the feed waits now


class Debts:
    """Each wait is at most twice the one before: a single flood costs a few long cadences."""

    def __init__(self) -> None:
        self._debts: dict[FeedKey, _Debt] = {}

    def rest_s(self, key: FeedKey) -> float:
        """How long after its last look the next one may come; as a rule at once."""
        debt = self._debts.get(key)
        return debt.rest_s if debt else 0.0

    def ended(self, key: FeedKey, now_s: float, owed_s: float) -> None:
        """A look is over, and its lines need so long to earn what it took too much."""
        before = self._debts.get(key)
        if before is None and not owed_s:
            return  # as a rule
        until_s = max(now_s + owed_s, before.until_s if before else now_s)
        if until_s <= now_s:
            del self._debts[key]
            return
        most_s = max(FIRST_REST_S, 2 * before.rest_s) if before else FIRST_REST_S
        self._debts[key] = _Debt(until_s, min(until_s - now_s, most_s))

    def keep(self, keys: Container[FeedKey]) -> None:
        """Forget the feeds that are gone."""
        for key in [key for key in self._debts if key not in keys]:
            del self._debts[key]
