"""A monitor that ends in the middle of its work leaves nothing with the cameras, nothing here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.doors.limits import Limits
from monitor.plan.rhythm import Cadences
from monitor.plan.scheduler import Order, Scheduler
from monitor.plan.toll import Done, toll_of
from monitor.simulator.behaviour import SimulatedCamera
from monitor.simulator.cache import load_library
from monitor.simulator.clips import SHORT
from monitor.simulator.fleet import Fleet
from registry.look import FeedKey
from registry.vocabulary import Depth, TlsPolicy
from tests.fakes.targets import prober, target
from tests.fakes.udp import open_sockets

CADENCES = Cadences(liveness_s=3600, liveness_high_s=3600, picture_s=3600, measure_s=3600)
PATIENT = Limits(measure_s=60.0, reply_s=25.0, teardown_s=25.0)  # a busy machine decides nothing
CAMERAS = {"tcp": 200, "udp": 120, "tls": 60}


@pytest.mark.parametrize("way", list(CAMERAS))
async def test_all_looks_that_end_at_once_leave_no_session_no_socket_and_no_task(way):
    async def look(order: Order) -> Done:
        made = await probe.look(order.target, Depth.MEASURE)
        return Done(None, toll_of(made))

    library = await asyncio.to_thread(load_library, SHORT)
    before, sockets = asyncio.all_tasks(), open_sockets()
    count = CAMERAS[way]
    cameras = [
        SimulatedCamera(code=f"C{number}", udp=way == "udp", tls=way == "tls")
        for number in range(count)
    ]
    async with Fleet(cameras, library=library) as simulated:
        with prober(limits=PATIENT) as probe:
            targets = [
                replace(target(url, tls_policy=TlsPolicy.ACCEPT_ANY), key=FeedKey(code, "main"))
                for code, url in simulated.urls().items()
            ]
            scheduler = Scheduler(probe.clock, look, CADENCES)
            scheduler.follow({each.key: each for each in targets}, set())
            for each in targets:
                assert scheduler.ask(each.key, Depth.MEASURE, each.key.camera)
            running = asyncio.create_task(scheduler.run())
            await _until(lambda: simulated.stats().sessions_open == count)

            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running

            open_still, totals = simulated.stats().sessions_open, simulated.stats().totals

    assert (open_still, totals.sessions_left_behind) == (0, 0)
    assert totals.sessions_opened == totals.sessions_torn_down == count
    assert asyncio.all_tasks() == before
    await _until(lambda: open_sockets() <= sockets)  # the simulator's own end a little later


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(25):
        while not holds():  # noqa: ASYNC110 - counted elsewhere
            await asyncio.sleep(0.02)
