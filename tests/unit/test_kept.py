"""The looks that are kept of a feed: how many, and how little of each."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.heap import give_back
from monitor.kept import KEPT_LOOKS, Looks, StageTimes, keep
from registry.look import Finding, Look, Video
from registry.vocabulary import Answer, Depth, Reason, Stage

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def look(**seen) -> Look:
    return Look(depth=Depth.LIVENESS, started_at=NOW, duration_s=0.1, **seen)


def test_the_newest_comes_first_and_the_oldest_scrolls_out():
    kept: Looks = ()

    for number in range(KEPT_LOOKS + 2):
        kept = keep(look(bytes_received=number), kept)

    assert [one.bytes_received for one in kept] == [6, 5, 4, 3, 2]


def test_only_a_failing_look_keeps_its_conversation():
    (good,) = keep(look(log=("+0.0 > DESCRIBE",)), ())
    (bad,) = keep(look(log=("+0.0 > DESCRIBE",), failure=Reason.TIMEOUT), ())

    assert good.log == ()
    assert bad.log == ("+0.0 > DESCRIBE",)


def test_what_equals_the_look_before_is_held_once():
    def seen() -> Look:
        findings = {Reason.BLACK: Finding(Answer.OK, value=9.5)}
        return look(video=Video(width=640), findings=findings, server="".join(("Hipcam", "/1.0")))

    after, before = keep(seen(), keep(seen(), ()))

    assert after.video is before.video
    assert after.findings is before.findings
    assert after.server is before.server


def test_what_differs_from_the_look_before_stays_as_it_was_seen():
    kept = keep(look(video=Video(lost=4), quirks=("on_demand",)), keep(look(), ()))

    assert kept[0].video.lost == 4
    assert kept[0].quirks == ("on_demand",)


def test_what_says_something_of_a_failing_look_is_all_kept():
    seen = look(
        failure=Reason.TIMEOUT,
        detail="no answer to SETUP within 10 s",
        transport="tcp",
        certificate_expires_at=NOW,
        stages={Stage.CONNECT: 0.5},
        video=Video(frames=3),
        first_frame_s=0.25,
        clock_offset_s=-2.0,
        bytes_received=4_096,
        findings={Reason.BLACK: Finding(Answer.OK)},
        quirks=("on_demand",),
        server="Hipcam/1.0",
        log=("+0.0 > DESCRIBE",),
        signed_attempt=True,
        attempted=False,
        lingers_s=60.0,
    )

    (kept,) = keep(seen, ())

    assert kept == replace(seen, stages=kept.stages)
    assert dict(kept.stages) == seen.stages
    unset = [each.name for each in fields(seen) if getattr(seen, each.name) == each.default]
    assert unset == ["keyframe_hash", "keyframes"]


@given(st.dictionaries(st.sampled_from(Stage), st.floats(0, 100, width=32)))
def test_stage_times_are_the_mapping_they_were_made_of(stages):
    assert dict(StageTimes(stages)) == stages
    assert len(StageTimes(stages)) == len(stages)


def test_a_stage_that_was_not_reached_has_no_time():
    with pytest.raises(KeyError):
        StageTimes({Stage.CONNECT: 0.5})[Stage.PLAY]


def test_giving_memory_back_works_where_the_c_library_can():
    assert give_back()
