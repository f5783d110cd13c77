"""Payloads and parameter sets that no honest encoder makes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.media import h264, h265
from monitor.media.bits import BitReader, Truncated
from monitor.media.units import MAX_UNIT_BYTES
from tests.fakes.packetiser import encode, rtp
from tests.unit.media.test_video import receiver

PIECES = st.sampled_from(
    [
        *(bytes((kind,)) for kind in (0, 1, 5, 6, 7, 8, 24, 25, 28, 0x26, 0x40, 0x42, 0x60, 0x62)),
        *(b"\x1c\x85", b"\x1c\x45", b"\x1c\x05", b"\x62\x01\x93", b"\x62\x01\x53", b"\x60\x01"),
        *(b"\x00\x00\x01", b"\x00\x00\x00\x01", b"\x67\x42", b"\x00\x05", b"\xff\xff", b"\x88"),
        *next(iter(encode("h264", frames=2))).nals[:2],
    ]
)


@settings(max_examples=200)
@given(
    st.sampled_from(["h264", "h265"]),
    st.lists(
        st.tuples(st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=6), st.booleans()),
        max_size=12,
    ),
    st.integers(0, 3),
)
def test_any_payload_is_counted_and_never_escapes(codec, payloads, step):
    video = receiver(codec)

    for number, (pieces, marker) in enumerate(payloads):
        packet = rtp(b"".join(pieces), seq=number, time=number * step, marker=marker)
        video.rtp.packet(memoryview(packet), 1.0 + number)
    video.units.flush()

    assert video.rtp.packets == len(payloads)
    assert all(unit.incomplete is None for unit in video.facts.keyframes)


@given(st.binary(max_size=120))
def test_any_parameter_set_is_read_or_a_value_error(data):
    for nal, parses in (
        (b"\x67" + data, (h264.parse_sps, h264.parameter_set_id)),
        (b"\x68" + data, (h264.parse_pps, h264.parameter_set_id)),
        (b"\x42\x01" + data, (h265.parse_size, h265.parameter_set_id)),
        (b"\x40\x01" + data, (h265.parameter_set_id,)),
    ):
        for parse in parses:
            try:
                parse(nal)
            except ValueError as error:
                assert str(error)  # noqa: PT017 - both ways are right


def test_a_keyframe_that_never_ends_is_bounded():
    video = receiver()
    video.rtp.packet(memoryview(rtp(b"\x1c\x85\x88", seq=0, time=0, marker=False)), 1.0)
    body = b"\x1c\x05" + b"\x77" * 60_000

    for number in range(1, MAX_UNIT_BYTES // 60_000 + 20):
        video.rtp.packet(memoryview(rtp(body, seq=number, time=0, marker=False)), 1.0)
    video.units.flush()

    assert video.facts.incomplete == f"it is larger than {MAX_UNIT_BYTES} bytes"
    assert video.facts.keyframes == []


def test_exp_golomb_codes_are_bounded():
    with pytest.raises(Truncated):
        BitReader(b"\x00" * 16).ue()
    assert [BitReader(bytes((code,))).ue() for code in (0x80, 0x40, 0x60, 0x20)] == [0, 1, 2, 3]
    assert [BitReader(bytes((code,))).se() for code in (0x80, 0x40, 0x60)] == [0, 1, -1]
