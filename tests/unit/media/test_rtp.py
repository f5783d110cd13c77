from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.media.rtcp import MAX_ITEMS, Bye, SenderReport, parse_rtcp
from monitor.media.rtp import RtpReceiver, signed_difference
from tests.fakes.packetiser import rtp


class Heard:
    def __init__(self, announced: int | None = None) -> None:
        self.payloads: list[tuple[bytes, bool]] = []
        self.rtp = RtpReceiver(
            frozenset({96, 97}), 90_000, self._payload, announced, measures_jitter=True
        )

    def _payload(self, view, rtp_time, marker, gap, arrived) -> None:
        self.payloads.append((bytes(view), gap))

    def hear(self, *packets: bytes, at: float = 1.0) -> Heard:
        for packet in packets:
            self.rtp.packet(memoryview(packet), at)
        return self


def _packet(seq: int, body: bytes = b"x", **more) -> bytes:
    return rtp(body, seq=seq, time=0, marker=False, **more)


def test_missing_packets_are_lost_and_late_ones_are_found_again():
    heard = Heard().hear(*(_packet(seq) for seq in (10, 11, 14, 13, 15)))

    assert (heard.rtp.lost, heard.rtp.reordered) == (1, 1)
    assert [gap for _, gap in heard.payloads] == [False, False, True, False]


def test_sequence_numbers_wrap():
    heard = Heard().hear(*(_packet(seq) for seq in (65534, 65535, 0, 1)))

    assert heard.rtp.lost == 0


def test_a_jump_no_network_makes_is_a_reset_and_no_loss():
    heard = Heard().hear(_packet(10), _packet(30_000), _packet(30_001))

    assert (heard.rtp.lost, heard.rtp.resets) == (0, 1)


def test_a_repeated_packet_is_handed_on_once():
    heard = Heard().hear(_packet(10), _packet(11), _packet(11))

    assert len(heard.payloads) == 2


@pytest.mark.parametrize(
    "head",
    [
        struct.pack("!BBHII", 0xA0, 96, 1, 0, 7) + b"pp\xff",  # padding longer than the packet
        struct.pack("!BBHII", 0x90, 96, 1, 0, 7) + b"\x00\x00\xff\xff",  # extension beyond the end
        struct.pack("!BBHII", 0x90, 96, 1, 0, 7) + b"\x00",
        struct.pack("!BBHII", 0x8F, 96, 1, 0, 7),  # fifteen CSRCs that are not there
        struct.pack("!BBHII", 0x40, 96, 1, 0, 7),  # version 1
        b"\x80\x60",
    ],
)
def test_a_broken_packet_is_counted_and_dropped(head):
    heard = Heard().hear(head)

    assert (heard.rtp.malformed, heard.rtp.packets, heard.payloads) == (1, 0, [])


def test_csrc_extension_and_padding_are_cut_off():
    head = struct.pack("!BBHIII", 0xB1, 96, 1, 0, 7, 99)
    packet = head + b"\xbe\xde\x00\x01" + b"eeee" + b"body" + b"\x00\x00\x03"

    assert Heard().hear(packet).payloads == [(b"body", False)]


def test_jitter_is_the_mean_deviation_of_transit():
    heard = Heard()
    for number in range(200):
        late = 0.01 * (number % 2)
        packet = rtp(b"x", seq=number, time=3600 * number, marker=True)
        heard.hear(packet, at=0.04 * number + late)

    assert heard.rtp.jitter == pytest.approx(0.01, rel=0.05)


def test_packets_that_come_twice_make_up_for_none_that_is_lost():
    heard = Heard()
    for number in range(0, 200, 2):  # every second one is lost, and each comes again later
        for seq in (number, number - 2, number - 4):
            if seq >= 0:
                heard.hear(rtp(b"x", seq=seq, time=0, marker=False))

    assert (heard.rtp.lost, heard.rtp.reordered) == (99, 0)


def test_differences_go_the_nearer_way_round():
    assert signed_difference(1, 0xFFFFFFFF) == 2
    assert signed_difference(0xFFFFFFFF, 1) == -2


def test_a_sender_report_tells_the_cameras_clock():
    unix, fraction = 1_795_305_600, 1 << 31
    body = struct.pack("!IIIIII", 7, unix + 2_208_988_800, fraction, 5, 1, 1)
    view = memoryview(struct.pack("!BBH", 0x80, 200, 6) + body)

    assert list(parse_rtcp(view)) == [SenderReport(7, unix + 0.5, 5)]


def test_a_goodbye_names_its_sources():
    view = memoryview(struct.pack("!BBHI", 0x81, 203, 1, 7))

    assert list(parse_rtcp(view)) == [Bye((7,))]


def test_of_a_compound_packet_no_more_is_read_than_anybody_sends():
    view = memoryview(struct.pack("!BBHI", 0x81, 203, 1, 7) * 8000)

    assert len(list(parse_rtcp(view))) == MAX_ITEMS


@given(st.binary(max_size=80))
def test_any_bytes_are_rtcp_or_nothing(data):
    for candidate in (data, b"\x81\xc8" + data, b"\x9f\xcb\x00\x03" + data):
        assert len(list(parse_rtcp(memoryview(candidate)))) <= 30


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_any_bytes_are_rtp_or_counted(packets):
    heard = Heard().hear(*packets)

    known = heard.rtp.packets + heard.rtp.malformed + heard.rtp.unknown_type + heard.rtp.foreign
    assert known == len(packets)
