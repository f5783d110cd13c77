"""Quirks that show only on a real connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from monitor.doors.limits import Limits
from monitor.rtsp.quirks import Quirk
from registry.look import Look
from registry.vocabulary import Outcome, Reason
from tests.fakes.packetiser import encode, interleaved, packets
from tests.fakes.scripted_camera import ScriptedCamera, Talk, handshake, stream, tear_down
from tests.fakes.targets import prober

LIMITS = Limits(first_packet_s=0.3, liveness_s=0.9, teardown_s=0.3)
STRAY = interleaved(b"\x80\x60" + b"\x00" * 30)


async def _look(script: Callable[[Talk], Awaitable[None]]) -> tuple[Look, ScriptedCamera]:
    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(script) as camera:
            return await probe.look(camera.url), camera


async def data_on_other_channels() -> None:
    async def script(talk: Talk) -> None:
        await handshake(talk)
        talk.send(interleaved(b"\x80" * 20, 9))
        await stream(talk, packets(encode("h264")))

    look, _ = await _look(script)
    assert look.outcome is Outcome.LIVE


async def data_before_play() -> None:
    async def script(talk: Talk) -> None:
        talk.send(STRAY)
        await handshake(talk)
        await stream(talk, packets(encode("h264")))

    look, _ = await _look(script)
    assert (look.outcome, look.quirks) == (Outcome.LIVE, (Quirk.DATA_BEFORE_PLAY,))


async def nothing_after_play() -> None:
    async def script(talk: Talk) -> None:
        await handshake(talk)
        talk.send(interleaved(b"\x80\xc9\x00\x01" + b"\x00" * 4, 1))
        await tear_down(talk)

    look, camera = await _look(script)
    assert look.failure is Reason.NO_PACKETS
    assert "1 control" in (look.detail or "")
    assert camera.sessions == set()


async def closed_without_a_login() -> None:
    async def closing(talk: Talk) -> None:
        await talk.request()
        talk.close()

    look, camera = await _look(closing)
    assert look.failure is Reason.CLOSED
    assert camera.connections == 1


CASES = [
    pytest.param(closed_without_a_login, id="Q09-closed-without-a-login-is-closed"),
    pytest.param(data_on_other_channels, id="Q92-data-on-other-channels"),
    pytest.param(data_before_play, id="Q93-data-before-play"),
    pytest.param(nothing_after_play, id="Q94-nothing-after-play"),
]


@pytest.mark.parametrize("check", CASES)
async def test_quirk(check):
    await check()
