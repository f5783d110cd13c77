"""A player that nobody here wrote, FFmpeg, plays the fleet and sees moving pictures."""

from __future__ import annotations

import asyncio
from typing import Any

import av
import pytest

from monitor.simulator.behaviour import Behaviour, SimulatedCamera, SimulatedLogin
from monitor.simulator.clips import ClipLibrary
from monitor.simulator.fleet import Fleet
from registry.vocabulary import Codec

pytestmark = pytest.mark.peer


def decode(url: str, count: int) -> list[Any]:
    options = {"rtsp_transport": "tcp", "rw_timeout": "10000000"}
    with av.open(url, options=options, timeout=10.0) as container:
        frames = container.decode(container.streams.video[0])
        return [next(frames).to_ndarray(format="gray") for _ in range(count)]


@pytest.mark.parametrize("codec", [Codec.H264, Codec.H265])
async def test_ffmpeg_decodes_distinct_pictures_of_the_right_size(
    library: ClipLibrary, codec: Codec
) -> None:
    cameras = [SimulatedCamera(code="CAM", codec=codec)]
    async with Fleet(cameras, library=library) as fleet:
        pictures = await asyncio.to_thread(decode, fleet.url("CAM"), 15)

    assert {picture.shape for picture in pictures} == {(360, 640)}
    assert len({picture.tobytes() for picture in pictures}) == 15
    assert all(60 < picture.mean() < 190 for picture in pictures)


async def test_ffmpeg_logs_in_with_digest(library: ClipLibrary) -> None:
    cameras = [SimulatedCamera(code="CAM", login=SimulatedLogin("user", "word"))]
    async with Fleet(cameras, library=library) as fleet:
        url = fleet.url("CAM").replace("rtsp://", "rtsp://user:word@")
        pictures = await asyncio.to_thread(decode, url, 2)

    assert len(pictures) == 2


@pytest.mark.parametrize("codec", [Codec.H264, Codec.H265])
async def test_pictures_are_what_the_behaviour_says(library: ClipLibrary, codec: Codec) -> None:
    shown = (Behaviour.BLACK, Behaviour.TOO_DARK, Behaviour.TOO_BRIGHT, Behaviour.WRONG_PROFILE)
    cameras = [SimulatedCamera(code=b, behaviour=b, codec=codec) for b in shown]
    async with Fleet(cameras, library=library) as fleet:
        looks = await asyncio.gather(*(asyncio.to_thread(decode, fleet.url(b), 2) for b in shown))
    black, dark, bright, other_size = (look[-1] for look in looks)

    assert black.mean() < 4
    assert 12 < dark.mean() < 30
    assert bright.mean() > 235
    assert other_size.shape == (180, 320)
