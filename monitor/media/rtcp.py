"""What a prober wants of RTCP: the camera's clock and its goodbye. Never fails (Q101)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

_HEAD = Struct("!BBH")
_REPORT = Struct("!III")
NTP_TO_UNIX = 2_208_988_800
MAX_ITEMS = 64  # of a compound packet; cameras send three, 64 KiB would hold 16,000
_SENDER_REPORT, _BYE = 200, 203


@dataclass(frozen=True, slots=True)
class SenderReport:
    ssrc: int
    unix_s: float  # the camera's idea of now
    rtp_time: int


@dataclass(frozen=True, slots=True)
class Bye:
    ssrcs: tuple[int, ...]


def parse_rtcp(view: memoryview) -> Iterator[SenderReport | Bye]:
    """What can be read of a compound packet, up to the first thing that cannot."""
    at = 0
    for _ in range(MAX_ITEMS):
        if at + 4 > len(view):
            return
        flags, kind, words = _HEAD.unpack_from(view, at)
        end = at + 4 + 4 * words
        if flags >> 6 != 2 or end > len(view):
            return
        if kind == _SENDER_REPORT and words >= 4:
            ssrc, seconds, fraction = _REPORT.unpack_from(view, at + 4)
            if seconds:  # 0: the camera has no clock (RFC 3550 section 6.4.1)
                (rtp_time,) = Struct("!I").unpack_from(view, at + 16)
                yield SenderReport(ssrc, seconds - NTP_TO_UNIX + fraction / 2**32, rtp_time)
        elif kind == _BYE:
            count = min(flags & 0x1F, words)
            yield Bye(tuple(int.from_bytes(view[i : i + 4]) for i in _offsets(at + 4, count)))
        at = end


def _offsets(start: int, count: int) -> range:
    return range(start, start + 4 * count, 4)
