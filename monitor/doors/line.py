"""One TCP connection that speaks RTSP: what arrives is parsed at once, and its messages wait until
`on_read` or a task takes them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

from monitor.rtsp.failures import ProbeError, ProbeFailure, Where
from monitor.rtsp.messages import Request, Response
from monitor.rtsp.wire import Wire
from registry.clock import Clock

MAX_WAITING = 64  # messages that nobody asked for yet
MAX_UNREAD = 64 * 1024  # bytes of ours that the camera does not read
MAX_RECEIVED = 256 * 1024 * 1024  # bytes: 25 Mbit/s for more than a minute
MAX_PACKETS = 250_000  # as many of usual size


class Line(asyncio.BufferedProtocol):
    """The shell: owns the transport and one future; every wait has an end."""

    def __init__(
        self, clock: Clock, peer: str, *, in_tls: bool = False, scratch: bytearray | None = None
    ) -> None:
        """`scratch`: where all lines of a loop read into, which takes them one after the other."""
        self.wire = Wire(peer, scratch)
        self.bytes_received = 0
        self.arrived = 0.0  # when the bytes being parsed were read
        self.ended = False
        self.error: ProbeError | None = None
        self.lost: OSError | None = None
        self._datagrams = 0
        self.on_read: Callable[[], bool] | None = None  # True: wake who waits
        self._clock = clock
        self._in_tls = in_tls
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._messages: deque[Response | Request] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._until = 0.0
        self._alarm: asyncio.TimerHandle | None = None  # no later than `_until` of who waits
        self._alarm_at = 0.0

    # --- what asyncio calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._in_tls:  # what arrives before the handshake is the handshake's to read
            self._transport.pause_reading()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.wire.buffer()

    def buffer_updated(self, nbytes: int) -> None:
        self.bytes_received += nbytes
        self.arrived = self._clock.monotonic()
        if self.error is None:
            try:
                self.wire.received(nbytes, self._keep)
                self._refuse_floods(self.wire.frames)
            except ProbeError as error:
                self.error = error
        wake = bool(self._messages) if self.on_read is None else self.on_read()
        if wake or self.error is not None:
            self._wake()

    def _keep(self, message: Response | Request) -> None:
        if len(self._messages) >= MAX_WAITING:
            raise self._error(f"more than {MAX_WAITING} messages at once")
        self._messages.append(message)

    def _refuse_floods(self, packets: int) -> None:
        """Time alone is no bound: what a camera sends as fast as it can is work for us, and debt
        for its line.
        """
        if self.bytes_received > MAX_RECEIVED:
            too_much = f"{MAX_RECEIVED} bytes"
        elif packets > MAX_PACKETS:
            too_much = f"{MAX_PACKETS} packets"
        else:
            return
        if self._transport is not None:  # nor is the answer to TEARDOWN worth what stands before it
            self._transport.pause_reading()
        raise self._error(f"more than {too_much} in one connection")

    def _error(self, message: str) -> ProbeError:
        return ProbeError(ProbeFailure.PROTOCOL, message, Where(self.wire.peer))

    def took(self, channel: int, packet: memoryview) -> None:
        """A packet of this session that came beside the connection: over UDP."""
        if self.error is not None:
            return
        self.bytes_received += len(packet)
        self.arrived = self._clock.monotonic()
        self.wire.on_rtp(channel, packet)
        self._datagrams += 1
        try:
            self._refuse_floods(self._datagrams)
        except ProbeError as error:
            self.error = error
        if (self.on_read is not None and self.on_read()) or self.error is not None:
            self._wake()

    def eof_received(self) -> bool:
        self.ended = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        self._no_alarm()
        self.lost = exc if isinstance(exc, OSError) else None
        self._wake()
        # Held in a circle, its buffers would wait for a full garbage collection.
        self._transport, self.on_read, self.wire.on_rtp = None, None, _ignore

    # --- what a look calls ---

    def hold(self) -> asyncio.Transport:
        """Read no more until `speak_through`. Raises OSError where it is too late for that."""
        if self.bytes_received:  # uvloop reads on after connection_made, whatever that says
            raise ConnectionAbortedError("the peer does not speak TLS on this port")
        if self._transport is None or self.ended or self._transport.is_closing():
            raise ConnectionResetError("the peer closed the connection")
        self._transport.pause_reading()
        return self._transport

    def speak_through(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    @property
    def ours(self) -> tuple[Any, ...]:
        """The address of this end, as sockets want it."""
        return self._address("sockname")

    @property
    def peer(self) -> tuple[Any, ...]:
        return self._address("peername")

    def _address(self, which: str) -> tuple[Any, ...]:
        address = self._transport.get_extra_info(which) if self._transport else None
        if address is None:  # the connection broke in this very moment
            raise ConnectionResetError(f"no {which}: the connection is gone")
        return tuple(address)

    def send(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > MAX_UNREAD:
            self.error = self._error(f"the camera asks on and reads none of {MAX_UNREAD} bytes")
            self.abort()
            return
        self._transport.write(data)

    def message(self) -> Response | Request | None:
        return self._messages.popleft() if self._messages else None

    async def wait(self, until: float) -> bool:
        """Until something happens or that time comes; False: the time came."""
        now = self._clock.monotonic()
        if until <= now:
            return False
        self._until = until
        self._set_alarm(now)
        self._waiter = waiter = self._loop.create_future()
        try:
            await waiter
        finally:
            self._waiter = None
        return self._clock.monotonic() < until

    def wait_until(self, until: float) -> None:
        """What is waited for ends then instead: a next limit has come into force meanwhile."""
        self._until = until
        if self._waiter is not None:
            self._set_alarm(self._clock.monotonic())

    def _set_alarm(self, now: float) -> None:
        """Nearly every wait ends long before its limit: one timer serves many of them."""
        if self._alarm is not None:
            if self._alarm_at <= self._until:
                return
            self._alarm.cancel()
        self._alarm_at = self._until
        self._alarm = self._loop.call_later(self._until - now, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        now = self._clock.monotonic()
        if now >= self._until:
            self._wake()
        elif self._waiter is not None:
            self._set_alarm(now)

    def _no_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def abort(self) -> None:
        """Nothing more to say or to hear."""
        self._no_alarm()
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _ignore(_channel: int, _packet: memoryview) -> None:
    """Nobody listens any more."""
