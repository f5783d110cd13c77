"""Packets with decoding order numbers: read as they come, refused where order was really given up
(Q144).
"""

from __future__ import annotations

import pytest

from monitor.media.video import VideoReceiver
from tests.fakes import numbered
from tests.fakes.packetiser import Picture, encode, packets, rtp
from tests.unit.media.test_video import receiver, send

NUMBERED = {"sprop-max-don-diff": "32"}


def _send(video: VideoReceiver, sent: list[tuple[int, bytes]], *, seq: int = 0) -> VideoReceiver:
    """(time, payload); the last of a time has the marker."""
    for number, (time, payload) in enumerate(sent):
        marker = number + 1 == len(sent) or sent[number + 1][0] != time
        packet = rtp(payload, seq=seq + number, time=time, marker=marker)
        video.rtp.packet(memoryview(packet), 1.0 + time / 90_000)
    return video


def _plain(pictures: tuple[Picture, ...], codec: str) -> list[tuple[int, bytes]]:
    video = receiver(codec)
    send(video, packets(pictures, codec))
    video.flush()
    return [(unit.gop, unit.data) for unit in video.facts.keyframes]


def _keyframes(video: VideoReceiver) -> list[tuple[int, bytes]]:
    video.flush()
    assert video.unsupported is None
    return [(unit.gop, unit.data) for unit in video.facts.keyframes]


def _h264(pictures: tuple[Picture, ...], number: int = 0) -> list[tuple[int, bytes]]:
    """What is small in STAP-B, what is large in FU-B."""
    sent = []
    for picture in pictures:
        small = [nal for nal in picture.nals if len(nal) < 1000]
        if small:
            sent.append((picture.time, numbered.stap_b(small, number)))
            number += len(small)
        for nal in picture.nals:
            if len(nal) >= 1000:
                sent += [(picture.time, piece) for piece in numbered.fu_b(nal, number)]
                number += 1
    return sent


def _h265(pictures: tuple[Picture, ...], number: int = 0) -> list[tuple[int, bytes]]:
    sent = []
    for picture in pictures:
        small = [nal for nal in picture.nals if len(nal) < 1000]
        counted = [(nal, number + at) for at, nal in enumerate(small)]
        number += len(small)
        if len(small) > 1:
            sent.append((picture.time, numbered.ap_h265(counted)))
        else:
            sent += [(picture.time, numbered.single_h265(*one)) for one in counted]
        for nal in picture.nals:
            if len(nal) >= 1000:
                sent += [(picture.time, piece) for piece in numbered.fu_h265(nal, number)]
                number += 1
    return sent


@pytest.mark.parametrize("number", [0, 65_500])
def test_h264_in_decoding_order_is_read_as_without_numbers(number):
    pictures = encode("h264")

    video = _send(receiver("h264"), _h264(pictures, number))

    assert _keyframes(video) == _plain(pictures, "h264")
    assert video.units.pictures == 30


@pytest.mark.parametrize("number", [0, 65_500])
def test_h265_in_decoding_order_is_read_as_without_numbers(number):
    pictures = encode("h265")

    video = _send(receiver("h265", fmtp=NUMBERED), _h265(pictures, number))

    assert _keyframes(video) == _plain(pictures, "h265")
    assert video.units.pictures == 30


@pytest.mark.parametrize("value", ["0", "", "-1", "many", "9" * 40])
def test_h265_has_numbers_only_where_the_description_says_so(value):
    pictures = encode("h265")
    video = receiver("h265", fmtp={"sprop-max-don-diff": value})

    send(video, packets(pictures, "h265"))

    assert _keyframes(video) == _plain(pictures, "h265")


@pytest.mark.parametrize("offset_bytes", [2, 3])
def test_an_mtap_may_hold_several_pictures(offset_bytes):
    pictures = encode("h264", width=64, height=48)
    sent = []
    for number in range(0, 30, 3):
        three = pictures[number : number + 3]
        first = three[0].time
        nals = [(nal, picture.time - first) for picture in three for nal in picture.nals]
        counted = [(nal, ahead, offset) for ahead, (nal, offset) in enumerate(nals)]
        number_of_first = 40 * number
        packed = numbered.mtap(counted, number_of_first, offset_bytes=offset_bytes)
        sent.append((first, packed))

    video = _send(receiver("h264"), sent)

    assert video.units.pictures == 30
    assert _keyframes(video) == _plain(pictures, "h264")


def _swapped(sent: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Whole pictures in another order than they are decoded in."""
    times = sorted({time for time, _ in sent})
    times[4], times[5] = times[5], times[4]
    return [one for time in times for one in sent if one[0] == time]


@pytest.mark.parametrize(
    ("codec", "made"), [("h264", _h264), ("h265", _h265)], ids=["h264", "h265"]
)
def test_interleaving_that_is_used_is_told(codec, made):
    video = receiver(codec, fmtp=NUMBERED)

    _send(video, _swapped(made(encode(codec))))

    assert "interleaved NAL units are not supported" in (video.unsupported or "")
    assert "decoding order" in (video.unsupported or "")


def test_numbers_that_begin_anew_behind_a_loss_are_no_interleaving():
    pictures = encode("h264")
    video = _send(receiver("h264"), _h264(pictures, 5000))

    _send(video, _h264(pictures, 0), seq=5000)

    assert video.unsupported is None


@pytest.mark.parametrize("kind", [25, 26, 27, 29, 30, 31])
@pytest.mark.parametrize("size", range(12))
def test_packets_that_are_cut_off_are_nothing(kind, size):
    video = _send(receiver("h264"), [(0, bytes((0x60 | kind,)) + b"\0\x05\x85\0\x09\0\0"[:size])])

    video.flush()

    assert video.unsupported is None
    assert video.facts.keyframes == []


def test_h265_with_extended_headers_is_told_only_where_they_are_used():
    video = receiver("h265")

    assert video.unsupported is None
    _send(video, [(0, b"\x64\x01\x00\x00\x26\x01")])

    assert video.unsupported == "PACI packets (NAL type 50) are not supported"
