"""What a camera may still hold after a look, on real sockets; and relays that start slowly."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from monitor.doors.limits import Limits
from monitor.rtsp.quirks import Quirk
from registry.vocabulary import Depth, Reason
from tests.fakes.packetiser import encode, interleaved, packets
from tests.fakes.scripted_camera import SDP, ScriptedCamera, Talk, set_up_and_play, stream
from tests.fakes.targets import Prober, prober, target

LIMITS = Limits(
    connect_s=0.5, reply_s=0.4, first_packet_s=0.4, keyframe_s=0.8, liveness_s=0.9, teardown_s=0.2
)
OLD = SDP.format(codec="H264").replace(
    "t=0 0\r\n", "a=tool:LIVE555 Streaming Media v2015.07.19\r\nt=0 0\r\n"
)


@pytest.fixture
def probe():
    with prober(limits=LIMITS) as made:
        yield made


async def describe(talk: Talk, sdp: str, *, late_s: float = 0.0) -> None:
    asked = await talk.request()
    await asyncio.sleep(late_s)
    talk.answer(asked, "200 OK", "Content-Type: application/sdp", body=sdp)


def deaf(sdp: str = SDP.format(codec="H264"), timeout: str = ";timeout=30"):
    """Streams, and never answers TEARDOWN."""

    async def script(talk: Talk) -> None:
        await describe(talk, sdp)
        asked = await talk.request()
        transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
        talk.answer(asked, "200 OK", f"Session: 12345{timeout}", transport)
        talk.answer(await talk.request())
        for group in packets(encode("h264")):
            for packet in group:
                talk.send(interleaved(packet))
            await asyncio.sleep(0.04)

    return script


async def live(talk: Talk) -> None:
    await describe(talk, OLD)
    await set_up_and_play(talk)
    await stream(talk, packets(encode("h264")))


@pytest.mark.parametrize(
    ("script", "lingers_s"),
    [
        (deaf(), 30),  # Q116
        (deaf(timeout=""), 60),
        (deaf(timeout=";timeout=86400"), 120),
        (deaf(sdp=OLD), 65),  # Q111
    ],
    ids=["as-it-says", "as-the-rfc-says", "not-for-ever", "old-live555"],
)
async def test_a_session_whose_end_was_not_answered_may_be_held(probe: Prober, script, lingers_s):
    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert look.failure is None
    assert Quirk.TEARDOWN_UNANSWERED in look.quirks
    assert look.lingers_s == lingers_s


async def test_an_old_live555_that_lets_go_holds_nothing(probe: Prober):
    async with ScriptedCamera(live) as camera:
        look = await probe.look(camera.url)

    assert look.quirks == (Quirk.OLD_LIVE555,)
    assert look.lingers_s is None


async def test_somebody_elses_stale_session_is_waited_out(probe: Prober):
    async def script(talk: Talk) -> None:
        talk.send(interleaved(b"\x80\x60" + b"\x00" * 30))
        await describe(talk, SDP.format(codec="H264"))
        await set_up_and_play(talk)
        await stream(talk, packets(encode("h264")))

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert (look.quirks, look.lingers_s) == ((Quirk.DATA_BEFORE_PLAY,), 65)  # Q93, Q113


async def test_a_camera_that_closes_holds_nothing(probe: Prober):
    async def script(talk: Talk) -> None:
        await describe(talk, OLD)
        talk.answer(await talk.request(), "453 Not Enough Bandwidth")

    async with ScriptedCamera(script) as camera:
        look = await probe.look(camera.url)

    assert (look.failure, look.lingers_s) == (Reason.BUSY, None)


@pytest.mark.parametrize("depth", [Depth.LIVENESS, Depth.PICTURE])
async def test_a_relay_gets_the_time_that_its_target_allows(probe: Prober, depth):
    async def script(talk: Talk) -> None:
        await describe(talk, SDP.format(codec="H264"), late_s=0.6)
        await set_up_and_play(talk)
        await asyncio.sleep(0.6)
        await stream(talk, packets(encode("h264")))

    async with ScriptedCamera(script) as relay:
        at = target(relay.url)
        impatient = await probe.look(at, depth)
        patient = await probe.look(replace(at, start_limit_s=3.0), depth)

    assert impatient.failure is Reason.TIMEOUT
    assert patient.failure is None
