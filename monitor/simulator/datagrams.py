"""A stream's way out over UDP, and the bad network on it: what is lost is lost by chance.

It must not read what the client sends there: holes and receiver reports are passed over.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol


class Outlet(Protocol):
    """Where a stream writes its interleaved frames; a TCP connection is one."""

    def write(self, data: bytes) -> None: ...

    def is_closing(self) -> bool: ...


class Datagrams:
    """Two sockets of the camera's address; each interleaved frame becomes one datagram."""

    def __init__(
        self, address: str, client: str, ports: tuple[int, int], loss: Callable[[], float]
    ) -> None:
        self._sockets = [_bound(address), _bound(address)]
        self._to = [(client, port) for port in ports]
        self._loss = loss
        self._chance = random.Random()  # noqa: S311 - no secret depends on it

    @property
    def ports(self) -> tuple[int, int]:
        rtp, rtcp = (each.getsockname()[1] for each in self._sockets)
        return rtp, rtcp

    def write(self, data: bytes) -> None:
        loss = self._loss()
        for channel, packet in _frames(data):
            if self._chance.random() >= loss:
                with suppress(OSError):  # full or refused: lost as well
                    self._sockets[channel].sendto(packet, self._to[channel])

    def is_closing(self) -> bool:
        return self._sockets[0].fileno() < 0

    def close(self) -> None:
        for each in self._sockets:
            each.close()


def _bound(address: str) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    try:
        made.bind((address, 0))
    except OSError:
        made.close()
        raise
    return made


def _frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    """RFC 2326 section 10.12; the first of a pair of channels is RTP."""
    at = 0
    while at + 4 <= len(data) and data[at] == 0x24:
        end = at + 4 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield data[at + 1] & 1, data[at + 4 : end]
        at = end
