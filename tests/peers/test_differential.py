"""camreach, FFmpeg and aiortsp look at the same streams: they agree, or the difference is explained
in the table, and what is explained there is still seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from importlib.util import find_spec

import pytest

from monitor.simulator.behaviour import FALLBACK_LOGIN, Behaviour, SimulatedCamera
from monitor.simulator.cache import load_library
from monitor.simulator.clips import SHORT
from monitor.simulator.faults import FAULTS
from monitor.simulator.fleet import Fleet
from tests.conftest import program
from tests.peers.differences import AIORTSP, DIFFERENCES, FFMPEG
from tests.peers.gstreamer import require_gstreamer, served
from tests.peers.players import Sight, Stream, aiortsp_sees, camreach_sees, ffmpeg_sees
from tests.peers.vlc import SIZE, require_vlc, served_by_vlc

# These two take more than a look: logins are counted, and a measure sees what gets lost by chance.
NOT_IN_ONE_LOOK = (Behaviour.HANGS_UP_ON_LOGIN, Behaviour.LOSES_PACKETS)
LOOKED_AT = [behaviour for behaviour in FAULTS if behaviour not in NOT_IN_ONE_LOOK]

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]
Disagreement = tuple[str, str, str, str]
OF_GSTREAMER = ("h264", "h265", "mjpeg", "mpeg4")


@pytest.fixture(scope="module", autouse=True)
def players() -> None:
    program("ffprobe")
    if find_spec("aiortsp") is None:
        pytest.skip("aiortsp is not installed")


@pytest.fixture(scope="module")
def gstreamer_port() -> Iterator[int]:
    require_gstreamer()
    require_gstreamer("matroskademux", "mpeg4videoparse", "rtpmp4vpay")
    yield from served("open")


@pytest.fixture(scope="module")
def vlc_url() -> Iterator[str]:
    require_vlc()
    yield from served_by_vlc()


def _explained(streams: Sequence[Stream]) -> set[Disagreement]:
    names = {stream.name for stream in streams}
    return {(d.stream, d.camreach, d.player, d.says) for d in DIFFERENCES if d.stream in names}


async def _sights(streams: Sequence[Stream]) -> tuple[list[Sight], set[Disagreement]]:
    """What camreach sees, alone so that nothing but the stream decides; then who disagrees."""
    ours = await camreach_sees(streams)
    ffmpeg, aiortsp = await asyncio.gather(ffmpeg_sees(streams), aiortsp_sees(streams))
    found = {
        (stream.name, mine.beside(theirs), player, theirs.beside(mine))
        for player, sights in ((FFMPEG, ffmpeg), (AIORTSP, aiortsp))
        for stream, mine, theirs in zip(streams, ours, sights, strict=True)
        if not mine.agrees_with(theirs)
    }
    return ours, found


def _stream(fleet: Fleet, behaviour: Behaviour) -> Stream:
    login = (FALLBACK_LOGIN.username, FALLBACK_LOGIN.password)
    return Stream(
        behaviour,
        fleet.url(behaviour),
        login if FAULTS[behaviour].needs_login else None,
        packets=110 if behaviour is Behaviour.SLOW_KEYFRAME else 12,
    )


async def test_every_behaviour_of_the_simulator_is_seen_alike_or_the_difference_is_explained():
    library = await asyncio.to_thread(load_library, SHORT)
    cameras = [
        SimulatedCamera(code=behaviour, behaviour=behaviour).able_to(behaviour)
        for behaviour in LOOKED_AT
    ]
    async with Fleet(cameras, library=library) as fleet:
        streams = [_stream(fleet, behaviour) for behaviour in LOOKED_AT]
        ours, found = await _sights(streams)

    assert [sight.reason for sight in ours] == [FAULTS[each].reason for each in LOOKED_AT]
    assert found - _explained(streams) == set()
    assert _explained(streams) - found == set()


async def test_the_streams_of_real_servers_are_seen_alike(gstreamer_port, vlc_url):
    at = f"rtsp://127.0.0.1:{gstreamer_port}"
    streams = [Stream(f"gstreamer {c}", f"{at}/{c}", packets=40) for c in OF_GSTREAMER]
    streams.append(Stream("vlc h264", vlc_url, over_udp=True, packets=40))

    ours, found = await _sights(streams)

    assert ours == [Sight(plays=True, codec=codec, size=SIZE) for codec in (*OF_GSTREAMER, "h264")]
    assert found == _explained(streams)


def test_every_explained_stream_is_one_that_is_looked_at():
    looked_at = (
        {str(b) for b in LOOKED_AT} | {f"gstreamer {n}" for n in OF_GSTREAMER} | {"vlc h264"}
    )

    assert {difference.stream for difference in DIFFERENCES} <= looked_at
    assert len({(d.stream, d.player) for d in DIFFERENCES}) == len(DIFFERENCES)
