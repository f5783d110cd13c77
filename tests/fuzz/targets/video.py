"""A codec's payloads through the whole receiving side: pictures, keyframes, and nothing kept."""

from __future__ import annotations

import struct
from typing import Any

from monitor.media.flow import FlowProof
from monitor.media.parameter_sets import MAX_SET_BYTES, MAX_SETS
from monitor.media.pictures import MAX_UNIT_BYTES, KeyframeUnit
from monitor.media.video import VideoReceiver
from tests.fuzz.targets.sequence import MARK, Came, sequence

_KEPT = 2
H264_TOKENS = (
    *(
        MARK,
        MARK + b"\x03",
        MARK + b"\x01",
        b"\x1c\x85",
        b"\x1c\x45",
        b"\x1c\x05",
        b"\x18",
        b"\x19",
    ),
    *(
        b"\x1a",
        b"\x1b",
        b"\x1d\x85",
        b"\x65\x88",
        b"\x41\x9a",
        b"\x06\x06\x01\xc4\x80",
        b"\x00\x04",
    ),
    *(b"\x67\x42\xc0\x1e\xd9\x00\x50\x05\xbb", b"\x68\xcb\x8c\xb2", b"\0\0\1", b"\0\0\3", b"\x80"),
)
H265_TOKENS = (
    *(MARK, MARK + b"\x03", MARK + b"\x01", b"\x62\x01\x93", b"\x62\x01\x53", b"\x62\x01\x13"),
    *(b"\x60\x01", b"\x64\x01", b"\x26\x01\xaf", b"\x02\x01\xd0", b"\x4e\x01\x06\x01\x80", b"\0\4"),
    *(b"\x40\x01\x0c\x01", b"\x42\x01\x01\x01", b"\x44\x01\xc1", b"\0\0\1", b"\0\0\3", b"\x2a\x01"),
)
MJPEG_TOKENS = (
    *(MARK, MARK + b"\x03\0\0\0\0", MARK + b"\x01\0\0\4", b"\0\0\0\0\1\xff\x28\x1e", b"\xff\xd9"),
    *(b"\0\0\0\x80" + b"\x10" * 128, b"\x41\x32\x28\x1e\0\4\xff\xff", b"\0\0\0\0\1\x32\0\0"),
)
MPEG4_TOKENS = (
    *(
        MARK,
        MARK + b"\x03\0\0\1\xb6",
        b"\0\0\1\xb6\x10",
        b"\0\0\1\xb6\x50",
        b"\0\0\1\xb3",
        b"\0\0\1",
    ),
    *(b"\0\0\1\xb0\x01", b"\0\0\1\xb5\x89", b"\0\0\1\x20", b"\0\0\1\xb2x264", b"\0\0\1\x00"),
)


def h264(data: bytes) -> None:
    _receive("H264", data, {})


def h265(data: bytes) -> None:
    """Bit 1 of the first byte: NAL units carry decoding order numbers."""
    _receive("H265", data, {"sprop-max-don-diff": "8"} if data[:1] and data[0] & 2 else {})


def mjpeg(data: bytes) -> None:
    """Bit 1 of the first byte: the description tells a size that RFC 2435 has no room for."""
    _receive("JPEG", data, {"framesize": "26 2592-1944"} if data[:1] and data[0] & 2 else {})


def mpeg4(data: bytes) -> None:
    _receive("MP4V-ES", data, {})


def _receive(encoding: str, data: bytes, fmtp: dict[str, str]) -> None:
    """Bit 0 of the first byte: packets come as datagrams and may overtake each other."""
    if not data:
        return
    video = VideoReceiver(
        encoding,
        frozenset({96}),
        90_000,
        FlowProof(90_000),
        fmtp=fmtp,
        attentive=lambda arrived: arrived,
        keep_keyframes=_KEPT,
        measures=True,
        reorders=bool(data[0] & 1),
    )
    for came in sequence(data[1:]):
        video.rtp.packet(memoryview(_packet(came)), came.arrived)
        if came.how & 0x20:
            video.flush()
        _is_bounded(video.units)
    video.flush()
    assert len(video.facts.keyframes) <= _KEPT
    assert video.units.pictures <= video.rtp.packets * 700  # an MTAP has a time for each NAL unit
    for unit in video.facts.keyframes:
        _is_whole(encoding, unit)


def _packet(came: Came) -> bytes:
    kind = 96 | 0x80 * came.marker
    ssrc = 0x5678 if came.how & 0x80 else 0x1234
    return struct.pack("!BBHII", 0x80, kind, came.seq, came.time, ssrc) + came.payload


def _is_bounded(units: Any) -> None:
    assert units._unit is None or len(units._unit) <= MAX_UNIT_BYTES
    assert len(getattr(units, "_small", None) or b"") <= 2 * MAX_SET_BYTES
    assert len(getattr(units, "_headers", b"")) <= MAX_SET_BYTES
    assert len(getattr(units.shape, "_sets", ())) <= MAX_SETS
    assert len(getattr(units, "_tables", ())) <= 256
    size = units.shape.size
    assert size is None or (0 < size.width <= 65_535 and 0 < size.height <= 65_535)


def _is_whole(encoding: str, unit: KeyframeUnit) -> None:
    assert unit.incomplete is None
    assert len(unit.vcl_hash) == 32
    assert len(unit.data) <= MAX_UNIT_BYTES + MAX_SETS * (MAX_SET_BYTES + 4) + 1024
    if encoding == "JPEG":
        assert unit.data.startswith(b"\xff\xd8")
        assert unit.data.endswith(b"\xff\xd9")
    elif encoding != "MP4V-ES":
        assert unit.data.startswith(b"\0\0\0\1")
