"""MJPEG over RTP (RFC 2435): the headers that RTP leaves out, made again; real JPEG files."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from types import MappingProxyType

import av
import cv2
import numpy as np
import pytest

from monitor.media.jpeg import Unreadable, parse_start
from monitor.media.jpeg_tables import quantisation_tables
from monitor.media.parameter_sets import Size
from monitor.media.pictures import MAX_UNIT_BYTES
from monitor.media.video import VideoReceiver
from tests.fakes.jpeg_packetiser import Jpeg, payloads_jpeg
from tests.fakes.packetiser import encode, packets, rtp
from tests.unit.media.test_video import receiver, send

SAMPLING = {"4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420, "4:2:2": 0x211111}


def _file(quality: int = 75, *, sampling: str = "4:2:0", restart: int = 0, seed: int = 1) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (15, 20, 3), np.uint8)
    image = cv2.resize(noise, (320, 240), interpolation=cv2.INTER_CUBIC)
    how = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, SAMPLING[sampling]]
    if restart:
        how += [cv2.IMWRITE_JPEG_RST_INTERVAL, restart]
    return bytes(cv2.imencode(".jpg", image, how)[1])


class Camera:
    """Payloads of whole pictures to a receiver, a second apart."""

    def __init__(self, fmtp: Mapping[str, str] = MappingProxyType({})) -> None:
        self.video = receiver("mjpeg", fmtp=fmtp)
        self.seq = 0
        self.pictures = 0

    def send(self, payloads) -> VideoReceiver:
        whole = list(payloads)
        for number, payload in enumerate(whole):
            packet = rtp(
                payload,
                seq=self.seq,
                time=90_000 * self.pictures,
                marker=number == len(whole) - 1,
            )
            self.video.rtp.packet(memoryview(packet), float(self.pictures))
            self.seq += 1
        self.pictures += 1
        return self.video

    def keyframes(self) -> list[bytes]:
        self.video.flush()
        return [unit.data for unit in self.video.facts.keyframes]


def _received(payloads) -> bytes:
    camera = Camera()
    camera.send(payloads)
    (data,) = camera.keyframes()
    return data


def _pixels(file: bytes) -> np.ndarray:
    decoded = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded


def test_every_picture_of_a_stream_is_a_whole_keyframe():
    pictures = encode("mjpeg")
    video = receiver("mjpeg")

    send(video, packets(pictures, "mjpeg"))
    video.flush()

    assert video.units.pictures == video.units.random_access_points == 30
    assert video.facts.incomplete is None
    assert video.size == Size(320, 240)
    assert video.flow.proven
    assert video.keyframe_interval_s == pytest.approx(0.04)


def test_a_picture_decodes_to_what_the_camera_coded():
    (picture, *_) = encode("mjpeg")
    video = receiver("mjpeg")
    send(video, packets((picture,), "mjpeg"))
    video.flush()
    frames = []
    for data in (picture.nals[0], video.facts.keyframes[0].data):
        decoder = av.CodecContext.create("mjpeg", "r")
        frames += [*decoder.decode(av.Packet(data)), *decoder.decode(None)]

    assert np.array_equal(frames[0].to_ndarray(), frames[1].to_ndarray())
    assert not frames[1].is_corrupt


@pytest.mark.parametrize("quality", [1, 2, 24, 49, 50, 51, 75, 98, 99])
@pytest.mark.parametrize("sampling", SAMPLING)
def test_tables_named_by_q_are_those_of_the_camera(quality, sampling):
    file = _file(quality, sampling=sampling)

    made = _received(payloads_jpeg(file, quality=quality))

    assert Jpeg.of(made).tables == Jpeg.of(file).tables
    assert np.array_equal(_pixels(made), _pixels(file))


def test_q_scales_the_standard_tables():
    assert quantisation_tables(50)[:6] == bytes((16, 11, 12, 14, 12, 10))
    assert set(quantisation_tables(1)[:64]) == {255}
    assert max(quantisation_tables(99)) == 2


@pytest.mark.parametrize("restart", [1, 7])
@pytest.mark.parametrize("quality", [75, 255])
def test_restart_markers_are_announced_again(restart, quality):
    file = _file(75, restart=restart)

    made = _received(payloads_jpeg(file, quality=quality))

    assert Jpeg.of(made).restart == Jpeg.of(file).restart > 0
    assert np.array_equal(_pixels(made), _pixels(file))


def test_tables_of_sixteen_bits_are_taken():
    file = _file(20)
    payloads = list(payloads_jpeg(file))
    tables = b"".join(table for _, table in sorted(Jpeg.of(file).tables.items()))
    wide = b"".join(b"\0" + bytes((value,)) for value in tables)
    payloads[0] = payloads[0][:8] + struct.pack("!BBH", 0, 3, 256) + wide + payloads[0][140:]

    assert np.array_equal(_pixels(_received(payloads)), _pixels(file))


@pytest.mark.parametrize("count", [1, 3])
def test_one_table_serves_all_colours_and_three_serve_one_each(count):
    luma = Jpeg.of(_file(60)).tables[0]
    payloads = list(payloads_jpeg(_file(60)))
    head = struct.pack("!BBH", 0, 0, 64 * count)
    payloads[0] = payloads[0][:8] + head + luma * count + payloads[0][140:]

    made = Jpeg.of(_received(payloads))

    assert made.tables == dict.fromkeys(range(count), luma)


def test_tables_sent_once_serve_the_pictures_that_follow():
    camera = Camera()
    files = [_file(seed=seed) for seed in range(3)]
    for number, file in enumerate(files):
        camera.send(payloads_jpeg(file, quality=200, with_tables=number == 0))

    made = camera.keyframes()

    assert [Jpeg.of(one).tables for one in made] == [Jpeg.of(files[0]).tables] * 3
    assert np.array_equal(_pixels(made[2]), _pixels(files[2]))


@pytest.mark.parametrize("quality", [200, 255])
def test_a_picture_whose_tables_never_came_is_not_whole(quality):
    camera = Camera()
    camera.send(payloads_jpeg(_file(), quality=quality, with_tables=False))

    assert camera.keyframes() == []
    assert "quantisation tables" in (camera.video.facts.incomplete or "")


@pytest.mark.parametrize("missing", [0, 9, -1])
def test_a_picture_with_a_hole_is_never_whole(missing):
    pictures = encode("mjpeg", frames=4)
    groups = packets(pictures, "mjpeg")
    hole = missing % len(groups[1])
    groups[1] = groups[1][:hole] + groups[1][hole + 1 :]
    video = receiver("mjpeg")

    send(video, groups, every_s=2.0)
    video.flush()

    whole = [unit.rtp_time - 90_000_000 for unit in video.facts.keyframes]
    assert whole == [picture.time for picture in pictures if picture is not pictures[1]]
    assert video.units.pictures == 4


def test_pictures_end_without_a_single_marker():
    video = receiver("mjpeg")

    send(video, packets(encode("mjpeg", frames=4), "mjpeg", marker=False), every_s=2.0)
    video.flush()

    assert len(video.facts.keyframes) == 3
    assert video.facts.incomplete == "its end was not seen"


def test_a_fragment_that_does_not_follow_is_not_taken():
    payloads = list(payloads_jpeg(_file()))
    payloads[2] = payloads[1]

    camera = Camera()
    camera.send(payloads)

    assert camera.keyframes() == []
    assert "expected byte 2400" in (camera.video.facts.incomplete or "")


def test_the_same_scan_has_the_same_hash_with_and_without_its_end():
    camera = Camera()
    for file in (_file(), _file()[:-2], _file(seed=2)):
        camera.send(payloads_jpeg(file))
    camera.video.flush()
    first, second, third = (unit.vcl_hash for unit in camera.video.facts.keyframes)

    assert first == second != third


def test_two_pictures_within_a_second_are_one_proof():
    video = receiver("mjpeg")

    send(video, packets(encode("mjpeg", still=True), "mjpeg"), every_s=0.1)
    video.flush()

    arrivals = [unit.arrived for unit in video.facts.keyframes]
    assert arrivals == pytest.approx([10.0, 11.0, 12.0])
    assert len({unit.vcl_hash for unit in video.facts.keyframes}) == 1


def test_two_fields_of_one_time_are_one_picture():
    camera = Camera()
    camera.send([*payloads_jpeg(_file(seed=1)), *payloads_jpeg(_file(seed=2))])
    camera.send(payloads_jpeg(_file(seed=3)))

    assert camera.video.units.pictures == 2
    assert np.array_equal(_pixels(camera.keyframes()[0]), _pixels(_file(seed=1)))


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (4, 2, "JPEG type 2 is not supported"),
        (4, 128, "JPEG type 128"),
        (5, 0, "quality 0 is reserved"),
        (5, 127, "quality 127 is reserved"),
        (6, 0, "2040 pixels"),
        (7, 0, "2040 pixels"),
    ],
)
def test_what_cannot_be_read_is_named(place, value, words):
    payload = bytearray(next(payloads_jpeg(_file(), quality=75)))
    payload[place] = value

    video = Camera().send([bytes(payload)])

    assert words in (video.unsupported or "")


@pytest.mark.parametrize("said", ["26 2592-1944", "2592,1944", " 96 2592 - 1944 "])
def test_a_side_of_more_than_2040_pixels_is_taken_from_the_description(said):
    noise = np.random.default_rng(1).integers(0, 255, (18, 24, 3), np.uint8)
    image = cv2.resize(noise, (2592, 1944), interpolation=cv2.INTER_CUBIC)
    file = bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 75])[1])
    camera = Camera({"framesize": said})
    camera.send(payloads_jpeg(file, 60_000))
    camera.send(payloads_jpeg(file, 60_000))

    assert camera.video.size == Size(2592, 1944)
    assert np.array_equal(_pixels(camera.keyframes()[0]), _pixels(file))


@pytest.mark.parametrize("said", ["", "26", "0-0", "99999-1944", "wide", "26 2592-1944-3"])
def test_a_size_that_cannot_be_read_is_none(said):
    payload = bytearray(next(payloads_jpeg(_file(), quality=75)))
    payload[6] = 0

    video = Camera({"framesize": said}).send([bytes(payload)])

    assert "2040 pixels" in (video.unsupported or "")


@pytest.mark.parametrize("length", range(8, 12))
def test_a_restart_header_that_is_cut_off_is_unreadable(length):
    payload = next(payloads_jpeg(_file(restart=4), quality=75))

    with pytest.raises(Unreadable, match="restart header"):
        parse_start(memoryview(payload[:length]))


@pytest.mark.parametrize("cut", range(1, 140, 7))
def test_a_header_that_is_cut_off_is_no_picture(cut):
    camera = Camera()
    camera.send([next(payloads_jpeg(_file()))[:cut]])

    assert camera.keyframes() == []
    assert camera.video.unsupported is None


def test_another_size_in_mid_stream_is_noted():
    camera = Camera()
    camera.send(payloads_jpeg(_file()))
    assert not camera.video.units.shape.changed
    payload = bytearray(next(payloads_jpeg(_file(), quality=75)))
    payload[6] = 80

    camera.send([bytes(payload)])

    assert camera.video.units.shape.changed
    assert camera.video.size == Size(640, 240)


def test_a_picture_that_never_ends_is_bounded():
    camera = Camera()
    first = next(payloads_jpeg(_file(), quality=75))
    body = b"\x77" * 60_000
    fragments = [first[:8]]
    for number in range(MAX_UNIT_BYTES // 60_000 + 20):
        fragments.append(struct.pack("!I", number * 60_000) + first[4:8] + body)

    camera.send(fragments)

    assert camera.keyframes() == []
    assert camera.video.facts.incomplete == f"it is larger than {MAX_UNIT_BYTES} bytes"
