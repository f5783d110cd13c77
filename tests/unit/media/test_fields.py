"""Interlaced H.264 whose frames come as two fields: a pair is one picture (Q142)."""

from __future__ import annotations

import av
import numpy as np
import pytest

from tests.fakes.packetiser import rtp
from tests.fakes.paff import PPS, SPS, frames
from tests.unit.media.test_video import receiver

CLOCKS = pytest.mark.parametrize("apart", [0, 1800], ids=["one RTP time", "two RTP times"])


def _packets(count: int, apart: int) -> list[bytes]:
    sent = []
    for number, (top, bottom) in enumerate(frames(count)):
        time = 3600 * number
        head = [(SPS, time), (PPS, time)] if number % 5 == 0 else []
        sent += [*head, (top, time), (bottom, time + apart)]
    marked = {id(nal) for nal, _ in sent} - {id(SPS), id(PPS)}
    return [
        rtp(nal, seq=seq, time=time, marker=id(nal) in marked)
        for seq, (nal, time) in enumerate(sent)
    ]


def _received(packets: list[bytes]):
    video = receiver()
    for number, packet in enumerate(packets):
        video.rtp.packet(memoryview(packet), 1.0 + 0.02 * number)
    video.flush()
    return video


@CLOCKS
def test_a_pair_is_one_picture(apart):
    video = _received(_packets(10, apart))

    assert video.units.pictures == 10
    assert [unit.gop for unit in video.facts.keyframes] == [1, 2]
    assert (video.size.width, video.size.height) == (32, 32)


@CLOCKS
def test_the_pair_decodes_to_a_frame_of_both_fields(apart):
    unit = _received(_packets(6, apart)).facts.keyframes[0]

    decoder = av.CodecContext.create("h264", "r")
    (frame,) = [*decoder.decode(av.Packet(unit.data)), *decoder.decode(None)]
    luma = frame.to_ndarray()[:32]

    assert not frame.is_corrupt
    assert set(np.unique(luma[0::2])) == {60}
    assert set(np.unique(luma[1::2])) == {180}


@CLOCKS
def test_a_keyframe_without_its_second_field_is_never_whole(apart):
    packets = _packets(10, apart)
    del packets[3]

    video = _received(packets)

    assert [unit.gop for unit in video.facts.keyframes] == [2]


def test_a_field_that_is_sent_alone_is_no_reason_to_call_the_keyframe_missing():
    packets = [packet for packet in _packets(10, 1800) if packet[12] != 0x61]
    video = receiver()
    for seq, packet in enumerate(packets):
        video.rtp.packet(memoryview(packet[:2] + seq.to_bytes(2) + packet[4:]), 1.0 + seq)

    assert video.units.pictures == 2
    assert [unit.incomplete for unit in video.facts.keyframes] == [None]


def test_a_pair_that_is_not_all_there_yet_waits_for_its_end():
    video = receiver()
    for packet in _packets(1, 1800)[:3]:
        video.rtp.packet(memoryview(packet), 1.0)

    video.flush()

    assert video.facts.keyframes == []
    assert video.facts.incomplete == "its second field was not seen"
