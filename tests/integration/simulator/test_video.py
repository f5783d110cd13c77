"""What a simulated camera sends after PLAY, behaviour by behaviour."""

from __future__ import annotations

import asyncio

import pytest

from monitor.simulator.behaviour import Behaviour, SimulatedCamera
from monitor.simulator.channel import Channel
from monitor.simulator.clips import ClipLibrary
from monitor.simulator.fleet import Fleet
from monitor.simulator.rtp import Sender
from monitor.simulator.script import Cue
from monitor.simulator.stream import Stream
from tests.integration.simulator.client import Client, Picture, gaps


def camera(behaviour: Behaviour, code: str = "CAM") -> SimulatedCamera:
    return SimulatedCamera(code=code, behaviour=behaviour, reply_delay_s=0.0)


async def watch(library: ClipLibrary, behaviour: Behaviour, count: int) -> list[Picture]:
    cameras = [camera(behaviour)]
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        await c.play()
        return await c.pictures(count)


def keyframes(pictures: list[Picture]) -> list[Picture]:
    return [picture for picture in pictures if picture.keyframe]


def coded_bytes(picture: Picture) -> int:
    return sum(map(len, picture.coded))


def assert_numbered_without_gaps(pictures: list[Picture]) -> None:
    packets = [packet for picture in pictures for packet in picture.packets]
    first = packets[0].sequence
    assert [p.sequence for p in packets] == [(first + n) & 0xFFFF for n in range(len(packets))]
    assert {p.ssrc for p in packets} == {packets[0].ssrc}


async def test_live_frames_advance_in_real_time_and_keyframes_differ(library: ClipLibrary) -> None:
    pictures = await watch(library, Behaviour.LIVE, 24)

    assert_numbered_without_gaps(pictures)
    assert [round(rtp_s, 6) for _, rtp_s in gaps(pictures)] == [0.1] * 23
    assert sum(arrived >= rtp / 2 for arrived, rtp in gaps(pictures)) >= 20
    seen = keyframes(pictures)
    assert len(seen) >= 2
    assert len({picture.coded for picture in seen}) == len(seen)


async def test_frozen_repeats_the_coded_keyframe_while_rtp_time_runs(library: ClipLibrary) -> None:
    cameras = [camera(Behaviour.FROZEN)]
    async with Fleet(cameras, library=library) as fleet:
        seen: list[Picture] = []
        for _ in range(2):
            async with await Client.connect(fleet.url("CAM")) as c:
                await c.play()
                pictures = await c.pictures(12)
                assert_numbered_without_gaps(pictures)
                assert [round(rtp_s, 6) for _, rtp_s in gaps(pictures)] == [0.1] * 11
                seen += keyframes(pictures)

    assert len(seen) == 4
    assert len({picture.coded for picture in seen}) == 1
    assert len({picture.rtp_time for picture in seen}) == 4


async def test_burst_only_sends_a_cached_gop_at_once_and_then_nothing(library: ClipLibrary) -> None:
    cameras = [camera(Behaviour.BURST_ONLY)]
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        await c.play()
        pictures = await c.pictures(10)

        assert await c.is_quiet(0.5)
    assert pictures[0].keyframe
    assert sum(rtp for _, rtp in gaps(pictures)) == pytest.approx(0.9)
    assert pictures[-1].arrived_s - pictures[0].arrived_s < 0.45


async def test_burst_then_live_goes_on_in_pace(library: ClipLibrary) -> None:
    pictures = await watch(library, Behaviour.BURST_THEN_LIVE, 26)

    assert pictures[0].keyframe
    assert pictures[8].arrived_s - pictures[0].arrived_s < 0.4
    assert sum(arrived >= 0.05 for arrived, _ in list(gaps(pictures))[-6:]) >= 4
    assert [round(rtp, 6) for _, rtp in gaps(pictures)] == [0.1] * 25


async def test_no_packets_after_play_keeps_the_connection_open(library: ClipLibrary) -> None:
    cameras = [camera(Behaviour.NO_PACKETS)]
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        assert (await c.play()).status == 200
        assert await c.is_quiet(0.5)
        assert (await c.ask("TEARDOWN")).status == 200


async def test_keyframes_come_never_late_or_soon(library: ClipLibrary) -> None:
    never, late = await asyncio.gather(
        watch(library, Behaviour.NO_KEYFRAME, 22), watch(library, Behaviour.SLOW_KEYFRAME, 50)
    )

    assert not keyframes(never)
    assert all(arrived > 0 for arrived, _ in gaps(never))
    before = (keyframes(late)[0].rtp_time - late[0].rtp_time) / 90_000
    assert 4.0 <= before <= 5.1


