"""The camera's end of media over UDP, and a bad network in front of it."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from monitor.doors.datagrams import bound_pair
from tests.fakes.scripted_camera import SDP, Asked, Talk


class UdpEnd:
    """Two sockets of a camera; what they heard is read when asked for."""

    def __init__(self, host: str = "127.0.0.1", *, to: str = "") -> None:
        self._to = to or host
        self._sockets = bound_pair((host, 0))
        self.ports = tuple(each.getsockname()[1] for each in self._sockets)
        self.client_ports = (0, 0)

    def __enter__(self) -> UdpEnd:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._sockets:
            each.close()

    def send(self, packet: bytes, channel: int = 0) -> None:
        self._sockets[channel].sendto(packet, (self._to, self.client_ports[channel]))

    def heard(self, channel: int) -> list[bytes]:
        packets = []
        with suppress(BlockingIOError):
            while True:
                packets.append(self._sockets[channel].recv(2000))
        return packets

    def answer_setup(self, talk: Talk, asked: Asked, told: str | None = None) -> None:
        """`told` is what stands behind `client_port`; by itself the ports of this end."""
        first, second = client_ports(asked)
        self.client_ports = (first, second)
        talk.camera.sessions.add("12345")
        told = "server_port={}-{}".format(*self.ports) if told is None else told
        transport = f"RTP/AVP;unicast;client_port={first}-{second};{told}"
        talk.answer(asked, "200 OK", "Session: 12345;timeout=60", f"Transport: {transport}")


def client_ports(asked: Asked) -> tuple[int, int]:
    transport = asked.header("Transport") or ""
    found = re.fullmatch(r"RTP/AVP;unicast;client_port=(\d+)-(\d+)", transport)
    assert found is not None, transport
    return int(found[1]), int(found[2])


async def described(talk: Talk, codec: str = "H264") -> None:
    body = SDP.format(codec=codec)
    talk.answer(await talk.request(), "200 OK", "Content-Type: application/sdp", body=body)


async def udp_handshake(talk: Talk, end: UdpEnd, told: str | None = None) -> None:
    """DESCRIBE, SETUP over UDP, PLAY answered as they should be."""
    await described(talk)
    end.answer_setup(talk, await talk.request(), told)
    talk.answer(await talk.request(), "200 OK", "Session: 12345")


class LossyRelay:
    """Stands before a camera: RTSP goes through it, of the RTP it loses and swaps some."""

    def __init__(self, port: int, *, lose_every: int = 0, swap_every: int = 0) -> None:
        self.port = 0
        self.lost = 0
        self.swapped = 0
        self._camera_port = port
        self.lose_every = lose_every
        self._swap_every = swap_every
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> LossyRelay:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._camera_port)
        media = _Media(self)
        try:
            there = asyncio.ensure_future(media.rewrite(reader, far_writer, "client_port"))
            back = asyncio.ensure_future(media.rewrite(far_reader, writer, "server_port"))
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            there.cancel()
            back.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
        finally:
            self._tasks.discard(task)
            media.close()
            far_writer.transport.abort()
            writer.transport.abort()

    def fate(self, number: int) -> str:
        """What becomes of the nth RTP packet."""
        if self.lose_every and number % self.lose_every == 0:
            self.lost += 1
            return "lost"
        if self._swap_every and number % self._swap_every == 0:
            self.swapped += 1
            return "late"
        return "sent"


class _Media:
    """One session's media: both sides know only the relay's ports."""

    def __init__(self, relay: LossyRelay) -> None:
        self._relay = relay
        self._sockets = bound_pair(("127.0.0.1", 0))
        self._ends: dict[str, tuple[int, int]] = {}
        self._numbered = 0
        self._held: bytes | None = None
        loop = asyncio.get_running_loop()
        for channel, each in enumerate(self._sockets):
            loop.add_reader(each, self._arrived, channel, each)

    def close(self) -> None:
        for each in self._sockets:
            asyncio.get_running_loop().remove_reader(each)
            each.close()

    async def rewrite(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str
    ) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = re.search(r"(?i)content-length: *(\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                writer.write(re.sub(rf"{name}=(\d+)-(\d+)", self._noted, head).encode() + body)

    def _noted(self, found: re.Match[str]) -> str:
        name = found[0].partition("=")[0]
        self._ends[name] = (int(found[1]), int(found[2]))
        return "{}={}-{}".format(name, *(each.getsockname()[1] for each in self._sockets))

    def _arrived(self, channel: int, each: socket.socket) -> None:
        packet, (_, port) = each.recvfrom(70_000)
        if port in self._ends.get("client_port", ()):
            self._forward(packet, channel, "server_port")
        elif channel:
            self._forward(packet, channel, "client_port")
        else:
            self._numbered += 1
            self._deliver(packet, self._relay.fate(self._numbered))

    def _deliver(self, packet: bytes, fate: str) -> None:
        if fate == "lost":
            return
        if fate == "late" and self._held is None:
            self._held = packet
            return
        self._forward(packet, 0, "client_port")
        if self._held is not None:
            self._forward(self._held, 0, "client_port")
            self._held = None

    def _forward(self, packet: bytes, channel: int, to: str) -> None:
        if to in self._ends:
            self._sockets[channel].sendto(packet, ("127.0.0.1", self._ends[to][channel]))


def udp_sockets() -> int:
    """How many this process holds open."""
    inodes = open_sockets()
    rows = [
        line.split()
        for table in ("/proc/net/udp", "/proc/net/udp6")
        for line in Path(table).read_text().splitlines()[1:]
    ]
    return sum(row[9] in inodes for row in rows)


def open_sockets() -> set[str]:
    """The inodes of all sockets of this process, of whatever kind."""
    links = (os.readlink(link) for link in _open_files())
    return {link[8:-1] for link in links if link.startswith("socket:[")}


def _open_files() -> Iterator[Path]:
    return (each for each in Path("/proc/self/fd").iterdir() if each.is_symlink())
