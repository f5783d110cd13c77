from __future__ import annotations

from pathlib import Path

import pytest

from monitor.media.h264 import PPS, parse_pps
from monitor.simulator.cache import cache_folder, load, load_library, save
from monitor.simulator.clips import FULL, SHORT, Catalogue, ClipSpec, Scene
from monitor.simulator.making import make_clip
from monitor.simulator.scenes import Painter
from registry.vocabulary import Codec

TINY = Catalogue(live=(Scene.YARD_DAY,), live_seconds=2, special_seconds=1)


@pytest.mark.parametrize("codec", [Codec.H264, Codec.H265])
def test_clip_is_closed_gops_of_a_second_led_by_a_keyframe(codec: Codec) -> None:
    spec = ClipSpec(scene=Scene.STREET_DUSK, codec=codec, seconds=3)

    clip = make_clip(spec)

    assert [unit.keyframe for unit in clip.units] == ([True] + [False] * 9) * 3
    assert len({unit.payloads for unit in clip.units}) == 30
    assert len(clip.parameter_sets) == (3 if codec is Codec.H265 else 2)
    assert all(set(clip.parameter_sets) <= set(u.payloads) for u in clip.units if u.keyframe)


@pytest.mark.parametrize("main_profile", [True, False])
def test_clips_are_of_the_profile_that_was_asked_for(main_profile: bool) -> None:
    spec = ClipSpec(scene=Scene.YARD_DAY, codec=Codec.H264, seconds=1, main_profile=main_profile)

    (pps,) = (nal for nal in make_clip(spec).parameter_sets if nal[0] & 31 == PPS)

    assert parse_pps(pps).cabac is main_profile


def test_cached_clip_is_the_clip_that_was_made(tmp_path: Path) -> None:
    made = make_clip(ClipSpec(scene=Scene.YARD_DAY, codec=Codec.H264, seconds=1))

    save(made, tmp_path)

    assert load(made.spec, tmp_path) == made
    assert [path.name for path in tmp_path.iterdir()] == [made.spec.file_name]


def test_damaged_cache_files_are_made_anew(tmp_path: Path) -> None:
    first = load_library(TINY, tmp_path)
    for keep, path in zip((0, 1000), sorted(tmp_path.iterdir()), strict=False):
        path.write_bytes(path.read_bytes()[:keep])

    assert load_library(TINY, tmp_path) == first


def test_other_parameters_are_another_clip() -> None:
    spec = ClipSpec(scene=Scene.YARD_DAY, codec=Codec.H264, seconds=1)

    keys = {spec.key, ClipSpec(scene=spec.scene, codec=spec.codec, seconds=2).key}

    assert len(keys) == 2


def test_library_reports_progress_and_holds_every_clip(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    library = load_library(TINY, tmp_path, lambda ready, of: seen.append((ready, of)))

    count = len(list(TINY.specs()))
    assert seen == [(n + 1, count) for n in range(count)]
    assert library.other_size(Codec.H265).spec.width == 320
    assert library.special(Codec.H265, Scene.BLACK).spec.scene is Scene.BLACK
    assert library.live(Codec.H264, 12345).spec.scene is Scene.YARD_DAY


@pytest.mark.parametrize("catalogue", [FULL, SHORT])
def test_live_clips_last_a_prime_number_of_seconds(catalogue: Catalogue) -> None:
    seconds = catalogue.live_seconds

    assert all(seconds % n for n in range(2, seconds))


def test_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/somebody")
    assert cache_folder() == Path("/var/cache/somebody/camreach")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert cache_folder() == Path("/home/somebody/.cache/camreach")


@pytest.mark.parametrize("scene", list(FULL.live))
def test_live_scene_is_well_lit_noisy_and_moves(scene: Scene) -> None:
    painter = Painter(scene, 640, 360, 97)
    frames = [painter.frame(at_s)[:360].astype(int) for at_s in (0.0, 0.1, 30.0)]

    assert all(60 < frame.mean() < 190 for frame in frames)
    assert all(frame.std() > 20 for frame in frames)
    assert (frames[0] != frames[1]).mean() > 0.5
    assert (abs(frames[0] - frames[2]) > 25).mean() > 0.005