async def test_hanging_camera_keeps_the_connection_open(library: ClipLibrary) -> None:
    cameras = [camera(Behaviour.HANGS_MID_STREAM)]
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        await c.play()
        pictures = await c.pictures(2)

        assert len(pictures) == 2
        assert await c.is_quiet(0.5)


async def test_closing_camera_closes_after_two_frames(library: ClipLibrary) -> None:
    cameras = [camera(Behaviour.CLOSES_MID_STREAM)]
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        await c.play()
        pictures = await c.pictures(2)
        rest = await c.rest()
        totals = fleet.stats().totals

    assert len(pictures) == 2
    assert rest == b""
    assert (totals.sessions_dropped, totals.sessions_left_behind) == (1, 0)


async def test_bye_ends_the_stream(library: ClipLibrary) -> None:
    cameras = [camera(Behaviour.ENDS_WITH_BYE)]
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        await c.play()
        pictures = await c.pictures(2)
        bye = await c.packet()

        assert await c.is_quiet(0.3)
    assert bye.channel == 1
    assert bye.data[1] == 201
    assert bye.data[9] == 203
    assert int.from_bytes(bye.data[12:16], "big") == pictures[0].packets[0].ssrc


async def test_sender_report_follows_the_first_picture(library: ClipLibrary) -> None:
    cameras = [camera(Behaviour.LIVE)]
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        await c.play()
        first = (await c.pictures(1))[0]
        report = await c.packet()

    assert report.channel == 1
    assert report.data[1] == 200
    assert int.from_bytes(report.data[16:20], "big") == first.rtp_time


async def test_running_session_goes_along_with_a_change(library: ClipLibrary) -> None:
    cameras = [camera(Behaviour.LIVE)]
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        await c.play()
        before = await c.pictures(3)
        await fleet.set_behaviour("CAM", Behaviour.BLACK)
        black = await c.pictures(22)  # of two GOPs: the first may still be of what was sent before
        await fleet.set_behaviour("CAM", Behaviour.FROZEN)
        frozen = await c.pictures(22)
        await fleet.set_behaviour("CAM", Behaviour.HANGS_MID_STREAM)
        await c.pictures(2)
        quiet = await c.is_quiet(0.3)

    together = before + black + frozen
    assert_numbered_without_gaps(together)
    assert [round(rtp, 6) for _, rtp in gaps(together)] == [0.1] * 46
    assert coded_bytes(keyframes(black)[-1]) < coded_bytes(keyframes(frozen)[-1])
    assert len({picture.coded for picture in keyframes(frozen[-20:])}) == 1
    assert quiet


@pytest.mark.parametrize(
    "behaviour", [Behaviour.REFUSES, Behaviour.NOT_FOUND, Behaviour.REJECTS_LOGIN]
)
async def test_running_session_ends_when_the_camera_falls_away(
    library: ClipLibrary, behaviour: Behaviour
) -> None:
    cameras = [camera(Behaviour.LIVE)]
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        await c.play()
        await c.pictures(1)
        await fleet.set_behaviour("CAM", behaviour)
        assert await c.is_ended()
        stats = fleet.stats()

    assert (stats.sessions_open, stats.totals.sessions_dropped) == (0, 1)


async def test_teardown_stops_the_video_and_frees_the_session(library: ClipLibrary) -> None:
    cameras = [camera(Behaviour.LIVE)]
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        await c.play()
        await c.pictures(2)
        playing = fleet.stats().sessions_open
        reply = await c.ask("TEARDOWN")
        quiet = await c.is_quiet(0.3)
        stats = fleet.stats()

    assert (playing, reply.status, quiet, stats.sessions_open) == (1, 200, True, 0)
    assert (stats.totals.sessions_opened, stats.totals.sessions_torn_down) == (1, 1)


async def test_client_that_does_not_read_loses_pictures_instead_of_filling_memory(
    library: ClipLibrary,
) -> None:
    clip = Channel(camera(Behaviour.LIVE), library, "/stream").clip
    transport = CongestedTransport()
    sender = Sender(0, ssrc=1, sequence=0, rtp_time=0)
    stream = Stream(transport, sender, 10, lambda _: None, lambda: None)
    stream.congested = True

    stream.play(iter([Cue(0.0, unit, n) for n, unit in enumerate(clip.units)]))
    await asyncio.sleep(0.05)
    stream.stop()

    assert transport.written == 0
    assert sender.sequence == 0


class CongestedTransport(asyncio.Transport):
    written = 0

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += len(data)
