"""A camera of a few lines on a real socket: what it says to each request is written in the test,
byte by byte.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tests.fakes.packetiser import interleaved

SDP = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=test\r\nt=0 0\r\na=control:*\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 {codec}/90000\r\na=control:track1\r\n"
)


class Talk:
    """One connection of the camera."""

    def __init__(
        self, camera: ScriptedCamera, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.camera = camera
        self.writer = writer
        self._reader = reader

    async def heard(self) -> str:
        return (await self._reader.readuntil(b"\r\n\r\n")).decode()

    async def request(self) -> Asked:
        asked = Asked(await self.heard())
        self.camera.requests.append(asked)
        return asked

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def answer(self, asked: Asked, status: str = "200 OK", *headers: str, body: str = "") -> None:
        lines = [f"RTSP/1.0 {status}", f"CSeq: {asked.header('CSeq')}", *headers]
        if body:
            lines.append(f"Content-Length: {len(body.encode())}")
        self.send(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    def close(self) -> None:
        self.writer.close()


class Asked:
    def __init__(self, head: str) -> None:
        self.head = head
        self.method, self.uri, _ = head.split("\r\n", 1)[0].split(" ", 2)

    def header(self, name: str) -> str | None:
        for line in self.head.split("\r\n")[1:]:
            key, _, value = line.partition(": ")
            if key == name:
                return value
        return None

    def __repr__(self) -> str:
        return self.method


Script = Callable[[Talk], Awaitable[None]]


class ScriptedCamera:
    """Runs one script per connection; `async with` gives the port and ends what still runs."""

    def __init__(
        self, *scripts: Script, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        self.requests: list[Asked] = []
        self.connections = 0
        self.sessions: set[str] = set()
        self.port = 0
        self._scripts = scripts
        self._host = host
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def methods(self) -> list[str]:
        return [asked.method for asked in self.requests]

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"rtsp{'s' if self._tls else ''}://{host}:{self.port}/live"

    async def __aenter__(self) -> ScriptedCamera:
        self._server = await asyncio.start_server(self._serve, self._host, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def left_alone(self) -> None:
        """Until every connection was closed by the other side."""
        await asyncio.gather(*self._tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = self._scripts[min(self.connections, len(self._scripts) - 1)]
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await script(Talk(self, reader, writer))
                await reader.read()
        finally:
            self._tasks.discard(task)
            writer.transport.abort()


async def handshake(talk: Talk, *, codec: str = "H264", sdp: str | None = None) -> None:
    """DESCRIBE, SETUP, PLAY answered as they should be."""
    text = sdp if sdp is not None else SDP.format(codec=codec)
    asked = await talk.request()
    talk.answer(asked, "200 OK", "Content-Type: application/sdp", body=text)
    await set_up_and_play(talk)


async def set_up_and_play(talk: Talk) -> None:
    asked = await talk.request()
    talk.camera.sessions.add("12345")
    transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
    talk.answer(asked, "200 OK", "Session: 12345;timeout=60", transport)
    asked = await talk.request()
    talk.answer(asked, "200 OK", "Session: 12345")


async def stream(
    talk: Talk,
    groups: list[tuple[bytes, ...]],
    *,
    every_s: float = 0.04,
    burst: int = 0,
    send: Callable[[bytes], None] | None = None,
) -> None:
    """Pictures in real time, the first `burst` at once, until TEARDOWN comes."""
    leaving = asyncio.ensure_future(tear_down(talk))
    try:
        for number, group in enumerate(groups):
            for packet in group:
                if send is not None:
                    send(packet)
                else:
                    talk.send(interleaved(packet))
            if number >= burst:
                done, _ = await asyncio.wait({leaving}, timeout=every_s)
                if done:
                    return
        await leaving
    finally:
        leaving.cancel()
        with suppress(asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            await leaving


async def tear_down(talk: Talk) -> None:
    while True:
        asked = await talk.request()
        talk.answer(asked)
        if asked.method == "TEARDOWN":
            talk.camera.sessions.discard(asked.header("Session") or "")
            return
