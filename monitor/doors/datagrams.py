"""Two UDP sockets beside a connection: packets of its peer in, holes and receiver reports out.

Reads no packet: what is whose is decided by address and port alone.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from monitor.doors.line import Line
from monitor.doors.watch import Aside
from monitor.rtsp.replies import CHANNELS

Address = tuple[Any, ...]  # host, port, and for IPv6 flow and scope

_TRIES = 16
_ROOM = 1 << 20  # a keyframe arrives at once; the system gives what it allows
_RTP, _RTCP = CHANNELS
_SO_MEMINFO = 55  # Linux: what the system says of a socket, nine numbers
_DROPS = 8  # the last of them: packets that came and found no room


class Datagrams:
    """Opened before SETUP, which names the ports; it listens once SETUP was answered."""

    def __init__(self, line: Line, aside: Aside, report_every_s: float) -> None:
        """Raises OSError."""
        self._line = line
        self._aside = aside
        self._report_every_s = report_every_s
        self._peer = line.peer
        self._sockets = bound_pair(line.ours)
        rtp, rtcp = (each.getsockname()[1] for each in self._sockets)
        self.ports: tuple[int, int] = (rtp, rtcp)
        self._handed_over = 0  # sockets that are a transport's to close
        self._transports: list[asyncio.DatagramTransport] = []
        self._closed = False
        self._from: tuple[int, int] | None = None  # the peer's ports; 0: any
        self._to = (0, 0)
        self._ssrc = secrets.randbits(32)
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    async def opened(cls, line: Line, aside: Aside, report_every_s: float) -> Datagrams:
        """On the address that the connection itself has. Raises OSError."""
        made = cls(line, aside, report_every_s)
        try:
            for channel in CHANNELS:
                await made._attach(channel)
        except BaseException:
            made.close()
            raise
        return made

    async def _attach(self, channel: int) -> None:
        self._handed_over += 1
        await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Socket(self, channel), sock=self._sockets[channel]
        )

    def attached(self, transport: asyncio.DatagramTransport) -> None:
        """Perhaps only after whoever waited for it was told to stop."""
        if self._closed:
            transport.abort()
        self._transports.append(transport)

    def listen(self, server_ports: tuple[int, int], report: Callable[[int], bytes]) -> None:
        """Take packets from now on, and open the way for them through firewalls (Q104). `report`
        makes a receiver report of our SSRC.

        Only a peer that named both its ports is held to them: a port of ours may still be sent to
        by a session that was never closed (Q84, Q93).
        """
        self._from = server_ports if all(server_ports) else (0, 0)
        self._to = server_ports
        self._send(_RTP, struct.pack("!BBHII", 0x80, 0, 0, 0, self._ssrc))
        self._report(report)

    def _report(self, report: Callable[[int], bytes]) -> None:
        """That we are still here, and how well the camera is heard."""
        self._send(_RTCP, report(self._ssrc))
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._report_every_s, self._report, report)

    def _send(self, channel: int, packet: bytes) -> None:
        """To the peer of the connection and nobody else, whatever `source` said (Q84)."""
        host, _, *scope = self._peer
        if self._to[channel]:
            with suppress(OSError):  # closed for us at the other end, so far (Q103)
                self._sockets[channel].sendto(packet, (host, self._to[channel], *scope))

    def arrived(self, channel: int, packet: bytes, sender: Address) -> None:
        if self._from is None:
            return
        if sender[0] != self._peer[0] or self._from[channel] not in (0, sender[1]):
            self._aside.elsewhere += 1
            return
        self._line.took(channel, memoryview(packet))

    @property
    def dropped(self) -> int:
        """Packets of the stream that this machine took too late: lost by us, not on the way."""
        try:
            told = self._sockets[_RTP].getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 4 * (_DROPS + 1))
        except OSError:  # closed, or a system that does not tell
            return 0
        return struct.unpack_from("=I", told, 4 * _DROPS)[0] if len(told) > 4 * _DROPS else 0

    def close(self) -> None:
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for transport in self._transports:
            transport.abort()
        for kept in self._sockets[self._handed_over :]:
            kept.close()


class _Socket(asyncio.DatagramProtocol):
    """One of the two. Errors are those of others, told by ICMP: a way may still open (Q103)."""

    def __init__(self, pair: Datagrams, channel: int) -> None:
        self._pair = pair
        self._channel = channel

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._pair.attached(cast(asyncio.DatagramTransport, transport))

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._pair.arrived(self._channel, data, addr)


def bound_pair(address: Address) -> tuple[socket.socket, socket.socket]:
    """Two sockets on neighbouring ports, the even one for RTP (Q87). Raises OSError."""
    for _ in range(_TRIES - 1):
        with suppress(OSError):
            return _pair(address)
    return _pair(address)


def _pair(address: Address) -> tuple[socket.socket, socket.socket]:
    host, _, *scope = address
    with _kept_or_closed(host) as one, _kept_or_closed(host) as other:
        one.bind((host, 0, *scope))
        port = one.getsockname()[1]
        other.bind((host, port ^ 1, *scope))
        return (other, one) if port % 2 else (one, other)


@contextmanager
def _kept_or_closed(host: str) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
        yield made
    except BaseException:
        made.close()
        raise
