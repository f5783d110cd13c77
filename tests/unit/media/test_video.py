"""Really encoded video through the whole receiving side."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from types import MappingProxyType

import av
import pytest

from monitor.media.flow import FlowProof
from monitor.media.parameter_sets import Size
from monitor.media.pictures import KeyframeUnit
from monitor.media.video import VideoReceiver
from tests.fakes.packetiser import ENCODINGS, Picture, encode, packets, rtp

CODECS = ("h264", "h265")


def receiver(
    codec: str = "h264",
    *,
    keep: int = 99,
    fmtp: Mapping[str, str] = MappingProxyType({}),
    reorders: bool = False,
) -> VideoReceiver:
    return VideoReceiver(
        ENCODINGS[codec],
        frozenset({96}),
        90_000,
        FlowProof(90_000),
        fmtp=fmtp,
        attentive=lambda arrived: arrived,
        keep_keyframes=keep,
        reorders=reorders,
    )


def send(video: VideoReceiver, groups, *, every_s: float = 0.04, start: float = 10.0) -> None:
    for number, group in enumerate(groups):
        for packet in group:
            video.rtp.packet(memoryview(packet), start + number * every_s)


def keyframes(codec: str, groups) -> list[KeyframeUnit]:
    video = receiver(codec)
    send(video, groups)
    video.units.flush()
    return video.facts.keyframes


@pytest.mark.parametrize("codec", CODECS)
def test_pictures_are_counted_and_keyframes_assembled(codec):
    pictures = encode(codec, frames=30)
    video = receiver(codec)

    send(video, packets(pictures, codec))
    video.units.flush()

    assert video.units.pictures == 30
    assert video.units.random_access_points == sum(p.key for p in pictures) == 3
    assert [unit.gop for unit in video.facts.keyframes] == [1, 2, 3]
    assert video.size == Size(320, 240)
    assert video.rtp.lost == 0


@pytest.mark.parametrize("codec", CODECS)
def test_an_assembled_keyframe_decodes_to_a_whole_picture(codec):
    unit = keyframes(codec, packets(encode(codec), codec))[0]

    decoder = av.CodecContext.create("hevc" if codec == "h265" else codec, "r")
    frames = [*decoder.decode(av.Packet(unit.data)), *decoder.decode(None)]

    assert [(frame.width, frame.height) for frame in frames] == [(320, 240)]
    assert unit.incomplete is None


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("size", [(176, 144), (1920, 1080), (704, 576), (638, 362)])
def test_the_size_is_read_from_the_parameter_sets(codec, size):
    pictures = encode(codec, width=size[0], height=size[1], frames=2)
    video = receiver(codec)

    send(video, packets(pictures, codec))

    assert video.size == Size(*size)


def test_what_came_in_band_is_not_kept_for_others_that_were_described_alike():
    small, large = encode(frames=2), encode(width=640, height=480, frames=2)
    sets = (nal for nal in small[0].nals if nal[0] & 31 in (7, 8))
    fmtp = {"sprop-parameter-sets": ",".join(b64encode(nal).decode() for nal in sets)}

    first, second = receiver(fmtp=fmtp), receiver(fmtp=fmtp)
    send(first, packets(large))

    assert first.size == Size(640, 480)
    assert second.size == receiver(fmtp=fmtp).size == Size(320, 240)


@pytest.mark.parametrize("codec", CODECS)
def test_pictures_end_without_a_single_marker(codec):
    groups = packets(encode(codec), codec, marker=False)

    units = keyframes(codec, groups)

    assert [unit.incomplete for unit in units] == [None, None, None]


def _without(groups, picture: int, packet: int):
    return [
        tuple(p for at, p in enumerate(group) if (number, at) != (picture, packet))
        for number, group in enumerate(groups)
    ]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("missing", [6, -1, "first"])
def test_a_keyframe_with_a_hole_is_never_whole(codec, missing):
    groups = packets(encode(codec), codec)
    at = missing if isinstance(missing, int) else _first_slice(codec, groups[10])
    hole = at % len(groups[10])

    units = {unit.gop: unit for unit in keyframes(codec, _without(groups, 10, hole))}

    assert 2 not in units
    assert {1, 3} <= set(units)


def test_a_keyframe_that_our_limit_cuts_off_hides_no_hole_in_the_one_before():
    video = receiver()
    groups = _without(packets(encode()), 0, 6)[:11]
    groups[10] = groups[10][:-1]

    send(video, groups)
    video.flush()

    assert video.facts.keyframes_seen == 0
    assert video.facts.incomplete == "packets were lost inside it"


def _first_slice(codec: str, group: tuple[bytes, ...]) -> int:
    """The packet with which the first fragmented slice begins."""
    for number, packet in enumerate(group):
        payload = packet[12:]
        if codec == "h264" and payload[0] & 31 == 28 and payload[1] & 0x9F == 0x85:
            return number
        if codec == "h265" and payload[0] >> 1 == 49 and payload[2] & 0x80 and payload[2] & 63 < 32:
            return number
    raise LookupError("no fragmented slice")


def test_packets_that_come_late_or_twice_leave_no_whole_keyframe_behind():
    groups = packets(encode("h264"), "h264")
    group = list(groups[10])
    group[5], group[6] = group[6], group[5]
    groups[10] = tuple(group)

    video = receiver()
    send(video, groups)

    assert 2 not in {unit.gop for unit in video.facts.keyframes}
    assert (video.rtp.reordered, video.rtp.lost) == (1, 0)


@pytest.mark.parametrize("codec", CODECS)
def test_a_repeated_coded_keyframe_has_the_same_hash_and_a_new_picture_another(codec):
    moving = keyframes(codec, packets(encode(codec), codec))
    again = keyframes(codec, packets(encode(codec), codec, seq=900))

    assert [unit.vcl_hash for unit in again] == [unit.vcl_hash for unit in moving]
    assert len({unit.vcl_hash for unit in moving}) == 3


@pytest.mark.parametrize("cabac", ["1", "0"])
def test_a_still_scene_coded_again_differs_in_idr_pic_id_alone(cabac):
    """x264 alternates idr_pic_id, which moves every bit behind it when there is no CABAC."""
    options = (("preset", "veryfast"), ("x264-params", f"qp=4:keyint=5:scenecut=0:cabac={cabac}"))
    pictures = encode("h264", still=True, frames=15, options=options)
    slices = {_idr(picture) for picture in pictures if picture.key}

    units = keyframes("h264", packets(pictures))

    assert len(slices) == 2
    assert min(map(len, slices)) > 20_000  # many of the pieces that are hashed
    assert len(units) == 3
    assert len({unit.vcl_hash for unit in units}) == 1


def _idr(picture: Picture) -> bytes:
    return next(nal for nal in picture.nals if nal[0] & 31 == 5)


@pytest.mark.parametrize("codec", CODECS)
def test_many_slices_make_one_picture(codec):
    params = "slices=4" if codec == "h264" else "slices=4:scenecut=0"
    pictures = encode(codec, frames=12, height=480, options=((f"x{codec[1:]}-params", params),))
    video = receiver(codec)

    send(video, packets(pictures, codec))
    video.units.flush()

    assert video.units.pictures == 12
    assert [unit.incomplete for unit in video.facts.keyframes] == [None, None]
    assert all(unit.data.count(b"\0\0\0\1") >= 4 for unit in video.facts.keyframes)


@pytest.mark.parametrize(
    ("codec", "empty"),
    [
        ("h264", b"\x41"),
        ("h264", b"\x5c\x81"),
        ("h264", b"\x5c\x01"),
        ("h265", b"\x02\x01"),
        ("h265", b"\x62\x01\x81"),
        ("h265", b"\x62\x01\x01"),
    ],
    ids=["whole", "first-fragment", "fragment", "whole", "first-fragment", "fragment"],
)
def test_slices_that_are_but_their_headers_are_no_pictures(codec, empty):
    video = receiver(codec)

    send(video, [(rtp(empty, seq=n, time=n * 3600, marker=True),) for n in range(9)])

    assert video.units.pictures == 0
    assert not video.flow.proven


def test_b_pictures_behind_their_time_are_a_steady_flow():
    options = (("tune", "film"), ("preset", "medium"), ("bf", "3"), ("x264-params", "b-adapt=0"))
    pictures = encode("h264", frames=30, options=options)
    times = [picture.time for picture in pictures]
    video = receiver()

    send(video, packets(pictures))

    assert times != sorted(times)
    assert video.flow.proven


def test_intra_refresh_is_told_from_a_missing_keyframe():
    options = (("x264-params", "intra-refresh=1:keyint=10"),)
    pictures = encode("h264", frames=30, options=options)
    video = receiver()

    send(video, packets(pictures[3:]))

    assert video.units.intra_refresh
    assert video.facts.keyframes_seen == 0


def test_the_pace_leaves_out_the_first_second():
    video = receiver()
    groups = packets(encode("h264", frames=60))

    send(video, groups[:20], every_s=0.0)
    send(video, groups[20:], every_s=0.04, start=11.0)

    assert video.pace.per_second == pytest.approx(25)
    assert video.keyframe_interval_s == pytest.approx(0.4)
