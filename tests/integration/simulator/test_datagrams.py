"""Cameras whose video comes over UDP, and the bad network in front of them, by the real door."""

from __future__ import annotations

import pytest

from monitor.simulator.behaviour import SimulatedCamera
from monitor.simulator.channel import STALL_S, Channel
from monitor.simulator.fleet import Fleet
from registry.vocabulary import Depth, Reason, TransportPolicy
from tests.fakes.targets import prober, target


async def looked_at(library, camera: SimulatedCamera, depth=Depth.LIVENESS, **more):
    async with Fleet([camera], library=library) as fleet:
        with prober() as probe:
            look = await probe.look(target(fleet.url(camera.code), **more), depth)
    return look, fleet.stats()


async def test_a_camera_that_sends_over_udp_only_is_found_by_the_second_way(library):
    look, stats = await looked_at(library, SimulatedCamera(code="a", udp=True))

    assert (look.failure, look.transport) == (None, "udp")
    assert stats.sessions_open == 0
    assert stats.totals.sessions_torn_down == 1


async def test_whoever_insists_on_tcp_gets_nothing_of_it(library):
    camera = SimulatedCamera(code="a", udp=True)

    look, _ = await looked_at(library, camera, transport=TransportPolicy.TCP)

    assert look.failure is Reason.UNSUPPORTED


async def test_packets_get_lost_on_the_way_and_not_all_of_them(library):
    camera = SimulatedCamera(code="a", udp=True, loss=0.2)

    look, _ = await looked_at(library, camera, Depth.PICTURE)

    assert look.video.packets > 0
    assert look.video.lost > 0


@pytest.mark.parametrize("at_s", [0.0, 7.25, 123_456.5])
def test_a_stall_lasts_two_seconds_and_comes_again(library, at_s):
    channel = Channel(SimulatedCamera(code="a", stalls_every_s=20.0), library, "/stream")

    waits = [channel.resumes_at(at_s + step / 4) - (at_s + step / 4) for step in range(80)]

    assert max(waits) == pytest.approx(STALL_S, abs=0.26)
    assert sum(wait > 0 for wait in waits) == pytest.approx(STALL_S * 4, abs=1)


def test_a_camera_without_stalls_never_waits(library):
    channel = Channel(SimulatedCamera(code="a"), library, "/stream")

    assert channel.resumes_at(3.5) == 3.5
