"""The floor under a look: the same requests, the stream for as long, and nothing made of it.

It parses nothing, but for the session's name, without which no camera answers PLAY.
"""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

FLOOR = "floor: the same, with the round trip of a challenge"  # its name in tables
_SETUP = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
_BUFFER_BYTES = 80 * 1024  # as much as the probe lends
_WAIT_S = 20.0


class _Canned(asyncio.BufferedProtocol):
    """Counts bytes into one buffer and wakes whoever waits for some."""

    def __init__(self) -> None:
        self.buffer = bytearray(_BUFFER_BYTES)
        self.received = 0
        self._view = memoryview(self.buffer)
        self._wanted = True
        self._woken: asyncio.Future[None] | None = None

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        self.received += nbytes
        if self._wanted:
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wake()

    def _wake(self) -> None:
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    async def answered(self) -> None:
        self._woken = asyncio.get_running_loop().create_future()
        await self._woken

    async def listened(self, until: float) -> None:
        """Whatever comes."""
        loop = asyncio.get_running_loop()
        self._wanted, self._woken = False, loop.create_future()
        alarm = loop.call_at(until, self._wake)
        await self._woken
        alarm.cancel()
        self._wanted = True


async def canned_look(url: str, lasts_s: float, *, challenged: bool) -> int:
    """Four canned requests, five with the round trip that a challenge costs; the bytes taken.

    The stream is left when the look beside it, which took so long in all, left its own: so both
    take the same bytes on the average, wherever in a camera's GOP they begin.
    """
    place = urlsplit(url)
    loop = asyncio.get_running_loop()
    until = loop.time() + lasts_s
    transport, canned = await loop.create_connection(
        _Canned, place.hostname or "", place.port or 554
    )
    try:
        async with asyncio.timeout(_WAIT_S):
            await _converse(transport, canned, url, until, challenged=challenged)
    finally:
        transport.abort()
    return canned.received


async def _converse(
    transport: asyncio.Transport, canned: _Canned, url: str, until: float, *, challenged: bool
) -> None:
    asked = 0

    async def ask(method: str, at: str = url, headers: str = "") -> None:
        nonlocal asked
        asked += 1
        transport.write(f"{method} {at} RTSP/1.0\r\nCSeq: {asked}\r\n{headers}\r\n".encode())
        await canned.answered()

    for _ in range(2 if challenged else 1):
        await ask("DESCRIBE")
    await ask("SETUP", headers=_SETUP)
    name_at = canned.buffer.find(b"Session: ") + len(b"Session: ")
    name = canned.buffer[name_at : canned.buffer.find(b";", name_at)].decode()
    session = f"Session: {name}\r\n"
    await ask("PLAY", headers=session)
    await canned.listened(until)
    await ask("TEARDOWN", headers=session)
