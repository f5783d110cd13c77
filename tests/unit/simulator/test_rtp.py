from __future__ import annotations

import struct

import pytest

from monitor.simulator.rtp import Sender, nal_units, payloads
from registry.vocabulary import Codec


def test_nal_units_are_found_behind_long_and_short_start_codes() -> None:
    stream = b"\0\0\0\1\x67ab\0\0\1\x68c\0\0\0\1\x65def"

    assert list(nal_units(stream)) == [b"\x67ab", b"\x68c", b"\x65def"]


def test_short_nal_unit_goes_whole() -> None:
    assert payloads(Codec.H264, b"\x65" + bytes(1399)) == [b"\x65" + bytes(1399)]


def test_long_h264_nal_unit_goes_in_fu_a_fragments() -> None:
    nal = b"\x65" + bytes(range(256)) * 12

    parts = payloads(Codec.H264, nal)

    assert len(parts) == 3
    assert all(len(part) <= 1400 for part in parts)
    assert [part[0] for part in parts] == [0x60 | 28] * 3
    assert [part[1] for part in parts] == [0x85, 0x05, 0x45]
    assert b"".join(part[2:] for part in parts) == nal[1:]


def test_long_h265_nal_unit_goes_in_fu_fragments() -> None:
    nal = bytes((19 << 1, 1)) + bytes(range(256)) * 12

    parts = payloads(Codec.H265, nal)

    assert [part[:2] for part in parts] == [bytes((49 << 1, 1))] * 3
    assert [part[2] for part in parts] == [0x80 | 19, 19, 0x40 | 19]
    assert b"".join(part[3:] for part in parts) == nal[2:]


def test_sequence_wraps_and_only_the_last_packet_of_a_picture_is_marked() -> None:
    sender = Sender(2, ssrc=7, sequence=0xFFFF, rtp_time=90_000)

    pieces = sender.access_unit((b"one", b"three"))

    heads = [struct.unpack("!BBHBBHII", head) for head in pieces[::2]]
    assert heads == [
        (0x24, 2, 15, 0x80, 96, 0xFFFF, 90_000, 7),
        (0x24, 2, 17, 0x80, 0x80 | 96, 0, 90_000, 7),
    ]
    assert pieces[1::2] == [b"one", b"three"]


def test_sender_report_ties_rtp_time_to_the_wall_clock() -> None:
    sender = Sender(0, ssrc=7, sequence=1, rtp_time=123)
    sender.access_unit((b"four",))

    framed = sender.report(1_700_000_000.5)

    channel, length = struct.unpack_from("!xBH", framed)
    ssrc, seconds, fraction, rtp_time, packets, octets = struct.unpack_from("!IIIIII", framed, 8)
    assert (channel, length) == (1, len(framed) - 4)
    assert (ssrc, rtp_time, packets, octets) == (7, 123, 1, 4)
    assert seconds - 2_208_988_800 == 1_700_000_000
    assert fraction / 2**32 == pytest.approx(0.5, abs=1e-6)


def test_every_control_packet_is_as_long_as_it_says() -> None:
    sender = Sender(0, ssrc=7, sequence=1, rtp_time=123)

    for framed in (sender.report(0.0), sender.bye()):
        compound = framed[4:]
        while compound:
            length = 4 * (1 + struct.unpack_from("!H", compound, 2)[0])
            assert compound[0] >> 6 == 2
            assert len(compound) >= length
            compound = compound[length:]
