"""Packets that carry decoding order numbers: the interleaved mode of H.264 (RFC 6184 section 5.6 -
5.8) and H.265 with `sprop-max-don-diff` above 0 (RFC 7798 section 4.4).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence


def stap_b(nals: Sequence[bytes], number: int) -> bytes:
    body = b"".join(struct.pack("!H", len(nal)) + nal for nal in nals)
    return struct.pack("!BH", 0x60 | 25, number & 0xFFFF) + body


def mtap(nals: Sequence[tuple[bytes, int, int]], number: int, *, offset_bytes: int = 2) -> bytes:
    """Of (NAL unit, distance to the number, time offset)."""
    body = b"".join(
        struct.pack("!HB", len(nal), ahead) + offset.to_bytes(offset_bytes) + nal
        for nal, ahead, offset in nals
    )
    return struct.pack("!BH", 0x60 | (24 + offset_bytes), number & 0xFFFF) + body


def fu_b(nal: bytes, number: int, limit: int = 1200) -> Iterator[bytes]:
    """The first fragment is FU-B, the others FU-A."""
    body = nal[1:]
    for at in range(0, len(body), limit):
        flags = 0x80 * (at == 0) | 0x40 * (at + limit >= len(body))
        kind = 28 if at else 29
        head = bytes((nal[0] & 0xE0 | kind, flags | nal[0] & 31))
        yield head + (b"" if at else struct.pack("!H", number & 0xFFFF)) + body[at : at + limit]


def single_h265(nal: bytes, number: int) -> bytes:
    return nal[:2] + struct.pack("!H", number & 0xFFFF) + nal[2:]


def ap_h265(nals: Sequence[tuple[bytes, int]]) -> bytes:
    """Of (NAL unit, number)."""
    last = nals[0][1]
    body = struct.pack("!H", last & 0xFFFF)
    for position, (nal, number) in enumerate(nals):
        body += bytes((number - last - 1,)) if position else b""
        body += struct.pack("!H", len(nal)) + nal
        last = number
    return bytes((48 << 1, 1)) + body


def fu_h265(nal: bytes, number: int, limit: int = 1200) -> Iterator[bytes]:
    body, head = nal[2:], bytes((nal[0] & 0x81 | 49 << 1, nal[1]))
    for at in range(0, len(body), limit):
        flags = 0x80 * (at == 0) | 0x40 * (at + limit >= len(body))
        first = b"" if at else struct.pack("!H", number & 0xFFFF)
        yield head + bytes((flags | nal[0] >> 1 & 63,)) + first + body[at : at + limit]
