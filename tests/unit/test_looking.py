"""What the look runner makes of a door's answer: logins in doubt, relays that fetch on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from monitor.beacons import Beacons
from monitor.looking import START_LIMIT_S, Looker
from monitor.picture.pool import DecoderPool
from monitor.picture.values import PictureReport, PictureRequest
from monitor.plan.lockout import DOUBT_S, LoginGate
from monitor.plan.scheduler import Order
from monitor.verdict import FeedMemory, Rhythm, Seen, judge
from registry.look import FeedKey, Keyframe, Look, Video
from registry.targets import Target
from registry.vocabulary import Codec, Depth, FeedState, Hop, Reason, Stage
from tests.fakes.clock import FakeClock
from tests.fakes.targets import LOGIN, target

RHYTHM = Rhythm(effective_cadence_s=60, picture_cadence_s=600, pictures=False)


class ScriptedDoor:
    """A camera whose password is right or not, and that starts as slowly as it is told."""

    def __init__(self, clock: FakeClock, gate: LoginGate) -> None:
        self.clock = clock
        self.gate = gate
        self.accepts = True
        self.first_packet_s = 0.1
        self.connect_s = 0.01
        self.stalls_s = 0.0  # of this machine, in the middle of a look
        self.targets: list[Target] = []
        self.within_s: list[float] = []
        self.signed = 0
        self.stage: Stage | None = None
        self.keyframes: tuple[Keyframe, ...] = ()

    def stage_of(self, key: FeedKey) -> Stage | None:
        return self.stage

    async def look(
        self, target: Target, depth: Depth, deadline: float, *, keyframes: int = 1
    ) -> Look:
        self.targets.append(target)
        self.within_s.append(deadline - self.clock.monotonic())
        self.clock.jump(self.stalls_s)
        if target.login is not None and not await self._log_in(target):
            return self._answer(depth, Reason.AUTH_REJECTED)
        if self.first_packet_s > (target.start_limit_s or 5.0):
            return self._answer(depth, Reason.NO_PACKETS)
        stages = {Stage.CONNECT: self.connect_s, Stage.FIRST_PACKET: self.first_packet_s}
        return self._answer(depth, None, stages)

    async def _log_in(self, target: Target) -> bool:
        assert target.login is not None
        place = (target.host, target.port, target.login.fingerprint)
        assert await self.gate.enter(*place)
        self.signed += 1
        self.gate.leave(*place, self.accepts)
        return self.accepts

    def _answer(
        self, depth: Depth, failure: Reason | None, stages: Mapping[Stage, float] | None = None
    ) -> Look:
        return Look(
            depth=depth,
            started_at=self.clock.now(),
            duration_s=0.2,
            failure=failure,
            stages=stages or {},
            video=Video(frames=0 if failure else 3),
            bytes_received=900,
            signed_attempt=True,
            keyframes=self.keyframes,
        )


class Decoders(DecoderPool):
    """None runs; their answer can be made to wait."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(workers=1, clock=clock)
        self.asked, self.lets = asyncio.Event(), asyncio.Event()
        self.lets.set()

    async def judge(self, request: PictureRequest, deadline: float) -> PictureReport:
        self.asked.set()
        await self.lets.wait()
        return await super().judge(request, deadline)


class Camera:
    """One feed, its memory, and everything between the plan and the door."""

    def __init__(self, *, login: bool = True, hop: Hop = Hop.CAMERA) -> None:
        self.clock = FakeClock()
        self.gate = LoginGate(self.clock, back_off_s=1800)
        self.door = ScriptedDoor(self.clock, self.gate)
        self.target = replace(target("rtsp://192.0.2.7/1", LOGIN if login else None), hop=hop)
        self.memory = FeedMemory()
        self.pool = Decoders(self.clock)
        self.looker = Looker(self.clock, self.door, self.pool, self.gate, Beacons(self.clock, ()))

    async def look(self, *, crowded: bool = True, depth: Depth = Depth.LIVENESS) -> Look:
        order = Order(self.target, depth, 1, 0.0, None, crowded)
        seen, _ = await self.looker.look(order, self.memory, None)
        self.memory, *_ = judge(self.memory, Seen(seen.look, self.clock.now()), RHYTHM)
        return seen.look

    async def pass_by(self, seconds: float) -> None:
        await self.clock.advance(seconds)


async def test_a_401_after_success_on_a_host_at_its_budget_is_not_yet_a_wrong_password():
    camera = Camera()
    await camera.look()
    camera.door.accepts = False

    assert (await camera.look()).failure is Reason.BUSY
    assert camera.memory.state is FeedState.LIVE

    camera.door.accepts = True
    await camera.pass_by(DOUBT_S + 1)
    assert (await camera.look()).failure is None


