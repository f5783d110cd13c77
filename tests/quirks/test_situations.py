"""Situations that no catalogue of others covers, on real sockets, each with its reason."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import replace

import pytest

from monitor.rtsp.quirks import Quirk
from monitor.verdict.waking import woke_slowly
from registry.look import FeedKey, Look
from registry.vocabulary import Outcome, Reason, TlsPolicy
from tests.fakes.scripted_camera import ScriptedCamera, Talk, stream
from tests.fakes.targets import prober, target
from tests.fakes.udp import UdpEnd
from tests.quirks.cases import Cases, run
from tests.quirks.on_sockets import DESCRIPTION, GROUPS, LIMITS, Odd, Script, lives, look_at

case = Cases(on_sockets=True)
HEALTHY = Odd()


async def fails(script: Script, reason: Reason, words: str) -> None:
    look, _ = await look_at(script)
    assert look.failure is reason, look
    assert words in (look.detail or "")


@case("S01-description-without-content-length")
async def description_without_content_length() -> None:
    for closes in (False, True):

        async def script(talk: Talk, closes: bool = closes) -> None:
            asked = await talk.request()
            talk.send(HEALTHY.written(asked, HEALTHY.describe) + DESCRIPTION.encode())
            if closes:
                talk.close()

        await fails(script, Reason.PROTOCOL, "no content-length")


@case("S02-version-two-in-the-answers")
async def version_two_in_the_answers() -> None:
    await lives(Odd(line="RTSP/2.0 200 OK"))
    for version in ("1.0", "2.0"):
        refusing = Odd(line=f"RTSP/{version} 505 RTSP Version Not Supported")
        await fails(refusing, Reason.UNSUPPORTED, "505 RTSP Version Not Supported")


@case("S03-a-web-server-answers")
async def a_web_server_answers() -> None:
    async def script(talk: Talk) -> None:
        await talk.request()
        talk.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        talk.close()

    await fails(script, Reason.PROTOCOL, "an HTTP server answers on this port")


@case("S04-tls-on-the-plain-port")
async def tls_on_the_plain_port() -> None:
    for spoken in (b"\x15\x03\x01\x00\x02\x02\x46", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03"):

        async def script(talk: Talk, spoken: bytes = spoken) -> None:
            await talk.request()
            talk.send(spoken)

        await fails(script, Reason.PROTOCOL, "speaks TLS on this port")


@case("S04-plain-rtsp-on-the-tls-port")
async def plain_rtsp_on_the_tls_port() -> None:
    async def script(talk: Talk) -> None:
        await asyncio.sleep(0.01)
        talk.send(b"RTSP/1.0 400 Bad Request\r\nCSeq: 0\r\n\r\n")

    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(script) as camera:
            url = camera.url.replace("rtsp://", "rtsps://")
            look = await probe.look(target(url, tls_policy=TlsPolicy.ACCEPT_ANY))
    assert look.failure is Reason.TLS
    assert "does not speak TLS" in (look.detail or "")


def _reset(talk: Talk) -> None:
    """As a machine that lost its memory of the connection does."""
    peer = talk.writer.get_extra_info("socket")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    talk.writer.transport.abort()


@case("S05-the-camera-restarts-in-setup")
async def the_camera_restarts_in_setup() -> None:
    async def hangs_up(talk: Talk) -> None:
        await HEALTHY.answer(talk, HEALTHY.describe, DESCRIPTION)
        await talk.request()
        _reset(talk)

    async def falls_silent(talk: Talk) -> None:
        await HEALTHY.answer(talk, HEALTHY.describe, DESCRIPTION)
        await talk.request()

    await fails(hangs_up, Reason.CLOSED, "waiting for the answer to setup")
    await fails(falls_silent, Reason.TIMEOUT, "no answer to setup")


@case("S05-refused-until-it-is-back")
async def refused_until_it_is_back() -> None:
    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(HEALTHY) as camera:
            port = camera.port
        assert (await probe.look(f"rtsp://127.0.0.1:{port}/live")).failure is Reason.REFUSED


@case("S06-two-cameras-behind-one-address")
async def two_cameras_behind_one_address() -> None:
    """One of them gives its video over UDP only: that is remembered of it alone."""
    with UdpEnd() as end, prober(limits=LIMITS) as probe:
        async with ScriptedCamera(_recorder(end)) as camera:

            async def look(name: str) -> Look:
                at = target(camera.url.replace("/live", f"/{name}"))
                return await probe.look(replace(at, key=FeedKey(name, "nvr")))

            first = [await look("one"), await look("two"), await look("three")]
            again = [await look("one"), await look("two")]
    assert [seen.failure for seen in first] == [None, None, Reason.NOT_FOUND]
    assert [seen.transport for seen in (*first, *again)] == ["udp", "tcp", None, "udp", "tcp"]
    assert [seen.quirks for seen in again] == [(), ()]


def _recorder(end: UdpEnd) -> Script:
    async def script(talk: Talk) -> None:
        asked = await talk.request()
        if asked.uri.endswith("/three"):
            talk.answer(asked, "404 Not Found")
            return
        talk.send(HEALTHY.written(asked, HEALTHY.describe, DESCRIPTION))
        if asked.uri.endswith("/two"):
            await HEALTHY.set_up_and_play(talk)
            return
        asked = await talk.request()
        if "client_port" not in (asked.header("Transport") or ""):
            talk.answer(asked, "461 Unsupported Transport")
            return
        end.answer_setup(talk, asked)
        talk.answer(await talk.request())
        await stream(talk, GROUPS, send=end.send)

    return script


@case("S07-a-relay-that-fetches-the-picture-when-asked")
async def a_relay_that_fetches_the_picture_when_asked() -> None:
    async def script(talk: Talk) -> None:
        await HEALTHY.answer(talk, HEALTHY.describe, DESCRIPTION)
        await HEALTHY.answer(talk, HEALTHY.setup)
        await HEALTHY.answer(talk, HEALTHY.play)
        await asyncio.sleep(2.1)
        await HEALTHY.stream(talk)

    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(script) as camera:
            look = await probe.look(replace(target(camera.url), start_limit_s=6.0))
    assert look.outcome is Outcome.LIVE
    assert woke_slowly(look)


@case("S08-the-named-address-is-refused")
async def the_named_address_is_refused() -> None:
    elsewhere = replace(
        HEALTHY, describe=(*HEALTHY.describe, "Content-Base: rtsp://192.0.2.123/live/")
    )

    async def script(talk: Talk) -> None:
        await elsewhere.answer(talk, elsewhere.describe, DESCRIPTION)
        talk.answer(await talk.request(), "404 Not Found")
        await HEALTHY.set_up_and_play(talk)

    await lives(script, noted=(Quirk.CONTROL_HOST_REPLACED,))


@case("S09-setup-does-not-say-which-transport")
async def setup_does_not_say_which_transport() -> None:
    await lives(Odd(setup=("Session: 12345",)), noted=(Quirk.UNREADABLE_FIELD,))


@case("S10-a-base-that-is-no-address")
async def a_base_that_is_no_address() -> None:
    odd = Odd(describe=(*HEALTHY.describe, "Content-Base: not an address"))
    await lives(odd, noted=(Quirk.CONTENT_BASE_UNUSABLE,))


def chooses(transport: str) -> Odd:
    return replace(HEALTHY, setup=("Session: 12345", f"Transport: {transport}"))


@case("S11-setup-chooses-encrypted-rtp")
async def setup_chooses_encrypted_rtp() -> None:
    for profile in ("RTP/SAVP", "RTP/SAVP/TCP", "rtp/savpf/tcp"):
        look, camera = await look_at(chooses(f"{profile};unicast;interleaved=0-1"))
        assert (look.failure, look.outcome) == (Reason.UNSUPPORTED, Outcome.COULD_NOT_LOOK)
        assert "encrypted RTP" in (look.detail or "")
        assert camera.methods == ["DESCRIBE", "SETUP", "TEARDOWN"]


@case("S11-odd-names-of-plain-rtp")
async def odd_names_of_plain_rtp() -> None:
    await lives(chooses("RTP/AVPF/TCP;unicast;interleaved=0-1"))
    for profile in ("RTP/AVP", "RTP/AVP/UDP", "RTP/AVPF", ""):
        odd = chooses(f"{profile};unicast;interleaved=0-1")
        await lives(odd, noted=(Quirk.TRANSPORT_WITHOUT_TCP,))


@pytest.mark.parametrize("check", case.params)
async def test_quirk(check):
    await run(check)
