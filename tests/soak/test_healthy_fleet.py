"""Ten minutes of 500 healthy cameras behind a bad network: nobody may be called down.

The whole service, as `camreach serve` runs it, at its default cadences. Light on the CPU, so it can
run beside other tests; CAMREACH_SOAK_MINUTES makes it shorter or longer.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from benchmarks.estate import plant
from benchmarks.fleet import serving, write_settings
from benchmarks.mixed_fleet import LOGIN, healthy_fleet
from benchmarks.scrape import Scrape
from monitor.plan.scheduler import FIRST_LOOKS_PER_S
from monitor.simulator.plan import Clips
from monitor.simulator.process import FleetProcess

FEEDS = 500
UDP_LOSS = 0.01
MINUTES = float(os.environ.get("CAMREACH_SOAK_MINUTES", "10"))
# However short it is made: after its first look every feed has one at its place in the cadence.
SETTLED_S = FEEDS / FIRST_LOOKS_PER_S + 60.0

pytestmark = [pytest.mark.soak, pytest.mark.timeout(MINUTES * 60 + 300)]

_TOLD = """
    select camera.code, feed_interval.state, feed_interval.reason, feed_interval.started_at
    from feed_interval join feed on feed.id = feed_interval.feed_id
    join camera on camera.id = feed.camera_id
    where feed_interval.state in ('down', 'degraded')
"""


async def test_stalls_of_two_seconds_and_lost_packets_are_no_outage(tmp_path):
    fleet = healthy_fleet(FEEDS, udp_loss=UDP_LOSS, stalls=True)
    settings = await asyncio.to_thread(write_settings, tmp_path, 60.0, 600.0)
    async with FleetProcess(fleet.plan(Clips.SHORT)) as simulator:
        await plant(settings, fleet.feeds(simulator.urls), LOGIN)
        async with serving(tmp_path) as service:
            await asyncio.sleep(max(MINUTES * 60, SETTLED_S))
            cameras = await service.scrape("/metrics/cameras")
            looks = await service.scrape()
            await service.stop()
        stats = await simulator.stats()

    assert await asyncio.to_thread(told, tmp_path) == []
    assert up(cameras) == {camera.code for camera in fleet.cameras}
    assert looks.total("camreach_looks_total") > FEEDS * MINUTES * 0.95
    assert (stats.sessions_open, stats.connections_open) == (0, 0)


def told(folder: Path) -> list[tuple[str, ...]]:
    """Every time that a camera was called down or degraded."""
    database = sqlite3.connect(folder / "camreach.sqlite")
    try:
        return database.execute(_TOLD).fetchall()
    finally:
        database.close()


def up(cameras: Scrape) -> set[str]:
    by_camera = cameras.by_label("camreach_feed_up", "camera")
    return {code for code, value in by_camera.items() if value}
