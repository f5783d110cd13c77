"""Sections 1, 3, 4 and 5 of the catalogue on real sockets: cameras that answer oddly."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from monitor.rtsp.quirks import Quirk
from registry.vocabulary import Outcome, Reason
from tests.fakes.certificates import certificate
from tests.fakes.interview import DIGEST
from tests.fakes.packetiser import interleaved
from tests.fakes.scripted_camera import ScriptedCamera, Talk, stream
from tests.fakes.targets import LOGIN, prober, target
from tests.fakes.udp import UdpEnd, described
from tests.quirks.cases import Cases, run
from tests.quirks.on_sockets import DESCRIPTION, GROUPS, LIMITS, Odd, lives, look_at

case = Cases(on_sockets=True)
HEALTHY = Odd()
TCP = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
CHALLENGE = "WWW-Authenticate: " + DIGEST
UNAUTHORIZED = "401 Unauthorized"


# --- 1. framing and connection --------------------------------------------------------------


@case("Q01-line-ends-before-every-answer")
async def line_ends_before_every_answer() -> None:
    await lives(Odd(before=b"\r\n\r\n"))


@case("Q02-garbage-before-an-answer")
async def garbage_before_an_answer() -> None:
    async def script(talk: Talk) -> None:
        await replace(HEALTHY, before=b"\x99\x98junk").answer(talk, HEALTHY.describe, DESCRIPTION)
        await HEALTHY.set_up_and_play(talk)

    await lives(script, noted=(Quirk.GARBAGE_SKIPPED,))


@case("Q02-nothing-but-garbage")
async def nothing_but_garbage() -> None:
    look, _ = await look_at(Odd(before=b"\x99" * 5000))
    assert look.failure is Reason.PROTOCOL
    assert "neither RTSP" in (look.detail or "")


@case("Q03-a-byte-at-a-time")
async def a_byte_at_a_time() -> None:
    await lives(Odd(cut=True))


@case("Q04-header-names-in-any-case")
async def header_names_in_any_case() -> None:
    await lives(
        Odd(
            cseq="Cseq: {}",
            length="CONTENT-length: {}",
            describe=("content-type: application/sdp",),
            setup=("SESSION: 12345", TCP.lower().replace("rtp/avp/tcp", "RTP/AVP/TCP")),
        )
    )


@case("Q05-blanks-around-values")
async def blanks_around_values() -> None:
    await lives(Odd(cseq="CSeq:   {} ", setup=("Session:        12345 ", TCP + "  ")))


@case("Q06-two-challenges-in-two-headers", "Q38-digest-although-basic-is-first")
async def two_challenges_in_two_headers() -> None:
    async def script(talk: Talk) -> None:
        basic = 'WWW-Authenticate: Basic realm="cam"'
        talk.answer(await talk.request(), UNAUTHORIZED, basic, CHALLENGE)
        await HEALTHY(talk)

    look, camera = await look_at(script, signed=True)
    assert look.outcome is Outcome.LIVE
    assert (camera.requests[1].header("Authorization") or "").startswith("Digest ")


@case("Q07-a-head-that-never-ends")
async def a_head_that_never_ends() -> None:
    async def script(talk: Talk) -> None:
        await talk.request()
        talk.send(b"RTSP/1.0 200 OK\r\n" + b"X-More: and more\r\n" * 3000)

    look, _ = await look_at(script)
    assert look.failure is Reason.PROTOCOL


@case("Q08-the-camera-asks-before-it-answers")
async def the_camera_asks_before_it_answers() -> None:
    heard: list[str] = []

    async def script(talk: Talk) -> None:
        asked = await talk.request()
        talk.send(b"OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n")
        heard.append(await talk.heard())
        talk.send(HEALTHY.written(asked, HEALTHY.describe, DESCRIPTION))
        await HEALTHY.set_up_and_play(talk)

    await lives(script, noted=(Quirk.SERVER_REQUEST,))
    assert heard == ["RTSP/1.0 200 OK\r\nCSeq: 9\r\n\r\n"]


@case("Q09-closed-after-the-challenge")
async def closed_after_the_challenge() -> None:
    async def closing(talk: Talk) -> None:
        talk.answer(await talk.request(), UNAUTHORIZED, CHALLENGE)
        await talk.request()
        talk.close()

    await lives(closing, HEALTHY, noted=(Quirk.CLOSED_AFTER_CHALLENGE,), signed=True)


@case("Q10-every-look-has-its-own-connection-and-one-describe")
async def every_look_has_its_own_connection() -> None:
    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(HEALTHY) as camera:
            looks = [await probe.look(camera.url) for _ in range(2)]
    assert [look.outcome for look in looks] == [Outcome.LIVE] * 2
    assert (camera.connections, camera.methods.count("DESCRIBE")) == (2, 2)


@case("Q11-a-changed-transport-begins-with-describe", "Q78-tcp-is-refused-and-udp-is-taken")
async def tcp_is_refused_and_udp_is_taken() -> None:
    async def refusing(talk: Talk) -> None:
        await described(talk)
        talk.answer(await talk.request(), "461 Unsupported Transport")

    with UdpEnd() as end:

        async def over_udp(talk: Talk) -> None:
            await described(talk)
            end.answer_setup(talk, await talk.request())
            talk.answer(await talk.request())
            await stream(talk, GROUPS, send=end.send)

        look, camera = await look_at(refusing, over_udp)
    assert (look.outcome, look.transport, look.quirks) == (Outcome.LIVE, "udp", (Quirk.UDP_ONLY,))
    assert camera.methods[:3] == ["DESCRIBE", "SETUP", "DESCRIBE"]


@case("Q12-a-redirect-is-followed")
async def a_redirect_is_followed() -> None:
    async with ScriptedCamera(HEALTHY) as there:

        async def elsewhere(talk: Talk) -> None:
            talk.answer(await talk.request(), "302 Found", f"Location: {there.url}")

        await lives(elsewhere, noted=(Quirk.REDIRECTED,))


@case("Q13-a-certificate-of-its-own-is-tls")
async def a_certificate_of_its_own_is_tls() -> None:
    with TemporaryDirectory() as folder, prober(limits=LIMITS) as probe:
        tls = certificate(Path(folder), "own").server()
        async with ScriptedCamera(HEALTHY, tls=tls) as camera:
            look = await probe.look(camera.url)
    assert look.failure is Reason.TLS
    assert "self-signed certificate" in (look.detail or "")


@case("Q15-nothing-is-required-of-the-camera")
async def nothing_is_required_of_the_camera() -> None:
    _, camera = await look_at(HEALTHY)
    assert len(camera.requests) == 4
    assert all(asked.header("Require") is None for asked in camera.requests)


@case("Q53-a-content-base-that-is-no-url-is-never-connected-to")
async def a_content_base_that_is_no_url() -> None:
    for base in ("rtsp://::ffff:192.0.2.123/live/", "rtsp://192.0.2.123:1/live/"):
        odd = Odd(describe=(*HEALTHY.describe, f"Content-Base: {base}"))
        look, camera = await look_at(odd)
        assert look.outcome is Outcome.LIVE
        assert (camera.connections, camera.requests[1].uri) == (1, f"{base}track1")


# --- 3. any reply ---------------------------------------------------------------------------


@case("Q27-answers-without-a-number")
async def answers_without_a_number() -> None:
    await lives(Odd(cseq=None))


@case("Q29-every-answer-is-number-zero")
async def every_answer_is_number_zero() -> None:
    await lives(Odd(cseq="CSeq: 0"), noted=(Quirk.WRONG_CSEQ,))


@case("Q30-session-in-describe-and-another-timeout-in-play")
async def another_timeout_in_play() -> None:
    async def deaf(talk: Talk) -> None:
        odd = Odd(
            describe=(*HEALTHY.describe, "Session: early;timeout=7"),
            play=("Session: 12345;timeout=50",),
        )
        await odd.answer(talk, odd.describe, DESCRIPTION)
        await odd.answer(talk, odd.setup)
        await odd.answer(talk, odd.play)
        for group in GROUPS:
            for packet in group:
                talk.send(interleaved(packet))
            await asyncio.sleep(0.04)

    look, camera = await look_at(deaf)
    assert (look.outcome, look.lingers_s) == (Outcome.LIVE, 50)
    assert {asked.header("Session") for asked in camera.requests} == {None, "12345"}


@case("Q31-no-status-text")
async def no_status_text() -> None:
    await lives(Odd(line="RTSP/1.0 200"))


# --- 4. authentication ----------------------------------------------------------------------


@case("Q39-sha-256-is-refused-and-md5-is-taken-and-remembered")
async def sha_256_is_refused_and_md5_is_taken() -> None:
    """Remembered: or each look would add a rejected login to the camera's count (Q46)."""
    offers = (f"{CHALLENGE}, algorithm=SHA-256", CHALLENGE)

    async def script(talk: Talk) -> None:
        asked = await talk.request()
        while "algorithm" in (asked.header("Authorization") or "algorithm"):
            talk.answer(asked, UNAUTHORIZED, *offers)
            asked = await talk.request()
        talk.send(HEALTHY.written(asked, HEALTHY.describe, DESCRIPTION))
        await HEALTHY.set_up_and_play(talk)

    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(script) as camera:
            looks = [await probe.look(target(camera.url, LOGIN)) for _ in range(2)]
    assert [look.outcome for look in looks] == [Outcome.LIVE] * 2
    assert [look.quirks for look in looks] == [(Quirk.SHA256_REFUSED,), ()]
    signed_oddly = [a for a in camera.requests if "SHA-256" in (a.header("Authorization") or "")]
    assert len(signed_oddly) == 1


@case("Q46-a-login-that-sha-256-once-took-is-refused-once")
async def a_login_that_sha_256_once_took_is_refused_once() -> None:
    offers = (f"{CHALLENGE}, algorithm=SHA-256", CHALLENGE)

    async def taking(talk: Talk) -> None:
        talk.answer(await talk.request(), UNAUTHORIZED, *offers)
        await HEALTHY(talk)

    async def refusing(talk: Talk) -> None:
        while True:
            talk.answer(await talk.request(), UNAUTHORIZED, *offers)

    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(taking, refusing) as camera:
            first = await probe.look(target(camera.url, LOGIN))
            before = len(camera.requests)
            second = await probe.look(target(camera.url, LOGIN))
    assert (first.outcome, second.failure) == (Outcome.LIVE, Reason.AUTH_REJECTED)
    signed = [a for a in camera.requests[before:] if a.header("Authorization") is not None]
    assert len(signed) == 1


@pytest.mark.parametrize("check", case.params)
async def test_quirk(check):
    await run(check)
