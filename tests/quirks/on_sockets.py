"""A healthy camera on a real socket, but for what is odd about it, and a look at it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from monitor.doors.limits import Limits
from registry.look import Look
from registry.vocabulary import Depth, Outcome
from tests.fakes.packetiser import encode, interleaved, packets
from tests.fakes.scripted_camera import SDP, Asked, ScriptedCamera, Talk, stream
from tests.fakes.targets import LOGIN, prober, target

LIMITS = Limits(
    reply_s=0.6, first_packet_s=0.4, liveness_s=0.9, keyframe_s=0.9, measure_s=1.2, teardown_s=0.3
)
DESCRIPTION = SDP.format(codec="H264")
GROUPS = packets(encode("h264", frames=60))
Script = Callable[[Talk], Awaitable[None]]


@dataclass(frozen=True)
class Odd:
    """One camera's way of answering; as it should be, but for what a case says."""

    line: str = "RTSP/1.0 200 OK"
    cseq: str | None = "CSeq: {}"
    description: str = DESCRIPTION
    length: str = "Content-Length: {}"
    describe: tuple[str, ...] = ("Content-Type: application/sdp",)
    setup: tuple[str, ...] = (
        "Session: 12345;timeout=60",
        "Transport: RTP/AVP/TCP;unicast;interleaved=0-1",
    )
    play: tuple[str, ...] = ("Session: 12345",)
    before: bytes = b""  # every answer
    channel: int = 0
    cut: bool = False  # into single bytes

    async def __call__(self, talk: Talk) -> None:
        await self.answer(talk, self.describe, self.description)
        await self.set_up_and_play(talk)

    async def set_up_and_play(self, talk: Talk) -> None:
        await self.answer(talk, self.setup)
        await self.answer(talk, self.play)
        await self.stream(talk)

    async def stream(self, talk: Talk) -> None:
        def send(packet: bytes) -> None:
            talk.send(interleaved(packet, self.channel))

        await stream(talk, GROUPS, send=send)

    async def answer(self, talk: Talk, headers: tuple[str, ...], body: str = "") -> None:
        data = self.before + self.written(await talk.request(), headers, body)
        for at in range(len(data)) if self.cut else ():
            talk.send(data[at : at + 1])
            await asyncio.sleep(0)
        if not self.cut:
            talk.send(data)

    def written(self, asked: Asked, headers: tuple[str, ...] = (), body: str = "") -> bytes:
        lines = [self.line]
        if self.cseq is not None:
            lines.append(self.cseq.format(asked.header("CSeq")))
        lines += headers
        if body:
            lines.append(self.length.format(len(body)))
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


async def look_at(
    *scripts: Script, depth: Depth = Depth.LIVENESS, signed: bool = False, limits: Limits = LIMITS
) -> tuple[Look, ScriptedCamera]:
    with prober(limits=limits) as probe:
        async with ScriptedCamera(*scripts) as camera:
            at = target(camera.url, LOGIN if signed else None)
            return await probe.look(at, depth), camera


async def lives(*scripts: Script, noted: tuple[str, ...] = (), signed: bool = False) -> None:
    """It is live, and exactly that is noted."""
    look, _ = await look_at(*scripts, signed=signed)
    assert (look.outcome, look.detail, look.quirks) == (Outcome.LIVE, None, noted), look
