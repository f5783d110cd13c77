"""One simulated box on the network: an address, its channels, and how many sessions it holds.

It must not know the protocol.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

from monitor.simulator.behaviour import Behaviour, SimulatedRecorder
from monitor.simulator.channel import Channel
from monitor.simulator.counts import SignedRequest

_BACKLOG = 64


class Client(Protocol):
    """What the box may do to a connection."""

    def behave(self, channel: Channel, now_s: float) -> None: ...

    def drop(self) -> None: ...


class Host:
    def __init__(
        self,
        name: str,
        channels: Mapping[str, Channel],
        limits: SimulatedRecorder,
        signed: deque[SignedRequest],
    ) -> None:
        self.name = name
        self.channels = channels
        self.connections: dict[asyncio.Transport, Client] = {}
        self.signed = signed
        self.sessions = 0
        self._limits = limits
        self._tls: ssl.SSLContext | None = None
        self._bound: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._address = ("", 0)

    @property
    def address(self) -> tuple[str, int]:
        return self._address

    @property
    def only_channel(self) -> Channel | None:
        return next(iter(self.channels.values())) if len(self.channels) == 1 else None

    @property
    def refuses(self) -> bool:
        return all(c.behaviour is Behaviour.REFUSES for c in self.channels.values())

    @property
    def speaks_tls(self) -> bool:
        return all(
            c.camera.tls and c.behaviour is not Behaviour.PLAIN_INSTEAD_OF_TLS
            for c in self.channels.values()
        )

    def bind(self, address: str, port: int) -> None:
        """Take the address. Bound but not listening, it refuses, and nobody else can take it."""
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.setblocking(False)
            bound.bind((address, port))
        except OSError:
            bound.close()
            raise
        self._bound = bound
        self._address = bound.getsockname()

    async def listen(
        self, protocol: Callable[[], asyncio.Protocol], tls: ssl.SSLContext | None
    ) -> None:
        if tls is not self._tls:
            self.stop_listening()
        self._tls = tls
        if self._server is None and self._bound is not None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(
                protocol, sock=self._bound, backlog=_BACKLOG, ssl=tls
            )
            self._bound = None

    def stop_listening(self) -> None:
        """Refuse from now on, but keep the address."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self.bind(*self._address)
        self.drop_connections()

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._bound is not None:
            self._bound.close()
            self._bound = None
        self.drop_connections()

    def drop_connections(self) -> None:
        for client in tuple(self.connections.values()):
            client.drop()

    def admit(self) -> bool:
        """Take one of the sessions, where one is free."""
        if self.sessions >= self._limits.session_limit:
            return False
        self.sessions += 1
        return True

    def release(self, *, lingering: bool = False) -> None:
        if lingering and self._limits.lingering_s > 0:
            asyncio.get_running_loop().call_later(self._limits.lingering_s, self.release)
        else:
            self.sessions -= 1
