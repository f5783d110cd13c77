"""Section 13 of the catalogue, the part about pictures; time is with the packets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import pytest

import monitor
from monitor.doors.limits import Limits
from monitor.doors.watch import Times
from monitor.picture.decode import decode_keyframe
from monitor.picture.repetition import judge_repetition
from monitor.picture.values import PictureMemory
from registry.look import Look
from registry.vocabulary import Answer, Codec, Depth, Outcome, Reason
from tests.fakes.packetiser import Picture, encode, packets
from tests.fakes.scripted_camera import ScriptedCamera, Talk, handshake, stream
from tests.fakes.targets import prober, target
from tests.quirks.cases import Cases, run
from tests.quirks.on_sockets import LIMITS, look_at

case = Cases()


@case("Q132-ten-seconds-for-a-keyframe-or-what-the-feed-says")
def ten_seconds_for_a_keyframe() -> None:
    usual, smart = (
        Times.of(target("rtsp://192.0.2.7/x", keyframe_limit_s=limit), Limits(), 0.0, 0.0, 99.0)
        for limit in (None, 30.0)
    )
    assert (usual.keyframe_s, smart.keyframe_s) == (10, 30)


@case("Q132-no-keyframe-is-not-no-packets")
async def no_keyframe_is_not_no_packets() -> None:
    async def script(talk: Talk) -> None:
        await handshake(talk)
        deltas = [p for p in encode("h264", frames=60) if not p.key]
        await stream(talk, packets(tuple(deltas)))

    look, _ = await look_at(script, depth=Depth.PICTURE)
    assert look.failure is Reason.NO_KEYFRAME
    assert look.video.packets > 0


@case("Q133-the-same-picture-again-and-again")
async def the_same_picture_again_and_again() -> None:
    gop = encode("h264", frames=10)
    repeated = tuple(
        replace(picture, time=picture.time + 36_000 * again)
        for again in range(6)
        for picture in gop
    )
    for pictures, answer in ((repeated, Answer.FOUND), (encode("h264", frames=60), Answer.OK)):
        look = await _two_keyframes(pictures)
        assert look.outcome is Outcome.LIVE
        seen = judge_repetition(look.keyframes, PictureMemory(), datetime.now(UTC))
        assert seen.finding.answer is answer


async def _two_keyframes(pictures: tuple[Picture, ...]) -> Look:
    async def script(talk: Talk) -> None:
        await handshake(talk)
        await stream(talk, packets(pictures))

    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(script) as camera:
            return await probe.look(camera.url, Depth.PICTURE, keyframes=2)


@case(
    "Q134-nothing-here-lets-ffmpeg-open-an-address",
    "Q135-nothing-here-lets-opencv-open-an-address",
    "Q136-nothing-here-chooses-opencvs-transport",
)
def nothing_here_lets_a_decoder_open_an_address() -> None:
    sources = [p for p in Path(monitor.__path__[0]).rglob("*.py") if "simulator" not in p.parts]
    assert len(sources) > 50
    written = "".join(source.read_text() for source in sources)
    assert not any(opener in written for opener in ("av.open(", "VideoCapture(", "container.open("))


@case("Q137-no-keyframe-goes-to-the-decoder-without-its-parameter-sets")
async def no_keyframe_without_its_parameter_sets() -> None:
    async def script(talk: Talk) -> None:
        await handshake(talk)
        bare = tuple(
            replace(p, nals=tuple(n for n in p.nals if n[0] & 31 not in (7, 8)))
            for p in encode("h264", frames=60)
        )
        await stream(talk, packets(bare))

    look, _ = await look_at(script, depth=Depth.PICTURE)
    assert (look.failure, look.keyframes) == (Reason.NO_KEYFRAME, ())
    assert "none whole" in (look.detail or "")


@case("Q138-pixels-that-are-not-square")
async def pixels_that_are_not_square() -> None:
    async def script(talk: Talk) -> None:
        await handshake(talk)
        options = (("x264-params", "sar=40/33:keyint=10"),)
        await stream(talk, packets(encode("h264", frames=60, options=options)))

    look, _ = await look_at(script, depth=Depth.PICTURE)
    data = look.keyframes[0].data
    frame = decode_keyframe(Codec.H264, data)
    assert (look.video.width, look.video.height) == (frame.width, frame.height) == (320, 240)
    assert _shape_of_a_pixel(data) == Fraction(40, 33)


def _shape_of_a_pixel(data: bytes) -> Fraction | None:
    context = av.CodecContext.create("h264", "r")
    context.decode(av.Packet(data))
    return context.sample_aspect_ratio


@pytest.mark.parametrize("check", case.params)
async def test_quirk(check):
    await run(check)
