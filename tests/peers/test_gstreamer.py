"""The probe against a server that nobody here wrote: GStreamer's, every codec, open, Basic,
Digest.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from monitor.doors.limits import Limits
from monitor.doors.once import exit_code, look_to_json, look_to_text, target_of_url
from monitor.picture.decode import decode_keyframe
from registry.look import Look
from registry.targets import Target
from registry.vocabulary import Codec, Depth, Outcome, Reason, TransportPolicy
from tests.fakes.targets import prober
from tests.peers.gstreamer import (
    MEASUREMENTS,
    PASSWORD,
    USER,
    is_paced,
    require_gstreamer,
    served,
)

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]


@pytest.fixture(scope="module", autouse=True)
def gstreamer() -> None:
    require_gstreamer()


@pytest.fixture(scope="module")
def open_port() -> Iterator[int]:
    yield from served("open")


@pytest.fixture(scope="module")
def basic_port() -> Iterator[int]:
    yield from served("basic")


@pytest.fixture(scope="module")
def digest_port() -> Iterator[int]:
    yield from served("digest")


def _typed(url: str, *, password: str | None = None, allow_basic: bool = False) -> Target:
    return target_of_url(
        url,
        username=USER if password is not None else None,
        password=password,
        transport=TransportPolicy.AUTO,
        allow_basic=allow_basic,
    )


async def _look(at: Target, depth: Depth = Depth.PICTURE) -> Look:
    with prober() as probe:
        return await probe.look(at, depth)


async def _measure(at: Target) -> Look:
    look = await _look(at, Depth.MEASURE)
    for _ in range(MEASUREMENTS - 1):
        if is_paced(look.video.frames_per_second):
            break
        look = await _look(at, Depth.MEASURE)
    return look


def _everything_said(at: Target, look: Look) -> str:
    said = [json.dumps(look_to_json(at, look)), look_to_text(at, look), repr(at)]
    return "\n".join([*said, repr(replace(look, keyframes=()))])


@pytest.mark.parametrize("codec", [Codec.H264, Codec.H265])
async def test_a_picture_look_is_live_with_codec_and_exact_size(open_port, codec):
    at = _typed(f"rtsp://127.0.0.1:{open_port}/{codec}")

    look = await _look(at)

    assert (look.outcome, look.detail) == (Outcome.LIVE, None)
    assert (look.video.codec, look.video.width, look.video.height) == (codec, 640, 360)
    assert look.video.frames_per_second is None
    assert look.keyframes[0].incomplete is None
    assert exit_code(look) == 0


@pytest.mark.timeout(60)
@pytest.mark.parametrize("codec", [Codec.H264, Codec.H265])
async def test_a_measurement_sees_the_frame_rate_within_five_per_cent(open_port, codec):
    at = _typed(f"rtsp://127.0.0.1:{open_port}/{codec}")

    look = await _measure(at)

    assert look.outcome is Outcome.LIVE
    assert is_paced(look.video.frames_per_second)
    assert look.video.keyframe_interval_s == pytest.approx(1.0, rel=0.05)
    assert look.video.bytes_per_second is not None
    assert look.video.lost == 0
    assert look.clock_offset_s == pytest.approx(0, abs=2)


@pytest.mark.parametrize("path", ["mjpeg", "mpeg4", "mpeg4-described"])
async def test_older_codecs_are_live_with_a_picture_that_decodes(open_port, path):
    if path != "mjpeg":
        require_gstreamer("matroskademux", "mpeg4videoparse", "rtpmp4vpay")
    at = _typed(f"rtsp://127.0.0.1:{open_port}/{path}")

    look = await _look(at)

    assert (look.outcome, look.detail) == (Outcome.LIVE, None)
    codec = Codec.MJPEG if path == "mjpeg" else Codec.MPEG4
    assert (look.video.codec, look.video.width, look.video.height) == (codec, 640, 360)
    frame = decode_keyframe(codec, look.keyframes[0].data)
    assert (frame.width, frame.height, frame.is_corrupt) == (640, 360, False)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("codec", "interval_s"), [(Codec.MJPEG, 0.04), (Codec.MPEG4, 1.0)])
async def test_older_codecs_are_measured_alike(open_port, codec, interval_s):
    if codec is Codec.MPEG4:
        require_gstreamer("matroskademux", "mpeg4videoparse", "rtpmp4vpay")

    look = await _measure(_typed(f"rtsp://127.0.0.1:{open_port}/{codec}"))

    assert look.outcome is Outcome.LIVE
    assert is_paced(look.video.frames_per_second)
    assert look.video.keyframe_interval_s == pytest.approx(interval_s, rel=0.05)


async def test_liveness_needs_a_few_pictures_only(open_port):
    look = await _look(_typed(f"rtsp://127.0.0.1:{open_port}/h264"), Depth.LIVENESS)

    assert look.outcome is Outcome.LIVE
    assert 3 <= look.video.frames < 60


async def test_digest_login_is_taken(digest_port):
    at = _typed(f"rtsp://127.0.0.1:{digest_port}/h264", password=PASSWORD)

    look = await _look(at)

    assert (look.outcome, look.detail) == (Outcome.LIVE, None)
    assert look.signed_attempt


async def test_a_login_typed_into_the_url_is_taken_and_never_shown(digest_port):
    at = _typed(f"rtsp://{USER}:{PASSWORD}@127.0.0.1:{digest_port}/h264")

    look = await _look(at)

    assert look.outcome is Outcome.LIVE
    assert PASSWORD not in _everything_said(at, look)
    assert USER not in _everything_said(at, look)


async def test_basic_is_sent_only_where_it_is_allowed(basic_port):
    allowed = _typed(f"rtsp://127.0.0.1:{basic_port}/h264", password=PASSWORD, allow_basic=True)
    refused = _typed(f"rtsp://127.0.0.1:{basic_port}/h264", password=PASSWORD)

    assert (await _look(allowed)).outcome is Outcome.LIVE
    look = await _look(refused)
    assert (look.failure, exit_code(look)) == (Reason.AUTH_UNSUPPORTED, 3)
    assert not look.signed_attempt


async def test_a_wrong_password_is_auth_rejected(digest_port):
    at = _typed(f"rtsp://127.0.0.1:{digest_port}/h264", password="not-the-word")

    look = await _look(at)

    assert (look.failure, exit_code(look)) == (Reason.AUTH_REJECTED, 3)
    assert "not-the-word" not in _everything_said(at, look)


async def test_a_wrong_path_is_not_found(open_port):
    look = await _look(_typed(f"rtsp://127.0.0.1:{open_port}/nothing"))

    assert (look.failure, exit_code(look)) == (Reason.NOT_FOUND, 1)


async def test_a_dead_port_is_refused():
    server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()

    look = await _look(_typed(f"rtsp://127.0.0.1:{port}/h264"))

    assert (look.failure, exit_code(look)) == (Reason.REFUSED, 1)


async def test_a_silent_port_is_a_timeout():
    taken: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda r, w: taken.append(w), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    with prober(limits=Limits(reply_s=0.3)) as probe:
        look = await probe.look(_typed(f"rtsp://127.0.0.1:{port}/h264"))

    assert (look.failure, exit_code(look)) == (Reason.TIMEOUT, 1)
    assert "describe" in (look.detail or "")
    for writer in taken:
        writer.close()
    server.close()