async def test_a_second_401_is_a_wrong_password_and_the_last_attempt():
    camera = Camera()
    await camera.look()
    camera.door.accepts = False
    await camera.look()
    await camera.pass_by(DOUBT_S + 1)

    assert (await camera.look()).failure is Reason.AUTH_REJECTED
    await camera.pass_by(60)
    assert (await camera.look()).failure is Reason.LOCKED_OUT
    assert camera.door.signed == 3
    assert (camera.memory.state, camera.memory.reason) == (
        FeedState.UNKNOWN,
        Reason.AUTH_REJECTED,
    )


@pytest.mark.parametrize("looks_before", [0, 1], ids=["never-taken", "host-has-sessions-free"])
async def test_a_401_without_that_excuse_is_a_wrong_password_at_once(looks_before):
    camera = Camera()
    for _ in range(looks_before):
        await camera.look()
    camera.door.accepts = False

    look = await camera.look(crowded=not looks_before)

    assert look.failure is Reason.AUTH_REJECTED
    assert camera.gate.parked_for_s(("192.0.2.7", 554, LOGIN.fingerprint)) == 1800


async def test_while_a_login_is_in_doubt_its_other_feeds_are_busy_and_send_nothing():
    camera = Camera()
    await camera.look()
    camera.door.accepts = False
    await camera.look()
    signed = camera.door.signed

    assert (await camera.look()).failure is Reason.BUSY
    assert camera.door.signed == signed


async def test_a_relay_that_fetches_its_picture_only_when_asked_is_noted_and_stays_live():
    relay = Camera(login=False, hop=Hop.RELAY)
    relay.door.first_packet_s = 8.0

    first = await relay.look()
    states = []
    for _ in range(20):
        await relay.pass_by(60)
        look = await relay.look()
        states.append((look.failure, relay.memory.state))

    assert first.quirks == ("on_demand",)
    assert set(states) == {(None, FeedState.LIVE)}
    assert relay.door.within_s[-1] > START_LIMIT_S


async def test_a_relay_that_became_one_is_found_out_by_its_next_picture_look():
    relay = Camera(login=False, hop=Hop.CENTER)
    await relay.look()
    relay.door.first_packet_s = 8.0
    for _ in range(3):
        await relay.pass_by(5)
        assert (await relay.look(depth=Depth.PICTURE)).failure is Reason.NO_PACKETS
    assert relay.memory.state is FeedState.DOWN

    assert (await relay.look(depth=Depth.PICTURE)).quirks == ("on_demand",)
    assert (await relay.look()).failure is None


async def test_what_is_remembered_of_a_relay_outlives_a_restart_but_not_a_day():
    relay = Camera(login=False, hop=Hop.RELAY)
    relay.door.first_packet_s = 8.0
    await relay.look()
    relay.memory = FeedMemory.from_json(relay.memory.to_json())
    relay.door.first_packet_s = 0.1
    await relay.look()
    assert relay.door.targets[-1].start_limit_s == START_LIMIT_S

    await relay.pass_by(25 * 3600)
    await relay.look()
    assert relay.door.targets[-1].start_limit_s is None


async def test_a_camera_that_starts_slowly_is_no_relay():
    camera = Camera(login=False)
    camera.door.first_packet_s = 4.0

    assert (await camera.look()).quirks == ()
    camera.door.first_packet_s = 8.0
    assert (await camera.look()).failure is Reason.NO_PACKETS


async def test_a_slow_way_is_no_slow_relay():
    relay = Camera(login=False, hop=Hop.RELAY)
    relay.door.connect_s, relay.door.first_packet_s = 1.5, 3.0

    assert (await relay.look()).quirks == ()


async def test_what_ran_out_of_time_while_this_machine_was_busy_is_our_own_trouble():
    camera = Camera(login=False)
    await camera.look()
    camera.door.first_packet_s = 60.0

    camera.door.stalls_s = 4.0
    look = await camera.look()
    camera.door.stalls_s = 0.0

    assert look.failure is Reason.INTERNAL
    assert look.detail == "this machine was too busy to judge, 3.9 of 4.0 s; seen was no_packets"
    assert (await camera.look()).failure is Reason.NO_PACKETS


async def test_what_was_seen_in_spite_of_a_stall_was_seen():
    camera = Camera(login=False)
    camera.door.stalls_s = 4.0

    assert (await camera.look()).failure is None


async def test_a_look_stands_where_the_door_does_and_then_at_the_decoder():
    camera = Camera(login=False)
    unit = Keyframe(codec=Codec.H264, data=b"", vcl_hash="", rtp_time=0, arrived_s=0.0, gop=0)
    camera.door.keyframes, camera.door.stage = (unit,), Stage.SETUP
    camera.pool.lets.clear()

    looking = asyncio.create_task(camera.look(depth=Depth.PICTURE))
    before = camera.looker.stage_of(camera.target.key)
    await camera.pool.asked.wait()
    judging = camera.looker.stage_of(camera.target.key)
    camera.pool.lets.set()
    await looking

    assert (before, judging) == (Stage.SETUP, Stage.DECODE)
    assert camera.looker.stage_of(camera.target.key) is Stage.SETUP
