"""Payloads and parameter sets that no honest encoder makes."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.media import h264, h265
from monitor.media.bits import BitReader, Truncated
from monitor.media.depacketise import MAX_BUNDLED, MAX_UNITS
from monitor.media.jpeg import Unknown, Unreadable, parse_start
from monitor.media.mpeg4 import VOP, Layer, configuration_in, parse_layer, vop_identity
from monitor.media.parameter_sets import MAX_SET_BYTES, MAX_SETS, MAX_TAKEN, Size
from monitor.media.pictures import MAX_UNIT_BYTES
from monitor.media.units import AccessUnits
from tests.fakes.packetiser import encode, rtp
from tests.fakes.paff import PPS, SPS, frames
from tests.unit.media.test_video import receiver

PIECES = st.sampled_from(
    [
        *(bytes((kind,)) for kind in (0, 1, 5, 6, 7, 8, 24, 25, 28, 0x26, 0x40, 0x42, 0x60, 0x62)),
        *(b"\x1c\x85", b"\x1c\x45", b"\x1c\x05", b"\x62\x01\x93", b"\x62\x01\x53", b"\x60\x01"),
        *(b"\x00\x00\x01", b"\x00\x00\x00\x01", b"\x67\x42", b"\x00\x05", b"\xff\xff", b"\x88"),
        *(bytes((kind, 1)) for kind in (0x79, 0x7A, 0x7B, 0x7D)),
        *next(iter(encode("h264", frames=2))).nals[:2],
        *(b"\0\0\0\0", b"\1\xff\x28\x1e", b"\x41\x32\x28\x1e", b"\0\0\0\x80" + b"\x10" * 128),
        *(VOP, VOP + b"\x10", b"\0\0\1\xb3", b"\0\0\1\x20", b"\0\0\1\xb2"),
        encode("mpeg4", frames=2)[0].nals[0][:70],
        *(SPS, PPS, *frames(1)[0]),
    ]
)
FMTP = ["config", "sprop-max-don-diff", "sprop-parameter-sets", "sprop-sps", "sprop-vps"]
CODECS = st.sampled_from(["h264", "h265", "mjpeg", "mpeg4"])


@settings(max_examples=200)
@given(
    CODECS,
    st.lists(
        st.tuples(st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=6), st.booleans()),
        max_size=12,
    ),
    st.integers(0, 3),
    st.booleans(),
)
def test_any_payload_is_counted_and_never_escapes(codec, payloads, step, numbered):
    video = receiver(codec, fmtp={"sprop-max-don-diff": "8"} if numbered else {})

    for number, (pieces, marker) in enumerate(payloads):
        packet = rtp(b"".join(pieces), seq=number, time=number * step, marker=marker)
        video.rtp.packet(memoryview(packet), 1.0 + number)
    video.flush()

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


@example(b"\0\0\0\0\x40\1\1\1")  # announces a restart header that does not come
@given(st.binary(max_size=300))
def test_any_jpeg_header_is_read_or_refused(data):
    for payload in (data, b"\0\0\0\0\1\xff\x28\x1e" + data, b"\0\0\0\0\x41\x80\x28\x1e" + data):
        try:
            start = parse_start(memoryview(payload))
        except (Unreadable, Unknown) as error:
            assert str(error)  # noqa: PT017 - both ways are right
        else:
            assert start.scan_at <= len(payload)
            assert start.tables is None or 0 < len(start.tables) <= 4


@given(st.binary(max_size=200))
def test_any_mpeg4_layer_and_vop_is_read_or_left(data):
    try:
        assert parse_layer(data).size.width > 0
    except ValueError as error:
        assert str(error)  # noqa: PT017 - both ways are right
    found = configuration_in(b"\0\0\1\x20" + data)
    assert found is not None
    assert len(b"".join(vop_identity(VOP + data, Layer(Size(16, 16), 16)))) <= len(data) + 16


@given(CODECS, st.dictionaries(st.sampled_from(FMTP), st.text(max_size=60), max_size=6))
def test_any_description_is_taken_or_noted(codec, fmtp):
    video = receiver(codec, fmtp=fmtp)

    assert video.facts.sprop_unusable in (True, False)
    assert video.units.pictures == 0


@pytest.mark.parametrize("codec", ["h264", "h265", "mjpeg", "mpeg4"])
@pytest.mark.parametrize(
    "body", [b"\0\0\1\xb2x", b"\0\0\1\xb6\x10", b"\x1c\x05", b"\x65", b"\x62\1\x13", b"\0" * 9]
)
def test_what_is_kept_of_small_packets_is_bounded(codec, body):
    video = receiver(codec, keep=1)
    packets = [memoryview(rtp(body, seq=n, time=n // 50, marker=False)) for n in range(5000)]

    tracemalloc.start()
    try:
        for packet in packets:
            video.rtp.packet(packet, 1.0)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept < 64 * 1024


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


def test_parameter_sets_are_bounded_in_size_and_number():
    sets = h264.parameter_sets()
    taken = [sets.put(h264.PPS, b"\x68" + _ue(number) + b"\x80") for number in range(256)]

    assert taken == [True] * MAX_SETS + [False] * (256 - MAX_SETS)
    assert not sets.put(h264.PPS, b"\x68\x80" + b"\x01" * MAX_SET_BYTES)
    assert len(sets.annex_b()) < MAX_SETS * 10


def test_parameter_sets_that_change_all_the_time_are_read_so_often_and_no_more():
    sets = h264.parameter_sets()
    taken = [
        sets.put(h264.PPS, b"\x68\x80" + number.to_bytes(2, "big") + b"\x80")
        for number in range(MAX_TAKEN + 50)
    ]

    assert taken == [True] * MAX_TAKEN + [False] * 50
    assert sets.put(h264.PPS, b"\x68\x80" + (MAX_TAKEN - 1).to_bytes(2, "big") + b"\x80")


def test_announced_parameter_sets_are_read_so_many_and_no_more():
    video = receiver(fmtp={"sprop-parameter-sets": ",".join(["aO48gA=="] * 9000)})

    assert not video.facts.sprop_unusable
    assert isinstance(video.units, AccessUnits)
    assert len(video.units.sets._sets) == 1


def _ue(number: int) -> bytes:
    """An Exp-Golomb code, from the first bit of a byte on."""
    bits = f"{number + 1:b}"
    code = "0" * (len(bits) - 1) + bits
    return int(code.ljust(-(-len(code) // 8) * 8, "0"), 2).to_bytes(-(-len(code) // 8), "big")


@pytest.mark.parametrize(
    ("codec", "head", "unit"),
    [
        ("h264", b"\x18", b"\0\1\x41"),
        ("h264", b"\x1a\0\0", b"\0\1\0\0\0\x41"),
        ("h265", b"\x60\1", b"\0\3\2\1\0"),
        ("h264", b"\x67", b"\0\0\1\x67\x42"),
    ],
    ids=["stap-a", "mtap16", "ap", "start-codes"],
)
def test_bundles_of_tiny_units_are_read_up_to_a_bound(monkeypatch, codec, head, unit):
    """Each is work: 64 KiB of them took 50 ms, and 20 such packets a second all of a core."""
    video = receiver(codec)
    begun = []
    began = AccessUnits.begin

    def counted(units: AccessUnits, header: bytes, body: memoryview) -> None:
        begun.append(header)
        began(units, header, body)

    monkeypatch.setattr(AccessUnits, "begin", counted)

    for number in range(MAX_BUNDLED // MAX_UNITS + 10):
        packet = rtp(head + unit * 4000, seq=number, time=number * 3600, marker=True)
        video.rtp.packet(memoryview(packet), number / 25)
        assert len(begun) <= (number + 1) * (MAX_UNITS + 1)

    assert len(begun) <= MAX_BUNDLED + MAX_BUNDLED // MAX_UNITS + 10
