"""What a look says of every way a stream can behave, on real sockets with really encoded video."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import time

import pytest

from monitor.doors.limits import Limits
from monitor.doors.opener import TcpOpener
from monitor.doors.policy import ANY_NETWORK
from monitor.doors.rtsp import RtspDoor
from monitor.rtsp.quirks import Quirk
from registry.clock import SystemClock
from registry.vocabulary import Depth, Outcome, Reason, Stage
from tests.fakes.packetiser import encode, interleaved, packets, rtp
from tests.fakes.scripted_camera import SDP, ScriptedCamera, Talk, handshake, stream, tear_down
from tests.fakes.targets import Prober, prober, target

# Short limits: what must not come is waited for only this long.
LIMITS = Limits(
    connect_s=1, reply_s=0.5, first_packet_s=0.4, keyframe_s=0.8, liveness_s=0.9, teardown_s=0.3
)


@pytest.fixture
def probe():
    with prober(limits=LIMITS) as made:
        yield made


def streaming(groups, *, burst: int = 0, codec: str = "h264", every_s: float = 0.04):
    async def script(talk: Talk) -> None:
        await handshake(talk, codec=codec.upper())
        await stream(talk, groups, burst=burst, every_s=every_s)

    return script


def moving(codec: str = "h264", frames: int = 30):
    return packets(encode(codec, frames=frames), codec)


@pytest.mark.parametrize("codec", ["h264", "h265"])
async def test_a_live_stream_is_live_after_a_few_pictures(probe: Prober, codec):
    async with ScriptedCamera(streaming(moving(codec), codec=codec)) as camera:
        look = await probe.look(camera.url)

    assert (look.failure, look.detail, look.outcome) == (None, None, Outcome.LIVE)
    assert 3 <= look.video.frames < 15
    assert look.keyframe_hash is not None
    assert look.keyframes == ()
    assert look.video.frames_per_second is None
    assert {Stage.CONNECT, Stage.DESCRIBE, Stage.SETUP, Stage.PLAY} <= set(look.stages)
    assert look.first_frame_s is not None
    assert camera.methods == ["DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]
    assert camera.sessions == set()


@pytest.mark.parametrize("codec", ["h264", "h265"])
async def test_a_picture_look_brings_a_whole_keyframe(probe: Prober, codec):
    async with ScriptedCamera(streaming(moving(codec), codec=codec)) as camera:
        look = await probe.look(camera.url, Depth.PICTURE)

    assert look.outcome is Outcome.LIVE
    (keyframe,) = look.keyframes
    assert (keyframe.incomplete, keyframe.gop, keyframe.codec) == (None, 1, codec)
    assert look.keyframe_hash == keyframe.vcl_hash
    assert Stage.FIRST_KEYFRAME in look.stages


async def test_a_second_keyframe_comes_from_the_next_gop(probe: Prober):
    async with ScriptedCamera(streaming(moving())) as camera:
        look = await probe.look(camera.url, Depth.PICTURE, keyframes=2)

    assert [keyframe.gop for keyframe in look.keyframes] == [1, 2]
    assert look.keyframes[0].vcl_hash != look.keyframes[1].vcl_hash


async def test_one_keyframe_is_an_answer_when_the_second_does_not_come(probe: Prober):
    groups = packets(encode("h264", frames=60, options=(("g", "60"),)))
    async with ScriptedCamera(streaming(groups)) as camera:
        look = await probe.look(camera.url, Depth.PICTURE, keyframes=2)

    assert look.outcome is Outcome.LIVE
    assert len(look.keyframes) == 1
    assert "no further keyframe" in (look.detail or "")


async def test_a_measurement_fills_what_the_other_depths_leave_null():
    limits = Limits(measure_s=2.5, teardown_s=0.3)
    with prober(limits=limits) as probe:
        async with ScriptedCamera(streaming(moving(frames=100))) as camera:
            look = await probe.look(camera.url, Depth.MEASURE)

    assert look.outcome is Outcome.LIVE
    assert look.video.frames_per_second == pytest.approx(25, rel=0.15)
    assert look.video.keyframe_interval_s == pytest.approx(0.4)
    assert look.video.bytes_per_second is not None
    assert look.video.jitter_s is not None


async def test_a_cached_burst_and_then_nothing_is_burst_only(probe: Prober):
    async with ScriptedCamera(streaming(moving(), burst=99)) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.BURST_ONLY
    assert "30 pictures" in (look.detail or "")
    assert camera.methods[-1] == "TEARDOWN"


async def test_a_cached_burst_and_then_the_live_stream_is_live(probe: Prober):
    async with ScriptedCamera(streaming(moving(frames=40), burst=25)) as camera:
        look = await probe.look(camera.url)

    assert look.outcome is Outcome.LIVE


async def test_a_burst_read_late_by_a_busy_prober_is_still_a_burst(probe: Prober):
    """What waits in the kernel while we are busy must not look like a pause of the camera."""
    groups = moving()
    loop = asyncio.get_running_loop()

    async def script(talk: Talk) -> None:
        await handshake(talk)
        for group in groups[:15]:
            for packet in group:
                talk.send(interleaved(packet))
        await talk.writer.drain()
        loop.call_later(0.01, _stall, 0.15)
        await asyncio.sleep(0.02)
        await stream(talk, groups[15:], burst=99)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.BURST_ONLY


def _stall(seconds: float) -> None:
    until = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until:
        sum(range(1000))


async def test_nothing_after_play_is_no_packets(probe: Prober):
    async with ScriptedCamera(streaming([])) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.NO_PACKETS
    assert camera.methods[-1] == "TEARDOWN"


async def test_control_packets_alone_are_no_packets(probe: Prober):
    async def script(talk: Talk) -> None:
        await handshake(talk)
        talk.send(interleaved(struct.pack("!BBHI", 0x80, 201, 1, 7), 1))
        await tear_down(talk)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.NO_PACKETS
    assert "1 control" in (look.detail or "")


async def test_a_stream_without_a_keyframe_is_no_keyframe_for_a_picture_look_only(probe: Prober):
    groups = packets(encode("h264", frames=60, options=(("g", "60"),)))[1:]
    async with ScriptedCamera(streaming(groups)) as camera:
        picture = await probe.look(camera.url, Depth.PICTURE)
        liveness = await probe.look(camera.url)

    assert picture.failure is Reason.NO_KEYFRAME
    assert liveness.outcome is Outcome.LIVE


async def test_intra_refresh_is_not_checkable_and_not_down(probe: Prober):
    options = (("x264-params", "intra-refresh=1:keyint=10"),)
    groups = packets(encode("h264", frames=60, options=options))[3:]
    async with ScriptedCamera(streaming(groups)) as camera:
        look = await probe.look(camera.url, Depth.PICTURE)

    assert (look.failure, look.keyframes) == (None, ())
    assert Quirk.NO_RANDOM_ACCESS_POINT in look.quirks
    assert "intra refresh" in (look.detail or "")


async def test_a_slow_first_keyframe_is_live(probe: Prober):
    groups = packets(encode("h264", frames=30, options=(("g", "15"),)))[1:]
    async with ScriptedCamera(streaming(groups)) as camera:
        look = await probe.look(camera.url, Depth.PICTURE)

    assert look.outcome is Outcome.LIVE
    assert look.stages[Stage.FIRST_KEYFRAME] > 0.3


async def test_a_camera_of_two_pictures_per_second_is_waited_for(probe: Prober):
    groups = packets(encode("h264", frames=6, fps=2))
    async with ScriptedCamera(streaming(groups, every_s=0.5)) as camera:
        look = await probe.look(target(camera.url, expected_fps=2))

    assert look.outcome is Outcome.LIVE


async def test_a_stream_that_stops_is_not_measured_as_live(probe: Prober):
    with prober(limits=Limits(measure_s=1.2, teardown_s=0.3)) as slow:
        async with ScriptedCamera(streaming(moving(frames=8))) as camera:
            look = await slow.look(camera.url, Depth.MEASURE)

    assert look.failure is Reason.NO_PACKETS
    assert "stopped" in (look.detail or "")


async def test_closing_in_mid_stream_is_ended_by_camera(probe: Prober):
    async def script(talk: Talk) -> None:
        await handshake(talk)
        for packet in moving()[0]:
            talk.send(interleaved(packet))
        await talk.writer.drain()
        talk.close()

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url, Depth.PICTURE)

    assert look.failure is Reason.ENDED_BY_CAMERA


async def test_closing_before_any_packet_is_closed(probe: Prober):
    async def script(talk: Talk) -> None:
        await handshake(talk)
        talk.close()

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.CLOSED


async def test_a_goodbye_ends_the_look_at_once(probe: Prober):
    async def script(talk: Talk) -> None:
        await handshake(talk)
        for packet in moving()[0]:
            talk.send(interleaved(packet))
        talk.send(interleaved(struct.pack("!BBHI", 0x81, 203, 1, 0x1234), 1))
        await tear_down(talk)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.ENDED_BY_CAMERA
    assert "goodbye" in (look.detail or "")
    assert look.duration_s < LIMITS.liveness_s
    assert camera.methods[-1] == "TEARDOWN"


ANNOUNCED = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc={:08X}"
GOODBYE = struct.Struct("!BBHI")


@pytest.mark.parametrize("announced", [0x1234, 0])
@pytest.mark.parametrize("depth", [Depth.LIVENESS, Depth.PICTURE])
async def test_a_goodbye_of_a_session_before_this_one_ends_nothing(probe, announced, depth):
    async def script(talk: Talk) -> None:
        await played(talk, announced)
        talk.send(interleaved(GOODBYE.pack(0x81, 203, 1, 0x9999), 1))
        await stream(talk, moving())

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url, depth)

    assert (look.outcome, look.detail) == (Outcome.LIVE, None)


@pytest.mark.parametrize("said", [0x1234, 0x9999])
async def test_a_goodbye_before_anything_comes_is_the_reason_where_nothing_does(probe, said):
    async def script(talk: Talk) -> None:
        await played(talk, 0x1234)
        talk.send(interleaved(GOODBYE.pack(0x81, 203, 1, said), 1))
        await tear_down(talk)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.ENDED_BY_CAMERA
    assert "goodbye" in (look.detail or "")


async def played(talk: Talk, ssrc: int) -> None:
    asked = await talk.request()
    talk.answer(asked, "200 OK", "Content-Type: application/sdp", body=SDP.format(codec="H264"))
    talk.answer(await talk.request(), "200 OK", "Session: 12345", ANNOUNCED.format(ssrc))
    talk.answer(await talk.request())


async def test_a_camera_that_is_slow_to_answer_is_watched_all_the_same():
    """Each answer is in time, and together they take all of a liveness look's."""
    limits = Limits(reply_s=25.0, first_packet_s=25.0, liveness_s=10.0, teardown_s=0.3)
    clock = Hurried()

    async def script(talk: Talk) -> None:
        talk.camera.sessions.add("12345")
        await played(talk, 0)
        clock.ahead_s = limits.liveness_s + 1
        await stream(talk, moving())

    with contextlib.closing(TcpOpener(clock)) as opener:
        door = RtspDoor(clock=clock, opener=opener, policy=ANY_NETWORK, limits=limits)
        async with ScriptedCamera(script) as camera:
            deadline = clock.monotonic() + 25
            look = await door.look(target(camera.url), Depth.LIVENESS, deadline)

    assert (look.outcome, look.detail) == (Outcome.LIVE, None)


