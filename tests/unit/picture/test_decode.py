"""What the child makes of coded pictures: whole, damaged, in every codec and range."""

from __future__ import annotations

import random

import numpy as np
import pytest

from monitor.picture import checks, decode, samples, wire, worker
from monitor.picture.decode import Undecodable
from monitor.picture.values import Expected
from registry.vocabulary import Answer, Codec, Reason
from tests.unit.picture import scenes

CODECS = tuple(Codec)


@pytest.fixture(autouse=True)
def quiet_decoder() -> None:
    decode.silence()


def judged(codec: Codec, data: bytes) -> wire.Seen:
    return worker.judge(wire.Job(1, codec, Expected(), True, data))


@pytest.mark.parametrize("codec", CODECS)
def test_a_keyframe_of_each_codec_is_seen_at_its_size(codec):
    seen = judged(codec, scenes.coded(codec, scenes.street((656, 368))))

    assert (seen.width, seen.height) == (656, 368)
    assert seen.luma.mean == pytest.approx(scenes.street((656, 368)).mean(), abs=3)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize(
    ("scene", "found"),
    [
        (scenes.street, set()),
        (scenes.fog, set()),
        (scenes.wall, set()),
        (scenes.black, {Reason.BLACK}),
        (scenes.night_street, {Reason.TOO_DARK}),
        (scenes.dusk, {Reason.TOO_DARK}),
        (scenes.overexposed, {Reason.TOO_BRIGHT}),
    ],
)
def test_findings_survive_coding(codec, scene, found):
    seen = judged(codec, scenes.coded(codec, scene()))

    assert {r for r, f in seen.findings.items() if f.answer is Answer.FOUND} == found


@pytest.mark.parametrize("pixel_format", ["yuv422p", "yuv444p", "yuv420p10le", "gray"])
def test_other_pixel_formats_are_judged_alike(pixel_format):
    usual = judged(Codec.H265, scenes.coded(Codec.H265, scenes.street()))

    seen = judged(Codec.H265, scenes.coded(Codec.H265, scenes.street(), pixel_format))

    assert seen.luma.mean == pytest.approx(usual.luma.mean, abs=2)


@pytest.mark.parametrize("codec", [Codec.H264, Codec.H265])
def test_a_random_access_point_that_is_no_idr_is_seen(codec):
    data = scenes.later_random_access_point(codec)

    assert judged(codec, data).luma.mean == pytest.approx(scenes.street().mean(), abs=6)


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Truncated, or with a few bits turned over, after the parameter sets."""
    if chance.random() < 0.5:
        return data[: chance.randrange(len(data) // 4, len(data) - 40)]
    changed = bytearray(data)
    for _ in range(3):
        changed[chance.randrange(len(data) // 10, len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


@pytest.mark.parametrize("codec", CODECS)
def test_a_damaged_keyframe_never_gives_a_wrong_finding(codec):
    data, chance = scenes.coded(codec, scenes.street()), random.Random(7)
    wrong, refused = set(), 0
    for _ in range(120):
        try:
            seen = judged(codec, damaged(data, chance))
        except Undecodable:
            refused += 1
        else:
            wrong |= {r for r, f in seen.findings.items() if f.answer is Answer.FOUND}

    assert wrong == set()
    assert refused >= 40


@pytest.mark.parametrize("data", [b"", b"\0\0\1", b"\0" * 1000, b"GIF89a", bytes(range(256)) * 20])
@pytest.mark.parametrize("codec", CODECS)
def test_garbage_is_refused(codec, data):
    with pytest.raises(Undecodable):
        judged(codec, data)


@pytest.mark.parametrize("size", [(640, 360), (2560, 1440), (360, 640), (64, 2000), (32, 32)])
def test_snapshot_is_small_and_keeps_its_shape(size):
    rough = np.random.default_rng(1).integers(0, 255, (size[1], size[0]), np.uint8)

    snapshot = judged(Codec.MJPEG, scenes.coded(Codec.MJPEG, rough)).snapshot

    assert snapshot is not None
    assert len(snapshot) <= wire.MAX_SNAPSHOT_BYTES
    shown = decode.decode_keyframe(Codec.MJPEG, snapshot)
    assert shown.width <= decode.SNAPSHOT_WIDTH
    assert shown.width / shown.height == pytest.approx(size[0] / size[1], rel=0.05)


def test_snapshot_shows_the_picture():
    snapshot = judged(Codec.H264, scenes.coded(Codec.H264, scenes.street())).snapshot

    assert snapshot is not None
    luma = decode.picture_of(decode.decode_keyframe(Codec.MJPEG, snapshot)).luma
    assert luma.mean() == pytest.approx(scenes.street().mean(), abs=6)


def test_no_snapshot_is_made_unless_wanted():
    data = scenes.coded(Codec.H264, scenes.street())

    assert worker.judge(wire.Job(1, Codec.H264, Expected(), False, data)).snapshot is None


def test_samples_for_warming_are_whole():
    for codec, data in samples.SAMPLES.items():
        picture = decode.picture_of(decode.decode_keyframe(codec, data))
        assert (picture.width, picture.height) == (32, 32)
        assert checks.undecoded_share(picture) == 0.0
