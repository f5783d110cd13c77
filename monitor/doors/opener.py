"""The opener of a stream: a name to addresses, an address to a connection. Decides nothing."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Protocol, cast

from monitor.doors.errands import Errands
from monitor.doors.policy import is_address
from registry.clock import Clock

_KEEP_S = 60.0
_KEEP_FAILURE_S = 10.0
_MAX_NAMES = 10_000
_THREADS = 4
_SLOW_S = 1.0

_Answer = tuple[str, ...] | OSError


class Opener(Protocol):
    async def resolve(self, host: str) -> tuple[str, ...]:
        """The addresses of a name, best first. Raises OSError."""
        ...

    async def connect(
        self, address: str, port: int, protocol: Callable[[], asyncio.BufferedProtocol]
    ) -> asyncio.Transport:
        """A TCP connection to an address, on the link that its zone names. Raises OSError."""
        ...

    async def secure(
        self,
        transport: asyncio.Transport,
        protocol: asyncio.BufferedProtocol,
        context: ssl.SSLContext,
        host: str,
    ) -> asyncio.Transport:
        """The same connection, spoken through TLS from now on. Raises OSError."""
        ...


class TcpOpener:
    """Resolves in a few threads of its own, so that a dead DNS server stalls nobody else. Names
    that failed or took long have others, so that they do not stall those that are well.
    """

    def __init__(
        self, clock: Clock, *, threads: int = _THREADS, keep_failure_s: float = _KEEP_FAILURE_S
    ) -> None:
        self._clock = clock
        self._keep_failure_s = keep_failure_s
        self._errands = Errands[_Answer](threads, "dns")
        self._slow_errands = Errands[_Answer](threads, "dns-slow")
        self._known: dict[str, tuple[float, _Answer]] = {}
        self._slow: set[str] = set()
        self._asked: dict[str, Future[_Answer]] = {}

    def close(self) -> None:
        self._errands.close()
        self._slow_errands.close()

    async def resolve(self, host: str) -> tuple[str, ...]:
        return (host,) if is_address(host) else await self._lookup(host)

    async def _lookup(self, host: str) -> tuple[str, ...]:
        until, answer = self._known.get(host, (0.0, ()))
        if self._clock.monotonic() >= until:
            answer = await self._ask(host)
        if isinstance(answer, OSError):
            raise type(answer)(*answer.args)
        return answer

    async def _ask(self, host: str) -> _Answer:
        asked = self._asked.get(host)
        if asked is None or asked.done():
            errands = self._slow_errands if host in self._slow else self._errands
            asked = self._asked[host] = errands.ask(partial(self._find_out, host))
            asked.add_done_callback(lambda _: self._asked.pop(host, None))
        # Shielded: others may wait for the same name, and one caller's end is not theirs.
        return await asyncio.shield(asyncio.wrap_future(asked))

    def _find_out(self, host: str) -> _Answer:
        """In a thread. What comes too late for who asked is known to who asks next."""
        began = self._clock.monotonic()
        answer: _Answer
        try:
            answer, keep_s = _addresses(host), _KEEP_S
        except OSError as error:
            answer, keep_s = error, self._keep_failure_s
        now = self._clock.monotonic()
        if len(self._known) >= _MAX_NAMES:
            self._known.clear()
            self._slow.clear()
        is_slow = isinstance(answer, OSError) or now - began > _SLOW_S
        (self._slow.add if is_slow else self._slow.discard)(host)
        self._known[host] = (now + keep_s, answer)
        return answer

    async def connect(
        self, address: str, port: int, protocol: Callable[[], asyncio.BaseProtocol]
    ) -> asyncio.Transport:
        loop = asyncio.get_running_loop()
        if "%" not in address:
            transport, _ = await loop.create_connection(
                protocol, address, port, flags=socket.AI_NUMERICHOST
            )
            return transport
        connected = await _connected_in_zone(address, port)
        try:
            transport, _ = await loop.create_connection(protocol, sock=connected)
        except BaseException:
            connected.close()
            raise
        return transport

    async def secure(
        self,
        transport: asyncio.Transport,
        protocol: asyncio.BufferedProtocol,
        context: ssl.SSLContext,
        host: str,
    ) -> asyncio.Transport:
        loop = asyncio.get_running_loop()
        spoken = await loop.start_tls(transport, protocol, context, server_hostname=host)
        if spoken is None:
            raise ConnectionResetError("the connection was lost during the handshake")
        return spoken


def _addresses(host: str) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label of no or of more than 63 characters
        raise socket.gaierror(socket.EAI_NONAME, "no name that can be asked for") from error
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


async def _connected_in_zone(address: str, port: int) -> socket.socket:
    """uvloop drops the zone and takes the first link there is: the device of that address there is
    another one. Raises OSError.
    """
    made = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    try:
        await _reach(made, _place_in_zone(address, port))
    except BaseException:
        made.close()
        raise
    return made


def _place_in_zone(address: str, port: int) -> tuple[str, int, int, int]:
    try:
        found = socket.getaddrinfo(
            address, port, socket.AF_INET6, socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
        )
    except socket.gaierror as error:
        zone = address.partition("%")[2]
        message = f"this machine has no network interface {zone!r}"
        raise OSError(errno.EADDRNOTAVAIL, message) from error
    return cast(tuple[str, int, int, int], found[0][4])


async def _reach(made: socket.socket, place: tuple[str, int, int, int]) -> None:
    made.setblocking(False)
    failed = made.connect_ex(place)
    if failed == errno.EINPROGRESS:
        await _writable(made)
        failed = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if failed:
        raise OSError(failed, os.strerror(failed))


async def _writable(made: socket.socket) -> None:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_writer(made, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_writer(made)
