"""Each finding on pictures generated to be hard for it."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.picture import checks
from monitor.picture.checks import Picture
from monitor.picture.values import Expected
from registry.vocabulary import Answer, Codec, Reason
from tests.unit.picture import scenes

HD = (1920, 1080)
ALL = {
    Reason.BLACK: Answer.OK,
    Reason.TOO_DARK: Answer.OK,
    Reason.TOO_BRIGHT: Answer.OK,
}


def coded_range(luma: scenes.Gray) -> scenes.Gray:
    """Full-scale levels as video codes them: 16-235."""
    return (16 + luma.astype(float) * 219 / 255).round().astype(np.uint8)


def answers(luma: scenes.Gray, full_range: bool = True) -> dict[Reason, Answer]:
    findings, _ = checks.judge(Picture(luma, None, full_range), Codec.H264, Expected())
    return {reason: findings[reason].answer for reason in ALL}


@pytest.mark.parametrize("size", [scenes.SIZE, HD], ids=["360p", "1080p"])
@pytest.mark.parametrize(
    "scene",
    [scenes.street, scenes.fog, scenes.wall, scenes.snowy_yard],
    ids=lambda scene: scene.__name__,
)
def test_usable_scenes_have_no_brightness_finding(scene, size):
    assert answers(scene(size)) == ALL


@pytest.mark.parametrize("size", [scenes.SIZE, HD], ids=["360p", "1080p"])
@pytest.mark.parametrize(
    ("picture", "found"),
    [
        (scenes.black, Reason.BLACK),
        (lambda size: scenes.black(size, sigma=0.0), Reason.BLACK),
        (lambda size: scenes.captioned(scenes.black(size)), Reason.BLACK),
        (scenes.night_street, Reason.TOO_DARK),
        (lambda size: scenes.captioned(scenes.night_street(size)), Reason.TOO_DARK),
        (scenes.dusk, Reason.TOO_DARK),
        (scenes.overexposed, Reason.TOO_BRIGHT),
        (lambda size: scenes.captioned(scenes.overexposed(size)), Reason.TOO_BRIGHT),
    ],
    ids=[
        "sensor noise",
        "nothing at all",
        "caption over black",
        "lamps in a black street",
        "caption over lamps",
        "dusk",
        "overexposed",
        "caption over overexposed",
    ],
)
def test_poor_scene_has_exactly_its_finding(picture, found, size):
    assert answers(picture(size)) == ALL | {found: Answer.FOUND}


def test_a_lit_street_at_night_is_not_too_dark():
    picture = scenes.night_street().astype(float)
    picture[200:330, 50:590] += 90 * np.sin(np.linspace(0, np.pi, 540)) ** 2

    assert answers(np.clip(picture, 0, 255).astype(np.uint8)) == ALL


def test_one_lit_window_in_a_black_yard_is_not_black():
    picture = scenes.black(HD, sigma=2.0)
    picture[500:506, 900:906] = 160

    assert answers(picture)[Reason.BLACK] is Answer.OK


def test_a_hot_pixel_does_not_make_a_black_picture_visible():
    picture = scenes.black(HD, sigma=2.0)
    picture[500, 900] = 255

    assert answers(picture)[Reason.BLACK] is Answer.FOUND


@pytest.mark.parametrize("scene", [scenes.street, scenes.black, scenes.overexposed, scenes.dusk])
def test_the_coded_range_does_not_change_the_findings(scene):
    luma = scene()

    assert answers(coded_range(luma), full_range=False) == answers(luma, full_range=True)


def test_brightness_for_the_memory_is_on_the_full_scale():
    luma = coded_range(scenes.wall())

    _, seen = checks.judge(Picture(luma, None, full_range=False), Codec.H264, Expected())

    assert seen.mean == pytest.approx(165, abs=1)
    assert seen.sigma == pytest.approx(2, abs=0.5)
    assert seen.p99 == pytest.approx(170, abs=2)


@pytest.mark.parametrize("shape", [(1, 1), (2, 7), (16, 16), (4000, 3)])
def test_odd_sizes_are_judged_too(shape):
    assert answers(np.full(shape, 120, np.uint8)) == ALL


def profile(expected: Expected, width: int = 1920, height: int = 1080) -> Answer:
    return checks.find_wrong_profile(Codec.H264, width, height, expected).answer


def test_profile_is_not_checkable_when_nothing_is_expected():
    assert profile(Expected()) is Answer.NOT_CHECKABLE


@pytest.mark.parametrize(
    "expected",
    [Expected(Codec.H264), Expected(None, 1920, 1080), Expected(Codec.H264, 1920, 1080)],
)
def test_profile_as_expected_is_ok(expected):
    assert profile(expected) is Answer.OK


@pytest.mark.parametrize(
    "expected",
    [Expected(Codec.H265), Expected(None, 2560, 1440), Expected(None, 1920, 1072)],
)
def test_other_codec_or_size_is_a_wrong_profile(expected):
    assert profile(expected) is Answer.FOUND


def test_a_forgotten_cropping_window_is_not_a_wrong_profile():
    assert profile(Expected(Codec.H264, 1920, 1080), height=1088) is Answer.OK


def test_area_the_decoder_never_wrote_is_measured():
    luma, u, v = (np.full(shape, 128, np.uint8) for shape in ((360, 640), (180, 320), (180, 320)))
    for plane in (luma, u, v):
        plane[plane.shape[0] * 3 // 4 :] = 0

    assert checks.undecoded_share(Picture(luma, (u, v), False)) == pytest.approx(0.25)


def test_a_black_picture_is_not_taken_for_undecoded():
    neutral = np.full((180, 320), 128, np.uint8)

    picture = Picture(np.zeros((360, 640), np.uint8), (neutral, neutral), False)

    assert checks.undecoded_share(picture) == 0.0


def test_judging_leaves_the_picture_alone():
    luma = scenes.street()
    before = luma.copy()

    answers(luma)

    assert np.array_equal(luma, before)
