"""Bytes into a wire in every way a network may cut them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from monitor.rtsp.failures import ProbeError
from monitor.rtsp.messages import Request, Response
from monitor.rtsp.wire import ROOM, Wire

Rtp = tuple[int, bytes]
Seen = Rtp | Response | Request


_OTHERS = b"$" * ROOM  # what other connections leave in the room that all read into


def feed(chunks: Iterable[bytes], channels: frozenset[int] = frozenset({0, 1})) -> list[Seen]:
    """Everything that comes out, in order. Raises ProbeError."""
    seen: list[Seen] = []
    scratch = bytearray(ROOM)
    wire = Wire("192.0.2.7:554", scratch)
    wire.channels = channels
    wire.on_rtp = lambda channel, view: seen.append((channel, bytes(view)))
    for chunk in chunks:
        at = 0
        while at < len(chunk):
            room = wire.buffer()
            count = min(len(room), len(chunk) - at)
            room[:count] = chunk[at : at + count]
            at += count
            wire.received(count, seen.append)
            scratch[:] = _OTHERS
    return seen


def feed_all_ways(data: bytes, expected: list[Seen], *, trailing: bytes = b"\r\n") -> None:
    """Whole, a byte at a time, cut at every index, and with more behind it: always the same."""
    single = [bytes((byte,)) for byte in data]
    ways = [[data], single, [data + trailing]]
    ways += [[data[:at], data[at:]] for at in range(1, min(len(data), 600))]
    for chunks in ways:
        assert feed(chunks) == expected


def refuse_all_ways(data: bytes, message: str) -> None:
    for chunks in ([data], [bytes((byte,)) for byte in data]):
        with pytest.raises(ProbeError, match=message):
            feed(chunks)
