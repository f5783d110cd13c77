"""Streams that are hurt or odd in one way, on real sockets: each gets its own reason, or none.

Certificates are in test_tls.py, MJPEG that stalls in test_codecs.py, lost packets counted in
test_udp.py.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

import pytest

from monitor.doors.limits import Limits
from monitor.picture.decode import decode_keyframe
from registry.clock import SystemClock
from registry.vocabulary import Codec, Depth, Outcome, Reason, TransportPolicy
from tests.fakes.packetiser import Picture, encode, interleaved, packets
from tests.fakes.scripted_camera import ScriptedCamera, Talk, handshake, stream
from tests.fakes.targets import Prober, prober, target
from tests.fakes.udp import UdpEnd, udp_handshake

LIMITS = Limits(first_packet_s=0.5, keyframe_s=1.0, liveness_s=1.0, measure_s=1.2, teardown_s=0.3)
DAY_S = 86_400
UNIX_TO_NTP_S = 2_208_988_800
Groups = Iterable[tuple[bytes, ...]]


@pytest.fixture
def probe():
    with prober(limits=LIMITS) as made:
        yield made


def hurt(*, keyframes: bool) -> list[tuple[bytes, ...]]:
    """Neighbours change places everywhere; of each keyframe, or of each other picture, one packet
    is lost.
    """
    pictures = encode("h264", frames=60)
    return [
        _swapped(group[:1] + group[2:] if picture.key is keyframes and len(group) > 2 else group)
        for picture, group in zip(pictures, packets(pictures), strict=True)
    ]


def _swapped(group: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return (*group[:-2], *reversed(group[-2:]))


async def _over_udp(probe: Prober, groups: Groups, depth: Depth):
    with UdpEnd() as end:

        async def script(talk: Talk) -> None:
            await udp_handshake(talk, end)
            await stream(talk, list(groups), send=end.send)

        async with ScriptedCamera(script) as camera:
            return await probe.look(target(camera.url, transport=TransportPolicy.UDP), depth)


async def test_loss_and_reorder_over_udp_leave_a_feed_live_while_keyframes_are_whole(probe: Prober):
    look = await _over_udp(probe, hurt(keyframes=False), Depth.PICTURE)

    assert (look.outcome, look.detail, look.quirks) == (Outcome.LIVE, None, ())
    frame = decode_keyframe(Codec.H264, look.keyframes[0].data)
    assert (frame.width, frame.height, frame.is_corrupt) == (320, 240, False)


async def test_keyframes_that_never_arrive_whole_are_no_keyframe_and_say_why(probe: Prober):
    live = await _over_udp(probe, hurt(keyframes=True), Depth.LIVENESS)
    look = await _over_udp(probe, hurt(keyframes=True), Depth.PICTURE)

    assert live.outcome is Outcome.LIVE
    assert (look.failure, look.keyframes) == (Reason.NO_KEYFRAME, ())
    assert "none whole" in (look.detail or "")
    assert look.video.lost > 0


def _reporting(camera_s: float):
    async def script(talk: Talk) -> None:
        await handshake(talk)
        ntp = int(camera_s) + UNIX_TO_NTP_S
        report = struct.pack("!BBHIIIIII", 0x80, 200, 6, 0x1234, ntp, 0, 1, 1, 1)
        talk.send(interleaved(report, 1))
        await stream(talk, packets(encode("h264", frames=60)))

    return script


@pytest.mark.parametrize("off_s", [-DAY_S, DAY_S], ids=["a-day-behind", "a-day-ahead"])
async def test_a_clock_that_is_a_day_off_is_a_figure_and_no_reason(probe: Prober, off_s):
    script = _reporting(SystemClock().now().timestamp() + off_s)
    async with ScriptedCamera(script) as camera:
        looks = {depth: await probe.look(camera.url, depth) for depth in Depth}

    assert {look.outcome for look in looks.values()} == {Outcome.LIVE}
    assert {look.detail for look in looks.values()} == {None}
    assert looks[Depth.MEASURE].clock_offset_s == pytest.approx(off_s, abs=5)
    assert looks[Depth.LIVENESS].clock_offset_s is None


async def test_mpeg4_is_live_and_without_its_intra_pictures_it_is_no_keyframe(probe: Prober):
    pictures = encode("mpeg4", frames=60)
    whole, without = pictures, tuple(picture for picture in pictures if not picture.key)

    seen = []
    for sent in (whole, without):

        async def script(talk: Talk, sent: tuple[Picture, ...] = sent) -> None:
            await handshake(talk, codec="MP4V-ES")
            await stream(talk, packets(sent, "mpeg4"))

        async with ScriptedCamera(script) as camera:
            seen.append(await probe.look(camera.url, Depth.PICTURE))

    assert [look.failure for look in seen] == [None, Reason.NO_KEYFRAME]
    assert {look.video.codec for look in seen} == {Codec.MPEG4}
