"""Datagrams overtake each other; a few are held until the missing one comes or is lost."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.media.reorder import LONGEST_WAIT_S, MAX_AHEAD, MAX_HELD_BYTES
from monitor.media.rtp import RtpReceiver
from tests.fakes.packetiser import encode, packets, rtp
from tests.unit.media.test_video import receiver

STEP_S = 0.001


class Heard:
    def __init__(self) -> None:
        self.seen: list[tuple[int, bool]] = []
        self.rtp = RtpReceiver(frozenset({96}), 90_000, self._payload, reorders=True)

    def _payload(self, view, rtp_time, marker, gap, arrived) -> None:
        self.seen.append((int.from_bytes(view[:2]), gap))

    def hear(self, *seqs: int, at: float = 1.0, size: int = 2, ssrc: int = 7) -> Heard:
        for number, seq in enumerate(seqs):
            body = (seq & 0xFFFF).to_bytes(2) + bytes(size - 2)
            packet = rtp(body, seq=seq, time=0, marker=False, ssrc=ssrc)
            self.rtp.packet(memoryview(packet), at + number * STEP_S)
        return self

    @property
    def order(self) -> list[int]:
        return [seq for seq, _ in self.seen]


@pytest.mark.parametrize("start", [10, 65_533])
def test_packets_are_handed_on_in_their_order(start):
    heard = Heard().hear(*(start + step for step in (0, 2, 3, 1, 5, 4, 6)))

    assert heard.order == [start + step & 0xFFFF for step in range(7)]
    assert not any(gap for _, gap in heard.seen)
    assert (heard.rtp.lost, heard.rtp.reordered) == (0, 2)


def test_a_packet_overtaken_twice_is_counted_once():
    heard = Heard().hear(1, 4, 3, 2)

    assert (heard.order, heard.rtp.reordered) == ([1, 2, 3, 4], 2)


def test_a_packet_that_comes_twice_is_handed_on_once():
    heard = Heard().hear(1, 3, 3, 2, 2, 4, 1)

    assert heard.order == [1, 2, 3, 4]


def test_what_is_lost_is_waited_for_no_longer_than_is_told():
    heard = Heard().hear(1, 3)

    assert heard.order == [1]
    heard.hear(4, at=1.0 + 2 * LONGEST_WAIT_S)

    assert heard.seen == [(1, False), (3, True), (4, False)]
    assert (heard.rtp.lost, heard.rtp.reordered) == (1, 0)


def test_what_is_lost_is_waited_for_over_so_many_packets():
    heard = Heard()
    heard.hear(1, *range(3, 3 + MAX_AHEAD - 1), at=1.0)
    assert heard.order == [1]

    heard.hear(3 + MAX_AHEAD - 1, at=1.0)

    assert heard.order == [1, *range(3, 3 + MAX_AHEAD)]
    assert heard.rtp.lost == 1


def test_what_is_held_is_bounded_in_bytes():
    heard = Heard().hear(1, *range(3, 3 + MAX_HELD_BYTES // 60_000 + 1), size=60_000)

    assert len(heard.order) > 1


def test_a_leap_releases_what_waits():
    heard = Heard().hear(1, 3, 20_000, 20_001)

    assert heard.order == [1, 3, 20_000, 20_001]
    assert heard.rtp.resets == 1


def test_another_source_releases_what_waits():
    heard = Heard().hear(1, 3)

    heard.hear(900, 901, at=5.0, ssrc=9)

    assert heard.seen == [(1, False), (3, True), (900, True), (901, False)]


def test_nothing_is_held_when_a_limit_comes():
    heard = Heard().hear(1, 3, 5)

    heard.rtp.flush()

    assert heard.seen == [(1, False), (3, True), (5, True)]
    assert heard.rtp.lost == 2


@pytest.mark.parametrize("codec", ["h264", "h265", "mjpeg", "mpeg4"])
def test_keyframes_survive_a_path_that_shuffles(codec):
    groups = packets(encode(codec), codec)
    flat = [packet for group in groups for packet in group]
    chance = random.Random(3)
    shuffled = sorted(range(1, len(flat)), key=lambda at: at + 8 * chance.random())
    video = receiver(codec, reorders=True)

    for number, at in enumerate([0, *shuffled]):
        video.rtp.packet(memoryview(bytearray(flat[at])), 10.0 + STEP_S * number)
    video.flush()

    assert (video.rtp.lost, video.facts.incomplete) == (0, None)
    assert video.rtp.reordered > 50
    assert video.units.pictures == 30
    assert video.facts.keyframes_seen >= 2


def test_a_held_packet_does_not_change_with_the_buffer_it_came_in():
    heard = Heard().hear(1)
    buffer = bytearray(rtp(b"\0\3", seq=3, time=0, marker=False, ssrc=7))
    heard.rtp.packet(memoryview(buffer), 1.0)

    buffer[:] = bytes(len(buffer))
    heard.hear(2)

    assert heard.order == [1, 2, 3]


@given(st.lists(st.integers(0, 90), max_size=200))
def test_order_is_never_broken_and_nothing_comes_twice(seqs):
    heard = Heard().hear(*seqs)
    heard.rtp.flush()

    assert heard.order == sorted(set(heard.order))
    assert heard.rtp.packets == len(seqs)
    assert heard.rtp.lost >= 0
