"""Parameter sets and slice headers by themselves: a value, or ValueError."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from monitor.media import h264, h264_slice, h265
from monitor.media.jpeg import Unknown, Unreadable, header_of, parse_start
from monitor.media.mpeg4 import VOP, configuration_in, parse_layer, vop_identity
from monitor.media.parameter_sets import MAX_SETS, ParameterSets, Size
from tests.fuzz.targets.refusing import says_why
from tests.fuzz.targets.sequence import MARK

H264_TOKENS = (
    *(MARK, b"\x67\x42\xc0\x1e", b"\x67\x64\0\x1f", b"\x68\xce\x3c\x80", b"\x65\x88", b"\x41\x9a"),
    *(b"\0\0\3", b"\xff\xff\xff\xff", b"\x67\xf4\0\x0a", b"\x06\x06"),
)
H265_TOKENS = (
    *(MARK, b"\x42\x01\x01\x01\x60", b"\x40\x01\x0c\x01", b"\x44\x01\xc1\x73", b"\x26\x01\xaf"),
    *(b"\0\0\3", b"\x4e\x01\x06", b"\x42\x01\x0d"),
)
MPEG4_TOKENS = (b"\0\0\1\x20", b"\0\0\1\xb6", b"\0\0\1\xb3", b"\0\xc4\x8d\x88", b"\0\0\1\xb0\x01")
JPEG_TOKENS = (
    *(b"\0\0\0\0\1\xff\x28\x1e", b"\0\0\0\x80", b"\0\0\0\x40", b"\x41\x80", b"\0\1\x01\0"),
    *(b"\0\0\0\0\1\x32\0\0",),
)
_MOST_SIDE = 16_384
_Read = TypeVar("_Read")


def h264_sets(data: bytes) -> None:
    sets = h264.parameter_sets()
    for nal in data.split(MARK):
        _reads(h264.parse_sps, nal, lambda sps: _fits(sps.size))
        _reads(h264.parse_pps, nal, lambda pps: None)
        _reads(h264.parameter_set_id, nal, lambda identity: _is_id(identity, 255))
        h264.has_recovery_point(nal)
        h264.is_intra_slice(nal)
        h264.is_first_slice(nal)
        _puts(sets, nal[0] & 31 if nal else -1, nal)
        h264_slice.field_of(nal[:32], sets)
        if nal:
            assert sum(map(len, h264_slice.slice_identity(memoryview(nal), sets))) < len(nal) + 400


def h265_sets(data: bytes) -> None:
    sets = h265.parameter_sets()
    for nal in data.split(MARK):
        _reads(h265.parse_size, nal, _fits)
        _reads(h265.parameter_set_id, nal, lambda identity: _is_id(identity, 63))
        h265.has_recovery_point(nal)
        h265.is_first_slice(nal)
        _puts(sets, nal[0] >> 1 & 63 if nal else -1, nal)


def _reads(parse: Callable[[bytes], _Read], nal: bytes, check: Callable[[_Read], None]) -> None:
    try:
        value = parse(nal)
    except ValueError as error:
        says_why(error)
    else:
        check(value)


def _fits(size: Size) -> None:
    assert 0 < size.width <= _MOST_SIDE
    assert 0 < size.height <= _MOST_SIDE


def _is_id(identity: int, most: int) -> None:
    assert 0 <= identity <= most


def _puts(sets: ParameterSets, nal_type: int, nal: bytes) -> None:
    taken = sets.put(nal_type, nal)
    assert not taken or nal.rstrip(b"\0") in sets._sets.values()
    assert len(sets._sets) <= MAX_SETS
    assert len(sets.annex_b()) <= sum(4 + len(each) for each in sets._sets.values())


def mpeg4_layer(data: bytes) -> None:
    _reads(parse_layer, data, lambda layer: _fits(layer.size))
    found = configuration_in(data)
    layer = found.layer if found is not None else None
    assert found is None or len(found.data) <= len(data)
    parts = vop_identity(VOP + data, layer)
    assert sum(map(len, parts)) <= len(data) + 16


def jpeg_start(data: bytes) -> None:
    try:
        start = parse_start(memoryview(data), Size(2592, 1944) if len(data) % 2 else None)
    except (Unreadable, Unknown) as error:
        says_why(error)
        return
    assert 8 <= start.scan_at <= len(data)
    assert 0 <= start.restart_interval < 65_536
    if start.tables:
        assert len(start.tables) <= 4
        head = header_of(start, start.tables)
        assert head.startswith(b"\xff\xd8")
        assert len(head) < 1500
