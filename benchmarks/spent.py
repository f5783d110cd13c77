"""What one piece of work cost, and the same work many times: CPU of this process, bytes, time.

It knows nothing of cameras.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from benchmarks.table import median, percentile

Work = Callable[[], Awaitable[int]]  # returns the bytes it took; 0 where it cannot tell

# Golden ratio: however few the rounds, they begin all over a camera's GOP of one second.
_PHASE_STEP = 0.6180339887


@dataclass(frozen=True, slots=True)
class Spent:
    cpu_ms: float
    wall_ms: float
    bytes: int


@dataclass(slots=True)
class Series:
    """The same work, over and over. `floor` names what it is held against."""

    name: str
    work: Work
    floor: str | None = None
    in_children: bool = False  # the cost is that of processes it started and waited for
    looks: int = 1  # how many of them one piece of work is; figures are for one
    before: Callable[[], Awaitable[object]] | None = None  # what the work needs; not measured
    spent: list[Spent] = field(default_factory=list)

    @property
    def cpu_ms(self) -> float:
        return median([one.cpu_ms for one in self.spent])

    def row(self, floor_ms: float | None) -> list[str]:
        taken = [one.bytes for one in self.spent]
        known = any(taken)
        return [
            self.name,
            f"{self.cpu_ms:.2f}",
            f"{percentile([one.cpu_ms for one in self.spent], 0.9):.2f}",
            f"{self.cpu_ms / floor_ms:.1f}" if floor_ms else "",
            f"{median(taken) / 1000:.0f}" if known else "",
            f"{percentile(taken, 0.9) / 1000:.0f}" if known else "",
            f"{median([one.wall_ms for one in self.spent]):.0f}",
        ]


COLUMNS = ("what", "CPU ms", "p90", "x floor", "kB", "p90", "wall ms")


def rows(series: Iterable[Series], floors: Iterable[Series]) -> list[list[str]]:
    floor_ms = {one.name: one.cpu_ms for one in floors}
    return [one.row(floor_ms.get(one.floor or "")) for one in series]


def seldom(rounds: int) -> int:
    """Rounds of what is dear: more than one, which would be a trial that nothing warmed up."""
    return 1 if rounds == 1 else max(3, rounds // 4)


async def repeat(series: Iterable[Series], rounds: int) -> None:
    """In turn, so that whatever else the machine does falls on all alike.

    Once unmeasured first, unless a single round only tries whether all of it works.
    """
    series, is_trial = tuple(series), rounds == 1
    for number in range(0 if is_trial else -1, rounds):
        for one in series:
            if one.before is not None:
                await one.before()
            if not is_trial:
                await _phase(number * _PHASE_STEP % 1.0)
            spent = await _measured(one)
            if number >= 0:
                one.spent.append(spent)


async def _phase(phase: float) -> None:
    """Each contender of a round meets the camera at the same place of its GOP."""
    await asyncio.sleep((phase - time.monotonic()) % 1.0)


async def _measured(series: Series) -> Spent:
    began, before = time.perf_counter(), _cpu_s(in_children=series.in_children)
    taken = await series.work()
    cpu_s = _cpu_s(in_children=series.in_children) - before
    wall_s = time.perf_counter() - began
    return Spent(cpu_s * 1000 / series.looks, wall_s * 1000, taken // series.looks)


def _cpu_s(*, in_children: bool) -> float:
    """User and system, all threads."""
    if not in_children:
        return time.process_time()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime + time.process_time()
