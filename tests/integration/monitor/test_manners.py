"""A plan and a door against a recorder that bears fewer sessions than its budget says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from monitor.plan.lines import BURST_S
from monitor.plan.rhythm import Cadences
from monitor.plan.scheduler import Order, Scheduler
from monitor.plan.toll import Done, toll_of
from monitor.simulator.behaviour import SimulatedCamera, SimulatedRecorder
from monitor.simulator.cache import load_library
from monitor.simulator.clips import SHORT, ClipLibrary
from monitor.simulator.fleet import Fleet
from registry.look import FeedKey, Look
from registry.targets import Target
from registry.vocabulary import Depth, Reason
from tests.fakes.targets import prober, target

CADENCES = Cadences(liveness_s=0.2, liveness_high_s=0.2, picture_s=3600, measure_s=3600)
CHANNELS = 8


@pytest.fixture(scope="session")
def library() -> ClipLibrary:
    return load_library(SHORT)


def fleet(library: ClipLibrary, session_limit: int) -> Fleet:
    cameras = [SimulatedCamera(code=f"C{n}", recorder="NVR") for n in range(CHANNELS)]
    recorder = SimulatedRecorder(code="NVR", session_limit=session_limit)
    return Fleet(cameras, recorders=[recorder], library=library)


def feed(code: str, url: str, **more) -> Target:
    at = target(url)
    values = {name: getattr(at, name) for name in at.__dataclass_fields__}
    return Target(**{**values, "key": FeedKey(code, "main"), **more})


class Seen:
    """The looks so far; a test waits for what must come, and how long it took decides nothing."""

    def __init__(self) -> None:
        self.looks: list[Look] = []
        self._news = asyncio.Event()

    def add(self, look: Look) -> None:
        self.looks.append(look)
        self._news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def probing(targets: list[Target]) -> AsyncIterator[tuple[Seen, Scheduler]]:
    seen = Seen()

    async def look(order: Order) -> Done:
        made = await probe.look(order.target, Depth.LIVENESS)
        seen.add(made)
        return Done(None, toll_of(made))

    with prober() as probe:
        scheduler = Scheduler(probe.clock, look, CADENCES)
        scheduler.follow({t.key: t for t in targets}, set())
        task = asyncio.create_task(scheduler.run())
        try:
            yield seen, scheduler
        finally:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task


def ask_for_all(scheduler: Scheduler, targets: list[Target]) -> None:
    """As a crowd at the page would: by itself the plan lets them come one after the other."""
    for one in targets:
        assert scheduler.ask(one.key, Depth.LIVENESS, one.key.camera)


async def test_a_recorder_with_fewer_sessions_than_its_budget_is_spared_after_its_first_453(
    library,
):
    async with fleet(library, session_limit=2) as simulated:
        targets = [
            feed(code, url, recorder="NVR", session_budget=4)
            for code, url in simulated.urls().items()
        ]
        async with probing(targets) as (seen, scheduler):
            looks = seen.looks
            ask_for_all(scheduler, targets)
            await seen.until(lambda: scheduler.gauges()["hosts_below_budget"] == 1)
            learned = len(looks)
            ask_for_all(scheduler, targets)
            await seen.until(lambda: len(looks) >= learned + CHANNELS)
            cadence_s = scheduler.effective_cadence_s(targets[0])
        turned_away = [look for look in looks if look.failure is Reason.BUSY]
        refused = simulated.stats().totals.sessions_refused

    assert {look.failure for look in looks} == {None, Reason.BUSY}
    assert 1 <= len(turned_away) == refused <= 4
    assert cadence_s > 0.2


async def test_a_narrow_line_is_never_asked_for_more_than_its_share(library):
    async with fleet(library, session_limit=CHANNELS) as simulated:
        targets = [
            feed(code, url, recorder="NVR", session_budget=CHANNELS, site="s", site_kbit=400)
            for code, url in simulated.urls().items()
        ]
        async with probing(targets) as (seen, scheduler):
            began = asyncio.get_running_loop().time()
            ask_for_all(scheduler, targets)
            await seen.until(lambda: scheduler.gauges()["looks_waiting_for_line"] > 0)
            at_first = len(seen.looks)
            await seen.until(lambda: len(seen.looks) > at_first)
            took_s = asyncio.get_running_loop().time() - began

    received = [look.bytes_received for look in seen.looks]
    burst = 400_000 / 8 * BURST_S
    assert sum(received) <= 400_000 / 8 * took_s + burst + max(received)