class Hurried(SystemClock):
    """Time that has passed without a test waiting for it."""

    ahead_s = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead_s


async def test_garbage_on_the_wire_is_protocol_and_is_left_with_teardown(probe: Prober):
    async def script(talk: Talk) -> None:
        await handshake(talk)
        talk.send(b"\x01\x02\x03\x04" * 2000)
        await tear_down(talk)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.PROTOCOL
    assert "01 02 03 04" in (look.detail or "")
    assert camera.methods[-1] == "TEARDOWN"


async def test_a_camera_that_asks_in_mid_stream_is_answered(probe: Prober):
    answered = asyncio.Event()

    async def script(talk: Talk) -> None:
        await handshake(talk)
        talk.send(b"OPTIONS * RTSP/1.0\r\nCSeq: 7\r\n\r\n")
        head = await talk.heard()
        assert head.startswith("RTSP/1.0 200 OK\r\nCSeq: 7")
        answered.set()
        await stream(talk, moving())

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert answered.is_set()
    assert look.outcome is Outcome.LIVE
    assert Quirk.SERVER_REQUEST in look.quirks


async def test_packets_of_other_channels_and_types_are_counted_and_told(probe: Prober):
    async def script(talk: Talk) -> None:
        await handshake(talk)
        talk.send(interleaved(b"\x80" + b"\x00" * 20, 5))
        talk.send(interleaved(rtp(b"x" * 20, seq=1, time=1, marker=False, kind=50)))
        await tear_down(talk)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.NO_PACKETS
    assert "1 of unknown type" in (look.detail or "")
    assert "1 on other channels" in (look.detail or "")


async def test_another_codec_is_unsupported_and_named(probe: Prober):
    async def script(talk: Talk) -> None:
        asked = await talk.request()
        body = SDP.format(codec="VP8")
        talk.answer(asked, "200 OK", "Content-Type: application/sdp", body=body)

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.UNSUPPORTED
    assert "coded as VP8; supported are H264, H265, JPEG, MP4V-ES" in (look.detail or "")
