"""Quirks that show only on a real connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from monitor.doors.limits import Limits
from monitor.plan.toll import toll_of
from monitor.rtsp.quirks import Quirk
from monitor.rtsp.stale import LIVE555_LINGERS_S
from registry.look import Look
from registry.vocabulary import Outcome, Reason
from tests.fakes.packetiser import encode, interleaved, packets
from tests.fakes.scripted_camera import ScriptedCamera, Talk, handshake, stream, tear_down
from tests.fakes.targets import prober
from tests.quirks.cases import Cases, run

case = Cases(on_sockets=True)

LIMITS = Limits(first_packet_s=0.3, liveness_s=0.9, teardown_s=0.3)
STRAY = interleaved(b"\x80\x60" + b"\x00" * 30)


async def _look(script: Callable[[Talk], Awaitable[None]]) -> tuple[Look, ScriptedCamera]:
    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(script) as camera:
            return await probe.look(camera.url), camera


@case("Q92-data-on-other-channels")
async def data_on_other_channels() -> None:
    async def script(talk: Talk) -> None:
        await handshake(talk)
        talk.send(interleaved(b"\x80" * 20, 9))
        await stream(talk, packets(encode("h264")))

    look, _ = await _look(script)
    assert look.outcome is Outcome.LIVE


@case("Q93-data-before-play", "Q113-foreign-packets-are-a-stale-session")
async def data_before_play() -> None:
    async def script(talk: Talk) -> None:
        talk.send(STRAY)
        await handshake(talk)
        await stream(talk, packets(encode("h264")))

    look, _ = await _look(script)
    assert (look.outcome, look.quirks) == (Outcome.LIVE, (Quirk.DATA_BEFORE_PLAY,))
    toll = toll_of(look)
    assert toll.holds_s == LIVE555_LINGERS_S


@case("Q14-full-camera")
async def full_camera() -> None:
    for status in ("453 Not Enough Bandwidth", "503 Service Unavailable"):

        async def full(talk: Talk, status: str = status) -> None:
            talk.answer(await talk.request(), status)

        look, _ = await _look(full)
        assert look.failure is Reason.BUSY
        assert toll_of(look).full


@case("Q116-teardown-ignored")
async def teardown_ignored() -> None:
    async def deaf(talk: Talk) -> None:
        await handshake(talk)
        for group in packets(encode("h264")):
            for packet in group:
                talk.send(interleaved(packet))
            await asyncio.sleep(0.04)

    look, _ = await _look(deaf)
    assert (look.outcome, look.quirks) == (Outcome.LIVE, (Quirk.TEARDOWN_UNANSWERED,))
    assert toll_of(look).holds_s == 60


@case("Q94-nothing-after-play")
async def nothing_after_play() -> None:
    async def script(talk: Talk) -> None:
        await handshake(talk)
        talk.send(interleaved(b"\x80\xc9\x00\x01" + b"\x00" * 4, 1))
        await tear_down(talk)

    look, camera = await _look(script)
    assert look.failure is Reason.NO_PACKETS
    assert "1 control" in (look.detail or "")
    assert camera.sessions == set()


@case("Q09-closed-without-a-login-is-closed")
async def closed_without_a_login() -> None:
    async def closing(talk: Talk) -> None:
        await talk.request()
        talk.close()

    look, camera = await _look(closing)
    assert look.failure is Reason.CLOSED
    assert camera.connections == 1


@pytest.mark.parametrize("check", case.params)
async def test_quirk(check):
    await run(check)
