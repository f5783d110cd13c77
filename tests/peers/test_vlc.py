"""The probe against a second server that nobody here wrote: VLC's RTSP output."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.doors.limits import Limits
from monitor.doors.once import target_of_url
from monitor.picture.decode import decode_keyframe
from monitor.rtsp.quirks import Quirk
from registry.look import Look
from registry.targets import Target
from registry.vocabulary import Codec, Depth, Outcome, Reason, TransportPolicy
from tests.fakes.targets import prober
from tests.peers.vlc import SIZE, require_vlc, served_by_vlc

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]
TIMEOUT_S = 3  # of its sessions: a look of twice that lives only by keepalives it counts


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    require_vlc()
    yield from served_by_vlc("--rtsp-timeout", str(TIMEOUT_S))


def _typed(url: str, policy: TransportPolicy = TransportPolicy.AUTO) -> Target:
    return target_of_url(url, username=None, password=None, transport=policy)


def _said(look: Look) -> list[str]:
    return [line.split(" ", 1)[1] for line in look.log]


async def test_it_refuses_tcp_is_looked_at_over_udp_and_lets_us_go(url):
    with prober() as probe:
        look = await probe.look(_typed(url))
        again = await probe.look(_typed(url))

    assert (look.outcome, look.transport, look.quirks) == (Outcome.LIVE, "udp", (Quirk.UDP_ONLY,))
    assert (again.outcome, again.transport, again.quirks) == (Outcome.LIVE, "udp", ())
    assert again.lingers_s is None


async def test_tcp_alone_is_clearly_unsupported(url):
    with prober() as probe:
        look = await probe.look(_typed(url, TransportPolicy.TCP))

    assert look.failure is Reason.UNSUPPORTED
    assert "461: the camera refuses RTP over TCP" in (look.detail or "")


async def test_a_picture_look_brings_a_keyframe_that_decodes(url):
    with prober() as probe:
        look = await probe.look(_typed(url, TransportPolicy.UDP), Depth.PICTURE)

    assert (look.outcome, look.detail) == (Outcome.LIVE, None)
    assert (look.video.codec, look.video.width, look.video.height) == (Codec.H264, *SIZE)
    assert _said(look)[-2:] == ["> TEARDOWN", "< 200 OK"]  # a good liveness look keeps no log
    frame = decode_keyframe(Codec.H264, look.keyframes[0].data)
    assert (frame.width, frame.height, frame.is_corrupt) == (*SIZE, False)


async def test_a_measurement_outlives_the_session_timeout_by_keepalives(url):
    """VLC counts GET_PARAMETER alone as a sign of life (Q105)."""
    with prober(limits=Limits(measure_s=2 * TIMEOUT_S)) as probe:
        look = await probe.look(_typed(url, TransportPolicy.UDP), Depth.MEASURE)

    assert (look.outcome, look.detail, look.quirks) == (Outcome.LIVE, None, ())
    assert look.video.frames_per_second == pytest.approx(25, rel=0.05)
    assert look.video.keyframe_interval_s == pytest.approx(1.0, rel=0.05)
    assert look.video.lost == 0
    assert look.clock_offset_s == pytest.approx(0, abs=2)
    assert _said(look).count("> GET_PARAMETER") >= 3


async def test_another_path_is_not_found(url):
    with prober() as probe:
        look = await probe.look(_typed(f"{url}-of-another"))

    assert look.failure is Reason.NOT_FOUND
