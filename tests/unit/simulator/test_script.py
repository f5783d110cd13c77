from __future__ import annotations

from itertools import islice, pairwise

import pytest

from monitor.simulator.behaviour import Behaviour, SimulatedCamera
from monitor.simulator.channel import Channel
from monitor.simulator.clips import ClipLibrary
from monitor.simulator.script import Cue, Ending, Script, write_script
from registry.vocabulary import Codec


def cues(script: Script, count: int) -> list[Cue]:
    return [cue for cue in islice(script, count) if isinstance(cue, Cue)]


@pytest.mark.parametrize("codec", [Codec.H264, Codec.H265])
def test_live_never_shows_one_keyframe_twice_running_even_where_the_clip_begins_again(
    library: ClipLibrary, codec: Codec
) -> None:
    clip = library.live(codec, 0)

    played = cues(write_script(Behaviour.LIVE, clip, 5, 0), len(clip.units) + 25)

    keyframes = [cue.unit.payloads for cue in played if cue.unit.keyframe]
    assert len(keyframes) == len(clip.units) / 10 + 2
    assert all(earlier != later for earlier, later in pairwise(keyframes))
    assert len(set(keyframes)) == len(clip.units) / 10


def test_live_begins_where_the_clock_stands_and_keeps_time(library: ClipLibrary) -> None:
    clip = library.live(Codec.H264, 0)

    played = cues(write_script(Behaviour.LIVE, clip, 128, 0), 4)

    assert [cue.unit for cue in played] == [clip.units[n] for n in (128, 129, 0, 1)]
    assert [cue.at_s for cue in played] == [0.0, 0.1, 0.2, 0.3]
    assert [cue.frame for cue in played] == [0, 1, 2, 3]


def test_frozen_shows_one_gop_wherever_it_is_joined(library: ClipLibrary) -> None:
    clip = library.live(Codec.H264, 0)

    joined = [cues(write_script(Behaviour.FROZEN, clip, at, 47), 30) for at in (3, 88)]

    assert all([c.unit for c in played] == list(clip.units[40:50]) * 3 for played in joined)
    assert [cue.frame for cue in joined[0]] == list(range(30))


def test_burst_only_hands_out_a_whole_gop_at_once(library: ClipLibrary) -> None:
    clip = library.live(Codec.H264, 0)

    *played, ending = write_script(Behaviour.BURST_ONLY, clip, 47, 0)

    assert [c.unit for c in played if isinstance(c, Cue)] == list(clip.units[30:40])
    assert {c.at_s for c in played if isinstance(c, Cue)} == {0.0}
    assert ending is Ending.SILENCE


def test_burst_then_live_goes_on_without_a_gap(library: ClipLibrary) -> None:
    clip = library.live(Codec.H264, 0)

    played = cues(write_script(Behaviour.BURST_THEN_LIVE, clip, 47, 0), 20)

    assert [cue.unit for cue in played] == list(clip.units[30:50])
    assert [cue.at_s for cue in played] == [0.0] * 17 + [0.1, 0.2, 0.3]


def test_missing_keyframes_leave_their_time_empty(library: ClipLibrary) -> None:
    clip = library.live(Codec.H264, 0)

    played = cues(write_script(Behaviour.NO_KEYFRAME, clip, 0, 0), 27)

    assert not any(cue.unit.keyframe for cue in played)
    assert [cue.frame for cue in played] == [n for n in range(30) if n % 10]


def test_slow_keyframe_comes_after_four_seconds(library: ClipLibrary) -> None:
    clip = library.live(Codec.H264, 0)

    first = next(
        cue
        for cue in write_script(Behaviour.SLOW_KEYFRAME, clip, 3, 0)
        if isinstance(cue, Cue) and cue.unit.keyframe
    )

    assert first.at_s == 4.7


@pytest.mark.parametrize(
    ("behaviour", "ending"),
    [
        (Behaviour.HANGS_MID_STREAM, Ending.SILENCE),
        (Behaviour.CLOSES_MID_STREAM, Ending.CLOSE),
        (Behaviour.ENDS_WITH_BYE, Ending.BYE),
    ],
)
def test_cut_short_after_two_frames(
    library: ClipLibrary, behaviour: Behaviour, ending: Ending
) -> None:
    *played, last = write_script(behaviour, library.live(Codec.H264, 0), 8, 0)

    assert len(played) == 2
    assert last is ending


def test_every_behaviour_has_a_script(library: ClipLibrary) -> None:
    clip = library.live(Codec.H264, 0)

    assert all(next(write_script(b, clip, 0, 0)) is not None for b in Behaviour)


def test_scene_and_place_follow_from_the_code_alone(library: ClipLibrary) -> None:
    def first(code: str) -> Cue:
        channel = Channel(SimulatedCamera(code=code), library, "/stream")
        return cues(channel.script(100.0), 1)[0]

    firsts = [first(f"CAM-{n}").unit for n in range(40)]

    assert firsts == [first(f"CAM-{n}").unit for n in range(40)]
    assert len({unit.payloads for unit in firsts}) > 30


def test_going_over_in_mid_stream_begins_with_a_keyframe(library: ClipLibrary) -> None:
    channel = Channel(SimulatedCamera(code="CAM"), library, "/stream")

    channel.behave(Behaviour.BLACK, 50.0)

    assert cues(channel.script(50.0, from_keyframe=True), 1)[0].unit.keyframe
