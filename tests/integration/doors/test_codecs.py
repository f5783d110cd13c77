"""Every codec from a camera's socket to what the decoder child saw, and MJPEG that stalls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from monitor.doors.limits import Limits
from monitor.picture.pool import DecoderPool
from monitor.picture.values import Expected, PictureMemory, PictureRequest
from registry.clock import SystemClock
from registry.vocabulary import Answer, Codec, Depth, Outcome, Reason
from tests.fakes.packetiser import ENCODINGS, Picture, encode, packets, rtp
from tests.fakes.scripted_camera import ScriptedCamera, Talk, handshake, stream
from tests.fakes.targets import Prober, prober

LIMITS = Limits(
    connect_s=1, reply_s=0.5, first_packet_s=0.4, keyframe_s=0.8, liveness_s=0.9, teardown_s=0.3
)
OTHERS = ("mjpeg", "mpeg4")


@pytest.fixture
def probe():
    with prober(limits=LIMITS) as made:
        yield made


@pytest.fixture
async def pool() -> AsyncIterator[DecoderPool]:
    made = DecoderPool(workers=1, clock=SystemClock())
    await made.start()
    yield made
    await made.close()


def streaming(codec: str, groups, *, sdp: str | None = None):
    async def script(talk: Talk) -> None:
        await handshake(talk, codec=ENCODINGS[codec], sdp=sdp)
        await stream(talk, groups)

    return script


@pytest.mark.parametrize("codec", Codec)
async def test_a_keyframe_of_each_codec_is_seen_by_the_decoder(probe: Prober, pool, codec):
    groups = packets(encode(codec), codec)
    async with ScriptedCamera(streaming(codec, groups)) as camera:
        look = await probe.look(camera.url, Depth.PICTURE)

    assert (look.outcome, look.detail, look.video.codec) == (Outcome.LIVE, None, codec)
    assert (look.video.width, look.video.height) == (320, 240)
    report = await pool.judge(
        PictureRequest(
            codec=look.keyframes[0].codec,
            keyframes=look.keyframes,
            memory=PictureMemory(),
            expected=Expected(codec, 320, 240),
            want_snapshot=False,
            now=datetime.now(UTC),
        ),
        SystemClock().monotonic() + 20,
    )
    assert (report.failure, report.width, report.height) == (None, 320, 240)
    assert report.findings[Reason.WRONG_PROFILE].answer is Answer.OK
    assert report.findings[Reason.BLACK].answer is Answer.OK


@pytest.mark.parametrize("codec", OTHERS)
async def test_liveness_needs_a_few_pictures_only(probe: Prober, codec):
    async with ScriptedCamera(streaming(codec, packets(encode(codec), codec))) as camera:
        look = await probe.look(camera.url)

    assert look.outcome is Outcome.LIVE
    assert 3 <= look.video.frames < 15
    assert look.keyframe_hash is not None
    assert camera.sessions == set()


async def test_jpeg_by_its_static_type_needs_no_rtpmap(probe: Prober):
    """RFC 3551: payload type 26 (Q72)."""
    groups = [
        tuple(packet[:1] + bytes((packet[1] & 0x80 | 26,)) + packet[2:] for packet in group)
        for group in packets(encode("mjpeg"), "mjpeg")
    ]
    sdp = "v=0\r\nm=video 0 RTP/AVP 26\r\na=control:track1\r\n"
    async with ScriptedCamera(streaming("mjpeg", groups, sdp=sdp)) as camera:
        look = await probe.look(camera.url, Depth.PICTURE)

    assert (look.outcome, look.video.codec) == (Outcome.LIVE, Codec.MJPEG)


async def test_mpeg4_may_have_its_configuration_in_the_description_only(probe: Prober, pool):
    pictures = encode("mpeg4")
    configuration, group, _ = pictures[0].nals[0].partition(b"\0\0\1\xb3")
    bare = tuple(Picture((_behind(p.nals[0], group),), p.time, p.key) for p in pictures)
    sdp = (
        "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 MP4V-ES/90000\r\na=control:track1\r\n"
        f"a=fmtp:96 profile-level-id=1; config={configuration.hex().upper()}\r\n"
    )
    async with ScriptedCamera(streaming("mpeg4", packets(bare, "mpeg4"), sdp=sdp)) as camera:
        look = await probe.look(camera.url, Depth.PICTURE)

    assert look.outcome is Outcome.LIVE
    assert (look.video.width, look.video.height) == (320, 240)
    assert look.keyframes[0].data.startswith(configuration)
    assert look.quirks == ()


def _behind(data: bytes, group: bytes) -> bytes:
    return data[max(0, data.find(group)) :]


@pytest.mark.parametrize("codec", OTHERS)
async def test_two_keyframes_are_different_moments(probe: Prober, codec):
    groups = packets(encode(codec, frames=60), codec)
    with prober(limits=Limits(keyframe_s=3, teardown_s=0.3)) as patient:
        async with ScriptedCamera(streaming(codec, groups)) as camera:
            look = await patient.look(camera.url, Depth.PICTURE, keyframes=2)

    first, second = look.keyframes
    assert first.vcl_hash != second.vcl_hash
    assert second.arrived_s - first.arrived_s >= (1.0 if codec == "mjpeg" else 0.3)


def stalling(groups, *, pieces: int):
    """MJPEG that stops in the middle of a picture and leaves the session open."""

    async def script(talk: Talk) -> None:
        await handshake(talk, codec="JPEG")
        await stream(talk, [*groups[:-1], groups[-1][:pieces]])

    return script


async def test_mjpeg_that_stalls_in_its_first_picture_is_no_flow(probe: Prober):
    async with ScriptedCamera(stalling(_mjpeg(1), pieces=5)) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.BURST_ONLY
    assert "1 pictures, too few" in (look.detail or "")
    assert camera.methods[-1] == "TEARDOWN"


async def test_mjpeg_that_stalls_after_a_while_has_no_packets():
    limits = Limits(measure_s=1.2, teardown_s=0.3)
    with prober(limits=limits) as slow:
        async with ScriptedCamera(stalling(_mjpeg(8), pieces=5)) as camera:
            look = await slow.look(camera.url, Depth.MEASURE)

    assert look.failure is Reason.NO_PACKETS
    assert "the packets stopped" in (look.detail or "")
    assert camera.methods[-1] == "TEARDOWN"


async def test_mjpeg_whose_pictures_never_end_has_no_keyframe(probe: Prober):
    """The packets flow, each picture lacks its end: nothing there may be judged."""
    groups = [group[:-1] for group in _mjpeg(40)]
    async with ScriptedCamera(streaming("mjpeg", groups)) as camera:
        picture = await probe.look(camera.url, Depth.PICTURE)

    assert picture.failure is Reason.NO_KEYFRAME
    assert "none whole" in (picture.detail or "")


def _mjpeg(count: int) -> list[tuple[bytes, ...]]:
    return packets(encode("mjpeg", frames=count), "mjpeg")


async def test_mjpeg_of_a_kind_that_is_not_read_is_unsupported(probe: Prober):
    payload = b"\0\0\0\0" + b"\x7f\xff\x28\x1e" + b"\0" * 900
    groups = [(rtp(payload, seq=n, time=3600 * n, marker=True),) for n in range(30)]
    async with ScriptedCamera(streaming("mjpeg", groups)) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.UNSUPPORTED
    assert "JPEG type 127" in (look.detail or "")


async def test_a_still_mpeg4_scene_keeps_its_hash_from_look_to_look(probe: Prober):
    groups = packets(encode("mpeg4", still=True), "mpeg4")
    looks = []
    for start in (0, 10):
        async with ScriptedCamera(streaming("mpeg4", groups[start:])) as camera:
            looks.append(await probe.look(camera.url, Depth.PICTURE))

    assert looks[0].keyframe_hash == looks[1].keyframe_hash is not None
