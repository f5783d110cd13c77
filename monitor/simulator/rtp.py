"""Coded access units cut into RTP payloads (RFC 6184, RFC 7798) and the headers put before them.

It must not know sockets, sessions or time.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from registry.vocabulary import Codec

PAYLOAD_TYPE = 96
CLOCK_RATE = 90_000
_PAYLOAD_LIMIT = 1400
_FU_A = 28  # RFC 6184 section 5.8
_FU_H265 = 49  # RFC 7798 section 4.4.3
_INTERLEAVED_RTP = struct.Struct("!BBHBBHII")  # RFC 2326 section 10.12, RFC 3550 section 5.1
_SENDER_REPORT = struct.Struct("!BBHIQIII")
_NTP_EPOCH_S = 2_208_988_800


def nal_units(annex_b: bytes) -> Iterator[bytes]:
    """The NAL units of an Annex B byte stream, without start codes."""
    start = annex_b.find(b"\0\0\1")
    while start >= 0:
        end = annex_b.find(b"\0\0\1", start + 3)
        unit = annex_b[start + 3 : end if end >= 0 else len(annex_b)]
        yield unit.rstrip(b"\0")
        start = end


def payloads(codec: Codec, nal: bytes) -> list[bytes]:
    """One NAL unit as RTP payloads: whole where it fits, in fragments where it does not."""
    if len(nal) <= _PAYLOAD_LIMIT:
        return [nal]
    if codec is Codec.H265:
        nal_type = (nal[0] >> 1) & 0x3F
        indicator = bytes(((nal[0] & 0x81) | (_FU_H265 << 1), nal[1]))
        return _fragments(indicator, nal_type, nal[2:])
    return _fragments(bytes(((nal[0] & 0xE0) | _FU_A,)), nal[0] & 0x1F, nal[1:])


def _fragments(indicator: bytes, nal_type: int, body: bytes) -> list[bytes]:
    size = _PAYLOAD_LIMIT - len(indicator) - 1
    cuts = range(0, len(body), size)
    return [
        indicator
        + bytes((nal_type | (0x80 if cut == 0 else 0) | (0x40 if cut == cuts[-1] else 0),))
        + body[cut : cut + size]
        for cut in cuts
    ]


class Sender:
    """The numbering of one RTP stream: sequence, time and source, running on whatever is sent."""

    def __init__(self, channel: int, ssrc: int, sequence: int, rtp_time: int) -> None:
        self.ssrc = ssrc
        self.sequence = sequence
        self.rtp_time = rtp_time
        self._channel = channel
        self._packets = 0
        self._octets = 0

    def access_unit(self, parts: tuple[bytes, ...]) -> list[bytes]:
        """The pieces to write for one picture: a header before each payload, the last marked."""
        pieces: list[bytes] = []
        last = len(parts) - 1
        for index, part in enumerate(parts):
            marked = PAYLOAD_TYPE | (0x80 if index == last else 0)
            pieces += (
                _INTERLEAVED_RTP.pack(
                    0x24, self._channel, 12 + len(part), 0x80, marked,
                    self.sequence, self.rtp_time & 0xFFFFFFFF, self.ssrc,
                ),
                part,
            )  # fmt: skip
            self.sequence = (self.sequence + 1) & 0xFFFF
            self._octets += len(part)
        self._packets += len(parts)
        return pieces

    def report(self, utc_s: float) -> bytes:
        """An RTCP sender report: which RTP time was when (RFC 3550 section 6.4.1)."""
        ntp = int((utc_s + _NTP_EPOCH_S) * (1 << 32)) & 0xFFFFFFFFFFFFFFFF
        body = _SENDER_REPORT.pack(
            0x80, 200, 6, self.ssrc, ntp,
            self.rtp_time & 0xFFFFFFFF, self._packets & 0xFFFFFFFF, self._octets & 0xFFFFFFFF,
        )  # fmt: skip
        return self._control(body + _source_description(self.ssrc))

    def bye(self) -> bytes:
        """RFC 3550 section 6.6, in a compound packet led by an empty receiver report."""
        empty = struct.pack("!BBHI", 0x80, 201, 1, self.ssrc)
        return self._control(empty + struct.pack("!BBHI", 0x81, 203, 1, self.ssrc))

    def _control(self, packet: bytes) -> bytes:
        return struct.pack("!BBH", 0x24, self._channel + 1, len(packet)) + packet


def _source_description(ssrc: int) -> bytes:
    name = b"camera"
    items = struct.pack("!BB", 1, len(name)) + name
    items += b"\0" * (4 - len(items) % 4)
    return struct.pack("!BBHI", 0x81, 202, 1 + len(items) // 4, ssrc) + items
