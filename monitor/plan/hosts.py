"""Session budgets: how many looks a host bears at once, and the cadence its channels get by it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from monitor.plan.due import Due

EXPECTED_LOOK_S = 2.0  # until the host has shown how long a look takes
SMOOTHING = 0.1


@dataclass(slots=True)
class Host:
    """One recorder or camera host: its budget, who is on it now, who waits in line."""

    budget: int
    feeds: int = 0
    busy: int = 0
    look_s: float = EXPECTED_LOOK_S
    waiting: deque[Due] = field(default_factory=deque)

    @property
    def is_free(self) -> bool:
        return self.busy < self.budget

    def took(self, seconds: float) -> None:
        self.look_s += SMOOTHING * (seconds - self.look_s)

    def cadence_s(self, wanted_s: float) -> float:
        """What the budget allows: 64 channels x 2 s / 4 sessions = 32 s."""
        return max(wanted_s, self.feeds * self.look_s / self.budget)
