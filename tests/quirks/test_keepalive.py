"""Section 10 of the catalogue: sessions that last longer than half their time-out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest

from monitor.rtsp.auth import Credentials
from monitor.rtsp.keepalive import interval_s
from monitor.rtsp.quirks import Quirk
from monitor.rtsp.state import Gone, KeepAlive, Stop
from registry.look import Look
from registry.vocabulary import Depth, Outcome
from tests.fakes.interview import DIGEST, SDP, Interview
from tests.fakes.packetiser import interleaved
from tests.fakes.scripted_camera import Asked, ScriptedCamera, Talk
from tests.quirks.cases import Cases, run
from tests.quirks.on_sockets import GROUPS, LIMITS, Odd, look_at

case = Cases()
on_sockets = Cases(on_sockets=True)
LISTED = {"Public": "OPTIONS, get_parameter"}
CHALLENGE = "WWW-Authenticate: " + DIGEST
SHORT = Odd(
    setup=("Session: 12345;timeout=1", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"),
    play=(),
)


def _playing(**how) -> Interview:
    talk = Interview(**how)
    if how.get("login"):
        talk.challenge(DIGEST)
    talk.describe(b"a=control:rtsp://192.0.2.7/all\r\n" + SDP)
    talk.set_up()
    talk.play()
    return talk


@case("Q105-options-first-and-what-is-listed-after-it")
def options_first_and_what_is_listed_after_it() -> None:
    talk = _playing()
    talk.tell(KeepAlive())
    talk.answer(200, LISTED)
    assert talk.asked[3:] == ["OPTIONS", "GET_PARAMETER"]
    talk.answer(200)
    talk.tell(KeepAlive())
    assert talk.asked[3:] == ["OPTIONS", "GET_PARAMETER", "GET_PARAMETER"]


@case("Q105-nothing-else-where-nothing-is-listed")
def nothing_else_where_nothing_is_listed() -> None:
    talk = _playing()
    for status, headers in ((200, {}), (200, {"Public": "OPTIONS, SET_PARAMETER"}), (501, LISTED)):
        talk.tell(KeepAlive())
        talk.answer(status, headers)
    assert talk.asked[3:] == ["OPTIONS"] * 3
    assert talk.state.quirks == frozenset()


@case("Q106-a-refused-method-is-not-used-again")
def a_refused_method_is_not_used_again() -> None:
    talk = _playing()
    talk.tell(KeepAlive())
    for status in (200, 400, 200):
        talk.answer(status, LISTED)
    talk.tell(KeepAlive())
    assert talk.asked[3:] == ["OPTIONS", "GET_PARAMETER", "OPTIONS", "OPTIONS"]
    assert talk.state.quirks == {Quirk.KEEPALIVE_FALLBACK}


@case("Q107-answers-are-not-waited-for")
def answers_are_not_waited_for() -> None:
    talk = _playing()
    for _ in range(9):
        talk.tell(KeepAlive())
    assert len(talk.state.unanswered) <= 4
    talk.tell(Stop())
    assert talk.answer(200) == (Gone(),)


@case("Q108-aggregate-url-session-and-signature")
def aggregate_url_session_and_signature() -> None:
    talk = _playing(login=Credentials("viewer", "sesame"))
    talk.tell(KeepAlive())
    assert talk.last.uri == talk.authorization()["uri"] == "rtsp://192.0.2.7/all"
    assert talk.header("Session") == "77"


@case("Q41-a-keepalive-with-an-old-nonce-is-signed-again")
def a_keepalive_with_an_old_nonce_is_signed_again() -> None:
    talk = _playing(login=Credentials("viewer", "sesame"))
    talk.tell(KeepAlive())
    talk.challenge(DIGEST.replace("n1", "n2"))
    assert (talk.asked[-1], talk.authorization()["nonce"]) == ("OPTIONS", "n2")
    assert talk.challenge(DIGEST.replace("n1", "n3")) == ()
    assert talk.broken is None
    assert talk.state.login_verdict is True


@case("Q109-half-of-the-timeout-and-never-more-than-thirty-seconds")
def half_of_the_timeout() -> None:
    assert [interval_s(told) for told in (15, 60, 3600)] == [7.5, 30, 30]


# --- on sockets -----------------------------------------------------------------------------


def _tended(
    reply: Callable[[Talk, Asked], None], late: Sequence[Asked] = ()
) -> Callable[[Talk], Awaitable[None]]:
    """A camera that streams, and answers whatever it is asked meanwhile by `reply`; `late` just
    before TEARDOWN.
    """

    async def script(talk: Talk) -> None:
        await SHORT.answer(talk, SHORT.describe, SHORT.description)
        await SHORT.answer(talk, SHORT.setup)
        await SHORT.answer(talk, SHORT.play)
        sending = asyncio.ensure_future(_send(talk))
        try:
            while (asked := await talk.request()).method != "TEARDOWN":
                reply(talk, asked)
            for earlier in late:
                talk.answer(earlier, "400 Bad Request")
            talk.answer(asked)
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending

    return script


async def _send(talk: Talk) -> None:
    for group in GROUPS:
        for packet in group:
            talk.send(interleaved(packet))
        await asyncio.sleep(0.04)


async def _measured(
    reply: Callable[[Talk, Asked], None], measure_s: float, *, signed: bool = False
) -> tuple[Look, list[Asked]]:
    limits = replace(LIMITS, measure_s=measure_s)
    script = _tended(reply)

    async def guarded(talk: Talk) -> None:
        if signed:
            talk.answer(await talk.request(), "401 Unauthorized", CHALLENGE)
        await script(talk)

    look, camera = await look_at(guarded, depth=Depth.MEASURE, signed=signed, limits=limits)
    assert (look.outcome, look.detail) == (Outcome.LIVE, None)
    return look, _kept_alive(camera)


def _kept_alive(camera: ScriptedCamera) -> list[Asked]:
    played = camera.methods.index("PLAY")
    return camera.requests[played + 1 : -1]


@on_sockets("Q105-the-camera-lists-get-parameter", "Q109-twice-in-a-timeout")
async def the_camera_lists_get_parameter() -> None:
    look, asked = await _measured(
        lambda talk, asked: talk.answer(asked, "200 OK", "Public: OPTIONS, GET_PARAMETER"), 1.3
    )
    assert [each.method for each in asked[:2]] == ["OPTIONS", "GET_PARAMETER"]
    assert look.quirks == ()


@on_sockets("Q106-the-camera-refuses-what-it-lists")
async def the_camera_refuses_what_it_lists() -> None:
    def reply(talk: Talk, asked: Asked) -> None:
        status = "200 OK" if asked.method == "OPTIONS" else "400 Bad Request"
        talk.answer(asked, status, "Public: OPTIONS, GET_PARAMETER")

    look, asked = await _measured(reply, 1.3)
    assert [each.method for each in asked[:3]] == ["OPTIONS", "GET_PARAMETER", "OPTIONS"]
    assert look.quirks == (Quirk.KEEPALIVE_FALLBACK,)


@on_sockets("Q107-the-camera-never-answers", "Q108-the-camera-wants-all-of-it")
async def the_camera_never_answers() -> None:
    look, asked = await _measured(lambda talk, asked: None, 1.3, signed=True)
    assert look.quirks == ()
    assert len(asked) >= 2
    for each in asked:
        assert each.uri.endswith("/live")
        assert each.header("Session") == "12345"
        assert (each.header("Authorization") or "").startswith("Digest ")


@on_sockets("Q28-answers-to-keepalives-come-with-that-to-teardown")
async def answers_to_keepalives_come_late() -> None:
    late: list[Asked] = []

    async def script(talk: Talk) -> None:
        await _tended(lambda _, asked: late.append(asked), late)(talk)

    look, _ = await look_at(script, depth=Depth.MEASURE)
    assert (look.outcome, look.quirks) == (Outcome.LIVE, ())
    assert late


@pytest.mark.parametrize("check", [*case.params, *on_sockets.params])
async def test_quirk(check):
    await run(check)
