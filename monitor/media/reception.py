"""What a receiver says of what it received, for cameras that listen (RFC 3550 section 6.4.2).

Judges nothing and keeps no packet.
"""

from __future__ import annotations

from struct import pack

from monitor.media.rtcp import NTP_TO_UNIX
from monitor.media.video import VideoReceiver

_RECEIVER_REPORT = 201
_MOST_LOST = 0x7FFFFF  # a signed number of 24 bits


class Reception:
    """The reports of one stream, one after the other: each is of the time since the last."""

    def __init__(self, receiver: VideoReceiver) -> None:
        self._receiver = receiver
        self._source: int | None = None
        self._highest = 0  # with the cycles of the sequence number
        self._lost = 0

    def report(self, ours: int, now: float) -> bytes:
        """Before the first packet an empty one: that we are here."""
        source = self._receiver.rtp.ssrc
        if source is None:
            return pack("!BBHI", 0x80, _RECEIVER_REPORT, 1, ours)
        return pack("!BBHI", 0x81, _RECEIVER_REPORT, 7, ours) + self._block(source, now)

    def _block(self, source: int, now: float) -> bytes:
        rtp = self._receiver.rtp
        if source != self._source:
            self._source, self._highest = source, rtp.highest
            expected = 0
        else:
            expected = rtp.highest - self._highest & 0xFFFF
            self._highest += expected
        lost, self._lost = rtp.lost - self._lost, rtp.lost
        fraction = min(255, max(0, lost) * 256 // expected) if expected else 0
        return pack(
            "!IIIIII",
            source,
            fraction << 24 | min(rtp.lost, _MOST_LOST),
            self._highest & 0xFFFFFFFF,
            int(rtp.jitter * self._receiver.clock_rate) & 0xFFFFFFFF,
            *self._last_sender_report(now),
        )

    def _last_sender_report(self, now: float) -> tuple[int, int]:
        """Its NTP time, the middle 32 bits, and how long ago it came, both in 1/65536 s."""
        if self._receiver.facts.report is None:
            return 0, 0
        unix_s, arrived = self._receiver.facts.report
        ago = min(max(0, int((now - arrived) * 65536)), 0xFFFFFFFF)
        return int((unix_s + NTP_TO_UNIX) * 65536) & 0xFFFFFFFF, ago
