"""What a lossy line makes of a feed, on real sockets: from the packets to the word shown."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from monitor.beacons import Beacons
from monitor.doors.datagrams import Datagrams
from monitor.doors.limits import Limits
from monitor.doors.line import Line
from monitor.doors.watch import Aside
from monitor.looking import Looker
from monitor.media.loss import LEAST_LOST
from monitor.picture.pool import DecoderPool
from monitor.plan.lockout import LoginGate
from monitor.plan.scheduler import Order
from monitor.verdict import FeedMemory, Next, Rhythm, Seen, judge
from registry.clock import SystemClock
from registry.targets import Target
from registry.vocabulary import Depth, FeedState, Outcome, Reason, TransportPolicy
from tests.fakes.packetiser import encode, packets
from tests.fakes.scripted_camera import ScriptedCamera, Talk, stream
from tests.fakes.targets import Prober, prober, target
from tests.fakes.udp import LossyRelay, UdpEnd, udp_handshake

LIMITS = Limits(keyframe_s=1.2, measure_s=1.5)
RHYTHM = Rhythm(effective_cadence_s=60, picture_cadence_s=0.0, pictures=False)
SIZE = (480, 270)  # a hundred packets a keyframe: a measure of seconds sees as many as a minute


class Observed:
    """One feed behind a line that loses as much as it is told, and all that looks at it."""

    def __init__(self, probe: Prober, at: Target) -> None:
        clock = SystemClock()
        pool, gate = DecoderPool(workers=1, clock=clock), LoginGate(clock, back_off_s=1.0)
        self._looker = Looker(clock, probe.door, pool, gate, Beacons(clock, ()))
        self._target = at
        self.memory = FeedMemory()
        self.asked: Next | None = None

    async def look(self, depth: Depth) -> Seen:
        order = Order(self._target, depth, 1, lag_s=0.0, ticket=None)
        seen, _ = await self._looker.look(order, self.memory, None)
        self.memory, _, self.asked = judge(self.memory, seen, RHYTHM)
        return seen


@asynccontextmanager
async def behind(lose_every: int) -> AsyncIterator[tuple[Observed, LossyRelay]]:
    groups = packets(encode("h264", *SIZE, frames=60))

    async def script(talk: Talk) -> None:
        with UdpEnd() as end:
            await udp_handshake(talk, end)
            await stream(talk, groups, send=end.send)

    with prober(limits=LIMITS) as probe:
        async with (
            ScriptedCamera(*[script] * 8) as camera,
            LossyRelay(camera.port, lose_every=lose_every) as relay,
        ):
            url = f"rtsp://127.0.0.1:{relay.port}/live"
            yield Observed(probe, target(url, transport=TransportPolicy.UDP)), relay


async def test_a_line_that_goes_on_losing_degrades_the_feed_until_it_is_mended():
    async with behind(lose_every=10) as (feed, relay):
        first = await feed.look(Depth.LIVENESS)
        asked = feed.asked
        bad = [await feed.look(Depth.MEASURE) for _ in range(2)]
        degraded = (feed.memory.state, feed.memory.reason)
        relay.lose_every = 0
        good = [await feed.look(Depth.MEASURE) for _ in range(2)]

    assert first.look.outcome is Outcome.LIVE
    assert asked is not None
    assert asked.depth is Depth.MEASURE
    assert {seen.look.outcome for seen in bad} == {Outcome.DEGRADED}
    assert "packets were lost over udp" in (bad[1].look.detail or "")
    assert degraded == (FeedState.DEGRADED, Reason.PACKET_LOSS)
    assert {seen.look.outcome for seen in good} == {Outcome.LIVE}
    assert feed.memory.state is FeedState.LIVE


async def test_one_packet_in_a_hundred_degrades_nothing():
    async with behind(lose_every=100) as (feed, relay):
        seen = [await feed.look(Depth.MEASURE) for _ in range(2)]

    assert relay.lost > LEAST_LOST
    assert {each.look.outcome for each in seen} == {Outcome.LIVE}
    shares = [each.look.findings[Reason.PACKET_LOSS].value for each in seen]
    assert shares == pytest.approx([0.01, 0.01], abs=0.002)
    assert (feed.memory.state, feed.memory.reason) == (FeedState.LIVE, None)


async def test_keyframes_that_come_and_are_torn_by_loss_are_packet_loss_and_not_no_keyframe():
    async with behind(lose_every=10) as (feed, _):
        seen = await feed.look(Depth.PICTURE)

    assert seen.look.failure is Reason.PACKET_LOSS
    assert "none whole: packets were lost inside it" in (seen.look.detail or "")


async def test_what_this_machine_took_too_late_is_known_to_be_no_loss_of_the_line():
    with socket.create_server(("127.0.0.1", 0)) as camera:
        loop, address = asyncio.get_running_loop(), camera.getsockname()
        _, line = await loop.create_connection(lambda: Line(SystemClock(), "camera"), *address)
        pair = await Datagrams.opened(line, Aside(), 5.0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(2000):
                sender.sendto(bytes(1400), ("127.0.0.1", pair.ports[0]))
        dropped = pair.dropped
        pair.close()
        line.abort()
        await asyncio.sleep(0)

    assert 0 < dropped < 2000
    assert pair.dropped == 0
