"""RTP over UDP from a server that nobody here wrote, also through a lossy network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.doors.limits import Limits
from monitor.doors.once import target_of_url
from monitor.rtsp.quirks import Quirk
from registry.targets import Target
from registry.vocabulary import Codec, Depth, Outcome, TransportPolicy
from tests.fakes.targets import prober
from tests.fakes.udp import LossyRelay
from tests.peers.gstreamer import PASSWORD, USER, require_gstreamer, served

MEASURED = Limits(measure_s=4)
pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]


@pytest.fixture(scope="module")
def open_port() -> Iterator[int]:
    require_gstreamer()
    yield from served("open")


@pytest.fixture(scope="module")
def digest_port() -> Iterator[int]:
    require_gstreamer()
    yield from served("digest")


def _typed(port: int, path: str, policy: TransportPolicy, password: str | None = None) -> Target:
    url = f"rtsp://127.0.0.1:{port}/{path}"
    user = None if password is None else USER
    return target_of_url(url, username=user, password=password, transport=policy)


@pytest.mark.parametrize("codec", [Codec.H264, Codec.H265])
async def test_a_picture_look_over_udp_is_live(open_port, codec):
    with prober() as probe:
        look = await probe.look(_typed(open_port, codec, TransportPolicy.UDP), Depth.PICTURE)

    assert (look.outcome, look.detail, look.transport) == (Outcome.LIVE, None, "udp")
    assert (look.video.width, look.video.height) == (640, 360)
    assert look.keyframes[0].incomplete is None


async def test_a_measurement_over_udp_sees_rate_clock_and_no_loss(open_port):
    with prober(limits=MEASURED) as probe:
        look = await probe.look(_typed(open_port, "h264", TransportPolicy.UDP), Depth.MEASURE)

    assert look.outcome is Outcome.LIVE
    assert look.video.frames_per_second == pytest.approx(25, rel=0.05)
    assert look.video.lost == 0
    assert look.clock_offset_s == pytest.approx(0, abs=2)


async def test_a_server_that_takes_udp_only_is_found_out_and_remembered(digest_port):
    at = _typed(digest_port, "udp", TransportPolicy.AUTO, PASSWORD)

    with prober() as probe:
        first = await probe.look(at)
        second = await probe.look(at)

    assert (first.outcome, first.detail, first.transport) == (Outcome.LIVE, None, "udp")
    assert first.quirks == (Quirk.UDP_ONLY,)
    assert (second.outcome, second.transport, second.quirks) == (Outcome.LIVE, "udp", ())


async def test_loss_and_reorder_are_counted_and_the_look_is_live(open_port):
    with prober(limits=MEASURED) as probe:
        async with LossyRelay(open_port, lose_every=25, swap_every=10) as relay:
            at = _typed(relay.port, "h264", TransportPolicy.UDP)
            look = await probe.look(at, Depth.MEASURE)

    assert (look.outcome, look.detail) == (Outcome.LIVE, None)
    assert relay.swapped > 10
    assert look.video.lost == pytest.approx(relay.lost, abs=2)
