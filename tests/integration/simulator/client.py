"""A byte-level RTSP client that shows what is on the wire; no part of the product is in it."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, list[str]]
    body: str

    def header(self, name: str) -> str:
        return self.headers[name][0]


@dataclass(frozen=True)
class Packet:
    channel: int
    data: bytes
    arrived_s: float

    @property
    def is_rtp(self) -> bool:
        return self.channel % 2 == 0

    @property
    def marked(self) -> bool:
        return bool(self.data[1] & 0x80)

    @property
    def sequence(self) -> int:
        return int(struct.unpack_from("!H", self.data, 2)[0])

    @property
    def rtp_time(self) -> int:
        return int(struct.unpack_from("!I", self.data, 4)[0])

    @property
    def ssrc(self) -> int:
        return int(struct.unpack_from("!I", self.data, 8)[0])

    @property
    def payload(self) -> bytes:
        return self.data[12:]


@dataclass
class Picture:
    """One access unit as it came: the payloads as sent, not put together."""

    packets: list[Packet] = field(default_factory=list)

    @property
    def coded(self) -> tuple[bytes, ...]:
        return tuple(packet.payload for packet in self.packets)

    @property
    def keyframe(self) -> bool:
        return any(nal_type(part) == 5 for part in self.coded)

    @property
    def rtp_time(self) -> int:
        return self.packets[0].rtp_time

    @property
    def arrived_s(self) -> float:
        return self.packets[-1].arrived_s


def nal_type(payload: bytes) -> int:
    kind = payload[0] & 0x1F
    return payload[1] & 0x1F if kind == 28 else kind


class Client:
    def __init__(
        self, url: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.url = url
        self._reader = reader
        self._writer = writer
        self._cseq = 0
        self.session = ""
        self._held = b""
        self.packets: list[Packet] = []

    @classmethod
    async def connect(cls, url: str) -> Self:
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        return cls(url, reader, writer)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._writer.close()

    async def ask(self, method: str, url: str = "", **headers: str) -> Reply:
        self.send(method, url, **headers)
        return await self.reply()

    def send(self, method: str, url: str = "", **headers: str) -> None:
        self._cseq += 1
        lines = [f"{method} {url or self.url} RTSP/1.0", f"CSeq: {self._cseq}"]
        if self.session:
            lines.append(f"Session: {self.session}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.send_bytes("\r\n".join([*lines, "", ""]).encode())

    def send_bytes(self, data: bytes) -> None:
        self._writer.write(data)

    async def reply(self) -> Reply:
        while await self._peek() == b"$":
            self.packets.append(await self._take_packet())
        head = (await self._peek() + await self._reader.readuntil(b"\r\n\r\n")).decode()
        self._held = b""
        first, *rest = head.strip().split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in rest:
            name, _, value = line.partition(": ")
            headers.setdefault(name.lower(), []).append(value)
        length = int(headers.get("content-length", ["0"])[0])
        body = (await self._reader.readexactly(length)).decode()
        return Reply(int(first.split(" ")[1]), headers, body)

    async def set_up(self) -> Reply:
        reply = await self.ask(
            "SETUP", f"{self.url}/trackID=0", Transport="RTP/AVP/TCP;unicast;interleaved=0-1"
        )
        if reply.status == 200:
            self.session = reply.header("session").partition(";")[0]
        return reply

    async def play(self) -> Reply:
        """DESCRIBE, SETUP and PLAY; the last reply."""
        for step in (self.ask("DESCRIBE"), self.set_up()):
            reply = await step
            assert reply.status == 200
        return await self.ask("PLAY")

    async def packet(self) -> Packet:
        return self.packets.pop(0) if self.packets else await self._take_packet()

    async def pictures(self, count: int) -> list[Picture]:
        """The next whole pictures."""
        taken: list[Picture] = []
        current = Picture()
        while len(taken) < count:
            packet = await self.packet()
            if packet.is_rtp:
                current.packets.append(packet)
                if packet.marked:
                    taken.append(current)
                    current = Picture()
        return taken

    async def is_quiet(self, seconds: float) -> bool:
        """Whether nothing comes, and the connection stays open, for this long."""
        try:
            async with asyncio.timeout(seconds):
                await self._peek()
        except TimeoutError:
            return True
        return False

    async def rest(self) -> bytes:
        """Everything until the other side closes."""
        held, self._held = self._held, b""
        return held + await self._reader.read()

    async def is_ended(self) -> bool:
        """Whether the other side closes or resets, however much it sends before."""
        with contextlib.suppress(ConnectionResetError):
            await self.rest()
        return True

    async def read(self, count: int) -> bytes:
        return await self._exactly(count)

    async def _peek(self) -> bytes:
        """The next byte, which stays to be read."""
        if not self._held:
            self._held = await self._reader.readexactly(1)
        return self._held

    async def _exactly(self, count: int) -> bytes:
        held, self._held = self._held, b""
        return held + await self._reader.readexactly(count - len(held))

    async def _take_packet(self) -> Packet:
        dollar, channel, length = struct.unpack("!BBH", await self._exactly(4))
        assert dollar == 0x24
        data = await self._exactly(length)
        return Packet(channel, data, asyncio.get_running_loop().time())


def gaps(pictures: list[Picture]) -> Iterator[tuple[float, float]]:
    """Between neighbours: seconds of arrival, seconds of RTP time."""
    for earlier, later in pairwise(pictures):
        rtp_s = ((later.rtp_time - earlier.rtp_time) & 0xFFFFFFFF) / 90_000
        yield later.arrived_s - earlier.arrived_s, rtp_s


async def until(came_true: Callable[[], bool]) -> None:
    """Wait for the other side of the loop; the test's own time limit ends a vain wait."""
    while not came_true():  # noqa: ASYNC110 - counts have no event to wait for
        await asyncio.sleep(0.01)
