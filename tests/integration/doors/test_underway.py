"""Where a look under way stands, as whoever waits for it is told."""

from __future__ import annotations

import asyncio

from registry.vocabulary import Depth, Stage
from tests.fakes.packetiser import encode, interleaved, packets
from tests.fakes.scripted_camera import SDP, ScriptedCamera, Talk, stream
from tests.fakes.targets import prober, target

DESCRIBED = ("Content-Type: application/sdp",)
SET_UP = ("Session: 12345;timeout=60", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1")


async def test_a_look_under_way_stands_where_the_camera_lets_it_wait():
    told: list[Stage | None] = []

    async def script(talk: Talk) -> None:
        for headers, body in ((DESCRIBED, SDP.format(codec="H264")), (SET_UP, ""), ((), "")):
            asked = await talk.request()
            told.append(stage())
            talk.answer(asked, "200 OK", *headers, body=body)
        await until_it_is(Stage.FIRST_PACKET)
        _, *rest = packets(encode("h264"))  # ten to a keyframe: the first of these is none
        for packet in rest[0]:
            talk.send(interleaved(packet))
        await until_it_is(Stage.FIRST_KEYFRAME)
        await stream(talk, rest[1:])

    def stage() -> Stage | None:
        return probe.door.stage_of(at.key)

    async def until_it_is(wanted: Stage) -> None:
        while stage() is not wanted:  # noqa: ASYNC110 - a look tells nobody where it is
            await asyncio.sleep(0.01)

    with prober() as probe:
        async with ScriptedCamera(script) as camera:
            at = target(camera.url)
            before = stage()
            looking = asyncio.create_task(probe.look(at, Depth.PICTURE))
            await asyncio.sleep(0)
            connecting = stage()
            look = await looking

    assert (before, connecting, stage()) == (None, Stage.CONNECT, None)
    assert told == [Stage.DESCRIBE, Stage.SETUP, Stage.PLAY]
    assert look.failure is None
