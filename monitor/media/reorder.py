"""Packets that overtook others on their way, held until those come or are given up for lost.

For datagrams only: a TCP connection keeps its order. Reads no header.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_AHEAD = 64  # packets behind a missing one: 30 ms of a stream of 25 Mbit/s
MAX_HELD_BYTES = 512 * 1024  # Tapo sends datagrams of 10,000 bytes (Q100)
LONGEST_WAIT_S = 0.2  # above the detour of any path that carries live video


@dataclass(frozen=True, slots=True)
class Held:
    """A packet that waits; its payload is a copy, as the buffer it came in is not ours."""

    seq: int
    payload: bytes
    rtp_time: int
    marker: bool
    arrived: float


@dataclass(slots=True)
class Waiting:
    """What came too early, by sequence number."""

    _held: dict[int, Held] = field(default_factory=dict)
    _bytes: int = 0
    _newest: int = 0

    def __bool__(self) -> bool:
        return bool(self._held)

    def hold(self, packet: Held) -> bool:
        """Whether a later one is held already; a second one of that number is dropped."""
        if packet.seq in self._held:
            return False
        overtaken = bool(self._held) and self._newest - packet.seq & 0xFFFF < MAX_AHEAD
        if not overtaken:
            self._newest = packet.seq
        self._held[packet.seq] = packet
        self._bytes += len(packet.payload)
        return overtaken

    def overdue(self, now: float) -> bool:
        """Whether waiting on would hold too much or too long."""
        first = next(iter(self._held.values()), None)  # of those held, the first to arrive
        if first is None:
            return False
        return self._bytes > MAX_HELD_BYTES or now - first.arrived > LONGEST_WAIT_S

    def following(self, seq: int) -> Iterator[Held]:
        """Those that now have their turn, behind the packet of that number."""
        while (packet := self._held.pop(seq + 1 & 0xFFFF, None)) is not None:
            self._bytes -= len(packet.payload)
            yield packet
            seq = packet.seq

    def give_up(self, seq: int) -> list[Held]:
        """All of them, in order: what is missing behind that number is lost."""
        held = sorted(self._held.values(), key=lambda packet: packet.seq - seq & 0xFFFF)
        self._held.clear()
        self._bytes = 0
        return held
