"""A fuzzer's bytes as packets: cut at a mark, each with a byte that says how it came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MARK = b"\xff|"


@dataclass(frozen=True, slots=True)
class Came:
    """One packet: bits of `how` move sequence number, RTP time and arrival."""

    payload: bytes
    how: int
    seq: int
    time: int
    arrived: float

    @property
    def marker(self) -> bool:
        return bool(self.how & 1)


_TIME_STEPS = (0, 3600, -3600, 0x7000_0000)
_SEQ_STEPS = (1, 2, -1, 5000)


def sequence(data: bytes) -> Iterator[Came]:
    seq = time = 0
    arrived = 10.0
    for piece in data.split(MARK):
        how, payload = piece[:1], piece[1:]
        bits = how[0] if how else 0
        time = time + _TIME_STEPS[bits >> 1 & 3] & 0xFFFFFFFF
        seq = seq + _SEQ_STEPS[bits >> 3 & 3] & 0xFFFF
        arrived += 3.0 if bits & 0x40 else 0.01
        yield Came(payload, bits, seq, time, arrived)
