"""Receiver reports say what came and what did not, as RFC 3550 section 6.4.2 lays it out."""

from __future__ import annotations

import struct
from typing import NamedTuple

import pytest

from monitor.media.reception import Reception
from monitor.media.video import VideoReceiver
from tests.fakes.packetiser import rtp
from tests.unit.media.test_video import receiver

OURS = 0xCAFE
SENDER_REPORT = struct.pack("!BBHIIIIII", 0x80, 200, 6, 0x1234, 0xE8000001, 0x40008000, 0, 0, 0)


class Said(NamedTuple):
    source: int
    lost: int
    highest: int
    jitter: int
    last_report: int
    ago: int


def said(reception: Reception, now: float = 10.0) -> Said:
    packet = reception.report(OURS, now)
    assert struct.unpack("!BBHI", packet[:8]) == (0x81, 201, 7, OURS)
    return Said(*struct.unpack("!IIIIII", packet[8:]))


def receive(video: VideoReceiver, *numbers: int, every_s: float = 0.04) -> None:
    for number in numbers:
        packet = rtp(b"\x41\x9a", seq=number, time=3600 * number, marker=True)
        video.rtp.packet(memoryview(packet), 1.0 + every_s * number)


def test_before_the_first_packet_it_says_only_that_we_are_here():
    packet = Reception(receiver(reorders=True)).report(OURS, 1.0)

    assert packet == struct.pack("!BBHI", 0x80, 201, 1, OURS)


def test_nothing_lost_is_nothing_lost():
    video = receiver()
    receive(video, *range(100, 120))

    assert said(Reception(video)) == Said(0x1234, 0, 119, 0, 0, 0)


def test_loss_is_a_share_of_the_time_since_the_last_report_and_a_sum():
    video = receiver()
    reception = Reception(video)
    receive(video, *range(10))
    said(reception)

    receive(video, *range(10, 15), *range(20, 30))
    first = said(reception)
    receive(video, *range(30, 40))
    second = said(reception)

    assert (first.lost >> 24, first.lost & 0xFFFFFF, first.highest) == (256 * 5 // 20, 5, 29)
    assert (second.lost >> 24, second.lost & 0xFFFFFF, second.highest) == (0, 5, 39)


def test_the_highest_number_counts_its_cycles():
    video = receiver()
    reception = Reception(video)
    highest = []
    for start in range(65_000, 200_000, 20_000):
        receive(video, *range(start, start + 20_000))
        highest.append(said(reception).highest)

    assert highest[:2] == [(84_999 & 0xFFFF), (84_999 & 0xFFFF) + 20_000]
    assert highest[-1] == (84_999 & 0xFFFF) + 20_000 * (len(highest) - 1)


def test_the_last_sender_report_and_its_age_are_given_back():
    video = receiver()
    receive(video, 1, 2, 3)
    video.rtcp(memoryview(SENDER_REPORT), 8.5)

    report = said(Reception(video), now=10.0)

    assert report.last_report == 0x0001_4000
    assert report.ago == 65536 * 3 // 2


def test_jitter_is_in_units_of_the_streams_clock():
    video = receiver(reorders=True)
    for number in range(200):
        packet = rtp(b"\x41", seq=number, time=3600 * number, marker=True)
        video.rtp.packet(memoryview(packet), 0.04 * number + (0.01 if number % 2 else 0.0))

    assert said(Reception(video)).jitter == pytest.approx(900, rel=0.01)


def test_more_than_the_field_holds_is_said_as_the_most():
    video = receiver()
    receive(video, 1, 2)
    video.rtp.lost = 1 << 30

    assert said(Reception(video)).lost & 0xFFFFFF == 0x7FFFFF
