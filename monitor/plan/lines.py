"""Network budgets: a bucket of bytes per line of a site or center, and the cadence it allows.

A look is paid for when it begins, by what such looks took before, and settled when it ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from monitor.plan.due import Due
from registry.targets import Target
from registry.vocabulary import Depth

BURST_S = 5.0  # how much of its rate a line that was idle may give at once
SMOOTHING = 0.1
# Until a line has shown what looks take: half a second, two and ten of a stream of 2 Mbit/s.
EXPECTED_BYTES: Mapping[Depth, float] = MappingProxyType(
    {Depth.LIVENESS: 125_000.0, Depth.PICTURE: 500_000.0, Depth.MEASURE: 2_500_000.0}
)
EXPECTED_LOOK_BYTES = 160_000.0  # nine liveness looks and a picture look


@dataclass(frozen=True, slots=True)
class LineBudgets:
    """What looks may take of a line that says nothing else of itself; None: all there is."""

    site_kbit: int | None = None
    center_kbit: int | None = None

    def lines_of(self, target: Target) -> Iterator[tuple[str, int]]:
        """The lines that a look at the target loads, with what they may bear."""
        site_kbit = _or_else(target.site_kbit, self.site_kbit)
        center_kbit = _or_else(target.center_kbit, self.center_kbit)
        if target.site is not None and site_kbit:
            yield f"site:{target.site}", site_kbit
        if target.center is not None and center_kbit:
            yield f"center:{target.center}", center_kbit


def _or_else(own: int | None, default: int | None) -> int | None:
    return default if own is None else own


@dataclass(slots=True)
class Line:
    """The line of one site or center."""

    kbit: int
    at_s: float
    feeds: int = 0
    waiting: deque[Due] = field(default_factory=deque)
    rings_at_s: float | None = None  # when whoever waits will be let in
    level: float = field(init=False)  # bytes it may give now; below zero it is paid off first
    look_bytes: float = EXPECTED_LOOK_BYTES
    _expected: dict[Depth, float] = field(default_factory=lambda: dict(EXPECTED_BYTES))

    def __post_init__(self) -> None:
        self.level = self.bytes_per_s * BURST_S

    @property
    def bytes_per_s(self) -> float:
        return self.kbit * 1000 / 8

    def is_open(self, now_s: float) -> bool:
        earned = (now_s - self.at_s) * self.bytes_per_s
        self.level = min(self.level + earned, self.bytes_per_s * BURST_S)
        self.at_s = now_s
        return self.level > -1  # byte: what rounding may leave of a debt

    def opens_at_s(self) -> float:
        return self.at_s + max(0.0, -self.level) / self.bytes_per_s

    def reserve(self, depth: Depth) -> float:
        """Take what such a look will probably need."""
        expected = self._expected[depth]
        self.level -= expected
        return expected

    def settle(self, reserved: float, depth: Depth, taken: int) -> None:
        self.level += reserved - taken
        self._expected[depth] += SMOOTHING * (taken - self._expected[depth])
        self.look_bytes += SMOOTHING * (taken - self.look_bytes)

    def give_back(self, reserved: float) -> None:
        """The look did not take place."""
        self.level += reserved

    def cadence_s(self, wanted_s: float) -> float:
        """What the line allows: 300 cameras x 160 kB at 4 Mbit/s = 96 s."""
        return max(wanted_s, self.feeds * self.look_bytes / self.bytes_per_s)
