"""JPEG as RTP carries it, without its headers (RFC 2435): what a first fragment says, and the
headers made again.

Decodes no picture and keeps none.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct, pack

from monitor.media.jpeg_tables import HUFFMAN_SEGMENTS, quantisation_tables, segment
from monitor.media.parameter_sets import Size

MAIN_HEADER_BYTES = 8
RESTART_HEADER_BYTES = 4
END_OF_IMAGE = b"\xff\xd9"
_TABLES_HEADER = Struct("!BBH")
_LUMA_SAMPLING = {0: 0x21, 1: 0x22}  # 4:2:2 and 4:2:0; chroma is always 1x1
Tables = tuple[bytes, ...]  # quantisation tables as segments of a JPEG file
_OWN_TABLES = 128  # Q from here on names tables that the stream brings
_TABLES_EACH_TIME = 255
_FIXED_Q = range(1, 100)


class Unreadable(ValueError):
    """This fragment is damaged or cut off; the next picture may be well."""


class Unknown(ValueError):
    """The stream is of a kind that is not read."""


@dataclass(frozen=True, slots=True)
class Start:
    """What the first fragment of a picture says of it."""

    sampling: int
    size: Size
    quality: int
    tables: Tables | None  # None: those sent before under this Q
    restart_interval: int
    scan_at: int  # where the coded data begins in the payload


def has_restart_header(kind: int) -> bool:
    return 64 <= kind < 128


def parse_start(view: memoryview, described: Size | None = None) -> Start:
    """The headers of a fragment with offset 0. Raises Unreadable and Unknown.

    A side of more than 2040 pixels is written as 0 and told elsewhere: `described` (section 3.1.5).
    """
    if len(view) < MAIN_HEADER_BYTES:
        raise Unreadable(f"a JPEG header of {len(view)} bytes, expected {MAIN_HEADER_BYTES}")
    kind, quality, width, height = view[4:8]
    sampling = _LUMA_SAMPLING.get(kind & 63) if kind < 128 else None
    if sampling is None:
        raise Unknown(f"JPEG type {kind} is not supported, expected 0, 1, 64 or 65")
    size = _size(width, height, described)
    at, interval = MAIN_HEADER_BYTES, 0
    if has_restart_header(kind):
        if len(view) < at + RESTART_HEADER_BYTES:
            raise Unreadable("the restart header is cut off")
        interval = int.from_bytes(view[at : at + 2])
        at += RESTART_HEADER_BYTES
    tables: Tables | None = None
    if quality >= _OWN_TABLES:
        tables, at = _tables_in_band(view, at)
        if tables is None and quality == _TABLES_EACH_TIME:
            raise Unreadable("Q 255 without quantisation tables, expected them in each picture")
    elif quality in _FIXED_Q:
        tables = _segments(quantisation_tables(quality), precision=0)
    else:
        raise Unknown(f"JPEG quality {quality} is reserved, expected 1 to 99 or 128 to 255")
    return Start(sampling, size, quality, tables, interval, at)


def _size(width: int, height: int, described: Size | None) -> Size:
    if width and height:
        return Size(8 * width, 8 * height)
    if described is None:
        raise Unknown(
            "a JPEG of more than 2040 pixels a side whose size the description keeps quiet"
        )
    return Size(8 * width or described.width, 8 * height or described.height)


def _tables_in_band(view: memoryview, at: int) -> tuple[Tables | None, int]:
    """(segments, where the scan begins). An empty table field refers to an earlier one."""
    if at + _TABLES_HEADER.size > len(view):
        raise Unreadable("the quantisation tables are cut off")
    _, precision, length = _TABLES_HEADER.unpack_from(view, at)
    at += _TABLES_HEADER.size
    if at + length > len(view):
        raise Unreadable(f"{length} bytes of quantisation tables, {len(view) - at} came")
    if not length:
        return None, at
    return _segments(bytes(view[at : at + length]), precision), at + length


def _segments(data: bytes, precision: int) -> Tables:
    """Of tables one behind the other; bit n of the precision: table n has values of 16 bits."""
    segments: list[bytes] = []
    at = 0
    while at < len(data):
        number = len(segments)
        wide = precision >> number & 1
        table = data[at : at + (64 << wide)]
        if len(table) < 64 << wide or number == 4:
            raise Unreadable(f"{len(data)} bytes are no whole number of quantisation tables")
        segments.append(segment(0xDB, bytes((wide << 4 | number,)) + table))
        at += len(table)
    return tuple(segments)


def header_of(start: Start, tables: Tables) -> bytes:
    """All that stands before the scan in a JPEG file (RFC 2435 appendix B)."""
    frame = pack("!BHHB", 8, start.size.height, start.size.width, 3)
    for number, sampling in enumerate((start.sampling, 0x11, 0x11)):
        frame += bytes((number + 1, sampling, min(number, len(tables) - 1)))
    scan = b"\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00"
    restart = segment(0xDD, pack("!H", start.restart_interval)) if start.restart_interval else b""
    return b"".join(
        (
            *(b"\xff\xd8", *tables, restart),
            *(segment(0xC0, frame), HUFFMAN_SEGMENTS, segment(0xDA, scan)),
        )
    )
