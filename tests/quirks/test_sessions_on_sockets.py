"""Sections 7, 8 and 11 of the catalogue on real sockets: SETUP, PLAY and leaving."""

from __future__ import annotations

import asyncio
from itertools import islice

import pytest

from monitor.rtsp.quirks import Quirk
from registry.vocabulary import Depth, Outcome, Reason
from tests.fakes.packetiser import interleaved
from tests.fakes.scripted_camera import Talk, stream
from tests.quirks.cases import Cases, run
from tests.quirks.on_sockets import DESCRIPTION, GROUPS, Odd, lives, look_at

case = Cases(on_sockets=True)
HEALTHY = Odd()
TCP = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"


def set_up(transport: str, session: str = "12345") -> tuple[str, ...]:
    return (f"Session: {session}", f"Transport: {transport}")


# --- 7. SETUP -------------------------------------------------------------------------------


@case("Q79-channels-of-its-own-choice")
async def channels_of_its_own_choice() -> None:
    for told, channel in (("6-7", 6), ("3-4", 3), ("0", 0)):
        setup = set_up(f"RTP/AVP/TCP;unicast;interleaved={told}")
        await lives(Odd(setup=setup, channel=channel))


@case("Q80-tcp-is-not-said")
async def tcp_is_not_said() -> None:
    setup = set_up("RTP/AVP;unicast;interleaved=0-1")
    await lives(Odd(setup=setup), noted=(Quirk.TRANSPORT_WITHOUT_TCP,))


@case("Q81-parameters-in-another-order")
async def parameters_in_another_order() -> None:
    await lives(
        Odd(setup=set_up('RTP/AVP/TCP; ssrc=00001234; mode="play"; interleaved=0-1 ;unicast'))
    )


@case("Q82-sources-that-cannot-be-read")
async def sources_that_cannot_be_read() -> None:
    for told in (" 1234", "0", "not hex", ""):
        await lives(Odd(setup=set_up(f"RTP/AVP/TCP;interleaved=0-1;ssrc={told}")))


@case("Q83-another-source-than-announced")
async def another_source_than_announced() -> None:
    setup = set_up("RTP/AVP/TCP;interleaved=0-1;ssrc=000000AA")
    await lives(Odd(setup=setup), noted=(Quirk.SSRC_DIFFERS,))


@case("Q85-another-session-in-the-answer-to-play")
async def another_session_in_the_answer_to_play() -> None:
    look, camera = await look_at(Odd(play=("Session: 99999",)))
    assert (look.outcome, look.quirks) == (Outcome.LIVE, (Quirk.SESSION_ID_CHANGED,))
    assert camera.requests[-1].header("Session") == "12345"


@case("Q86-odd-session-timeouts")
async def odd_session_timeouts() -> None:
    for told in (" 12345 ; timeout=15", "12345;timeout=0", "12345;timeout=soon;x=y"):
        await lives(Odd(setup=(f"Session: {told}", TCP)))


# --- 8. PLAY --------------------------------------------------------------------------------


@case("Q88-play-tells-nothing-of-the-stream")
async def play_tells_nothing_of_the_stream() -> None:
    await lives(Odd(play=()))


@case("Q89-rtp-info-that-makes-no-sense")
async def rtp_info_that_makes_no_sense() -> None:
    for told in ("url=trackID=1;seq=1;rtptime=-1;", ", ,", "url=rtsp://192.0.2.1/x;seq=x", ";;==,"):
        await lives(Odd(play=("Session: 12345", f"RTP-Info: {told}")))


@case("Q90-rtp-info-that-does-not-match-the-packets")
async def rtp_info_that_does_not_match() -> None:
    for seq in (0, 1, 40_000):
        told = f"RTP-Info: url=track1;seq={seq};rtptime=0"
        look, _ = await look_at(Odd(play=("Session: 12345", told)))
        assert (look.outcome, look.video.lost, look.quirks) == (Outcome.LIVE, 0, ())


@case("Q91-media-before-the-answer-to-play")
async def media_before_the_answer_to_play() -> None:
    async def script(talk: Talk) -> None:
        await HEALTHY.answer(talk, HEALTHY.describe, DESCRIPTION)
        await HEALTHY.answer(talk, HEALTHY.setup)
        asked = await talk.request()
        talk.send(b"".join(interleaved(packet) for packet in GROUPS[0]))
        await asyncio.sleep(0.04)
        talk.send(HEALTHY.written(asked))
        await stream(talk, GROUPS[1:])

    look, _ = await look_at(script, depth=Depth.PICTURE)
    assert (look.outcome, look.quirks) == (Outcome.LIVE, ())
    assert look.keyframes[0].gop == 1


# --- 11. TEARDOWN and stale sessions --------------------------------------------------------


def _leaving(*answers: str, more: int = 0) -> Odd:
    """Answers TEARDOWN so, after sending what it still had to send."""

    class Leaving(Odd):
        async def stream(self, talk: Talk) -> None:
            reading = asyncio.ensure_future(talk.request())
            left = iter(GROUPS)
            while not (await asyncio.wait({reading}, timeout=0.04))[0]:
                talk.send(b"".join(map(interleaved, next(left))))
            for group in islice(left, more):
                talk.send(b"".join(map(interleaved, group)))
            await asyncio.sleep(0.05)
            for status in answers:
                talk.answer(await reading, status)

    return Leaving()


@case("Q111-the-connection-stands-until-teardown-is-answered")
async def the_connection_stands_until_teardown_is_answered() -> None:
    look, camera = await look_at(_leaving("200 OK"))
    assert (look.outcome, look.quirks, look.lingers_s) == (Outcome.LIVE, (), None)
    assert camera.methods[-1] == "TEARDOWN"


@case("Q112-media-while-leaving")
async def media_while_leaving() -> None:
    await lives(_leaving("200 OK", more=25))


@case("Q114-a-refused-teardown-is-gone")
async def a_refused_teardown_is_gone() -> None:
    for status in ("500 Internal Server Error", "454 Session Not Found"):
        await lives(_leaving(status))


@case("Q115-teardown-after-a-refused-play")
async def teardown_after_a_refused_play() -> None:
    async def script(talk: Talk) -> None:
        await HEALTHY.answer(talk, HEALTHY.describe, DESCRIPTION)
        await HEALTHY.answer(talk, HEALTHY.setup)
        talk.answer(await talk.request(), "453 Not Enough Bandwidth")
        talk.answer(await talk.request())

    look, camera = await look_at(script)
    assert look.failure is Reason.BUSY
    assert camera.methods[-1] == "TEARDOWN"


@pytest.mark.parametrize("check", case.params)
async def test_quirk(check):
    await run(check)
