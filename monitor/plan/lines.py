"""Network budgets: a bucket of bytes per line of a site or center, and the cadence it allows.

A look is paid for when it begins, by what such looks took before, and settled when it ends. What
it took beyond measure is its feed's debt, not the line's: no camera holds up its neighbours.
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
MIX_SMOOTHING = 0.01  # ten pictures come in a row where an estate is taken up
# Until a line has shown what looks take: half a second, two and ten of a stream of 2 Mbit/s.
EXPECTED_BYTES: Mapping[Depth, float] = MappingProxyType(
    {Depth.LIVENESS: 125_000.0, Depth.PICTURE: 500_000.0, Depth.MEASURE: 2_500_000.0}
)
EXPECTED_MIX: Mapping[Depth, float] = MappingProxyType(
    {Depth.LIVENESS: 0.9, Depth.PICTURE: 0.1, Depth.MEASURE: 0.0}
)
# What one look may take off its line and teach it: four times what such looks take. They teach no
# more than the line gives in half a minute, and together they close it for no longer.
MOST_TIMES = 4
MOST_DEBT_S = 30.0
# The rest is paid by the feeds that took it, out of a quarter of the rate on top of what the line
# gives. Whatever they owe, they are looked at every 20 minutes: knowledge holds for three of these.
REPAID_AT = 0.25
MOST_OWED_S = 1200.0


# Where neither the site nor the settings say anything. A line behind which there are more than 150
# feeds is none of a street: a data center or a campus bears 64 kbit/s for each of them.
SITE_KBIT = 10_000
SITE_KBIT_A_FEED = 64


@dataclass(frozen=True, slots=True)
class Load:
    """One line that a look loads, and what it may bear: so much, or so much a feed if more."""

    line: str
    kbit: int
    kbit_a_feed: int = 0

    def kbit_for(self, feeds: int) -> int:
        return max(self.kbit, self.kbit_a_feed * feeds)


@dataclass(frozen=True, slots=True)
class LineBudgets:
    """What looks may take of a line that says nothing else of itself; 0: all there is."""

    site_kbit: int | None = 0  # None: nobody said, so it depends on the feeds behind it
    center_kbit: int = 0

    def loads(self, target: Target) -> Iterator[Load]:
        """The lines that a look at the target loads."""
        if target.site is not None:
            line, kbit = f"site:{target.site}", _or_else(target.site_kbit, self.site_kbit)
            if kbit is None:
                yield Load(line, SITE_KBIT, SITE_KBIT_A_FEED)
            elif kbit:
                yield Load(line, kbit)
        center_kbit = _or_else(target.center_kbit, self.center_kbit)
        if target.center is not None and center_kbit:
            yield Load(f"center:{target.center}", center_kbit)


def _or_else(own: int | None, default: int | None) -> int | None:
    return default if own is None else own


@dataclass(slots=True)
class Usual:
    """What looks over one line take, learned by depth, and how often which depth comes.

    One average of all looks would jump twentyfold whenever a measure is among them.
    """

    look_bytes: float = field(init=False)  # of whatever depth
    _expected: dict[Depth, float] = field(default_factory=lambda: dict(EXPECTED_BYTES))
    _mix: dict[Depth, float] = field(default_factory=lambda: dict(EXPECTED_MIX))

    def __post_init__(self) -> None:
        self._average()

    def of(self, depth: Depth) -> float:
        return self._expected[depth]

    def learn(self, depth: Depth, taken: float) -> None:
        self._expected[depth] += SMOOTHING * (taken - self._expected[depth])
        for one, share in self._mix.items():
            self._mix[one] = share + MIX_SMOOTHING * ((one is depth) - share)
        self._average()

    def _average(self) -> None:
        self.look_bytes = sum(share * self._expected[one] for one, share in self._mix.items())


@dataclass(slots=True)
class Line:
    """The line of one site or center."""

    kbit: int
    at_s: float
    feeds: int = 0
    waiting: deque[Due] = field(default_factory=deque)
    rings_at_s: float | None = None  # when whoever waits will be let in
    level: float = field(init=False)  # bytes it may give now; below zero it is paid off first
    owed: float = 0.0  # bytes that its feeds have to wait for
    usual: Usual = field(default_factory=Usual)

    def __post_init__(self) -> None:
        self.level = self.bytes_per_s * BURST_S

    @property
    def bytes_per_s(self) -> float:
        return self.kbit * 1000 / 8

    def is_open(self, now_s: float) -> bool:
        self.earn(now_s)
        return self.level > -1  # byte: what rounding may leave of a debt

    def earn(self, now_s: float) -> None:
        earned = (now_s - self.at_s) * self.bytes_per_s
        self.level = min(self.level + earned, self.bytes_per_s * BURST_S)
        self.owed = max(0.0, self.owed - REPAID_AT * earned)
        self.at_s = now_s

    def opens_at_s(self) -> float:
        return self.at_s + max(0.0, -self.level) / self.bytes_per_s

    def reserve(self, depth: Depth) -> float:
        """Take what such a look will probably need."""
        expected = self.usual.of(depth)
        self.level -= expected
        return expected

    def settle(self, reserved: float, depth: Depth, taken: int) -> float:
        """Returns for how long the feed has to wait, for what it took beyond what a look may."""
        most = self.most_of(depth)
        before = self.level + reserved
        least = min(before, -max(most, MOST_DEBT_S * self.bytes_per_s))
        self.level = max(before - min(taken, most), least)
        self.usual.learn(depth, min(taken, most))
        return self._owe(taken - (before - self.level))

    def give_back(self, reserved: float) -> None:
        """The look did not take place."""
        self.level += reserved

    def most_of(self, depth: Depth) -> float:
        """What one look may take of the line."""
        learned = min(MOST_TIMES * self.usual.of(depth), MOST_DEBT_S * self.bytes_per_s)
        return max(MOST_TIMES * EXPECTED_BYTES[depth], learned)

    def _owe(self, excess: float) -> float:
        """Who owes waits until all that is owed is paid, or for his own part at his own share."""
        if excess < 1:  # byte
            return 0.0
        rate = REPAID_AT * self.bytes_per_s
        self.owed = min(self.owed + excess, MOST_OWED_S * rate)
        return min(self.owed, excess * max(1, self.feeds)) / rate

    def cadence_s(self, wanted_s: float) -> float:
        """What the line allows: 300 cameras x 160 kB at 4 Mbit/s = 96 s."""
        return max(wanted_s, self.feeds * self.usual.look_bytes / self.bytes_per_s)
