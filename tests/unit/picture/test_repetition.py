"""F1: equal coded keyframes count only when they are surely of different GOPs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.picture.repetition import Repetition, judge_repetition
from monitor.picture.values import PictureMemory
from registry.look import Keyframe
from registry.vocabulary import Answer, Codec

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def keyframe(vcl_hash: str, gop: int = 0, at_s: float = 0.0) -> Keyframe:
    return Keyframe(
        codec=Codec.H264,
        data=b"",
        vcl_hash=vcl_hash,
        rtp_time=int(at_s * 90_000) % 2**32,
        arrived_s=100.0 + at_s,
        gop=gop,
    )


def look(memory: PictureMemory, at_s: float, *keyframes: Keyframe) -> Repetition:
    return judge_repetition(keyframes, memory, NOON + timedelta(seconds=at_s))


def test_first_keyframe_ever_cannot_be_compared():
    seen = look(PictureMemory(), 0, keyframe("a"))

    assert seen.finding.answer is Answer.NOT_CHECKABLE
    assert seen.finding.why == "no earlier keyframe to compare with"
    assert not seen.suspected


def test_two_equal_keyframes_of_two_gops_are_frozen_without_any_memory():
    seen = look(PictureMemory(), 0, keyframe("a", 0, 0), keyframe("a", 1, 2))

    assert seen.finding.answer is Answer.FOUND
    assert seen.finding.value == 2.0


def test_two_different_keyframes_in_one_session_are_not_frozen():
    memory = look(PictureMemory(), 0, keyframe("b")).memory

    seen = look(memory, 600, keyframe("a", 0, 0), keyframe("b", 1, 2))

    assert seen.finding.answer is Answer.OK


@pytest.mark.parametrize(
    "second",
    [keyframe("a", 0, 2), replace(keyframe("a", 1, 0), arrived_s=102.0)],
    ids=["same gop", "same rtp time"],
)
def test_equal_keyframes_not_surely_of_two_gops_count_as_one(second):
    seen = look(PictureMemory(), 0, keyframe("a", 0, 0), second)

    assert seen.finding.answer is Answer.NOT_CHECKABLE


def test_a_jpeg_sent_twice_is_not_frozen_and_one_that_stays_is():
    first, twin, next_one, stale = (
        replace(keyframe(vcl_hash, gop, at_s), codec=Codec.MJPEG)
        for vcl_hash, gop, at_s in (("a", 0, 0), ("a", 1, 0.04), ("b", 2, 0.08), ("a", 25, 1))
    )

    assert look(PictureMemory(), 0, first, twin).finding.answer is Answer.NOT_CHECKABLE
    assert look(PictureMemory(), 0, first, twin, next_one).finding.answer is Answer.OK
    assert look(PictureMemory(), 0, first, twin, stale).finding.answer is Answer.FOUND


def test_a_keyframe_other_than_the_remembered_one_is_fresh():
    memory = look(PictureMemory(), 0, keyframe("a")).memory

    seen = look(memory, 1, keyframe("b"))

    assert seen.finding.answer is Answer.OK


def test_the_same_keyframe_in_a_close_look_is_only_a_suspicion():
    memory = look(PictureMemory(), 0, keyframe("a")).memory

    seen = look(memory, 59, keyframe("a"))

    assert seen.finding.answer is Answer.NOT_CHECKABLE
    assert seen.finding.why
    assert seen.suspected


def test_the_same_keyframe_a_minute_later_is_frozen():
    memory = look(PictureMemory(), 0, keyframe("a")).memory

    seen = look(memory, 60, keyframe("a", at_s=7))

    assert seen.finding.answer is Answer.FOUND
    assert seen.finding.value == 60.0
    assert not seen.suspected


def test_looks_closer_than_two_keyframe_intervals_leave_a_suspicion():
    memory = look(PictureMemory(), 0, keyframe("x", 0, 0), keyframe("a", 1, 50)).memory

    close = look(memory, 99, keyframe("a"))
    far = look(memory, 100, keyframe("a"))

    assert memory.keyframe_interval_s == 50.0
    assert close.suspected
    assert far.finding.answer is Answer.FOUND


def test_an_interval_known_from_elsewhere_counts_too():
    memory = look(PictureMemory(), 0, keyframe("a")).memory

    seen = judge_repetition([keyframe("a")], memory, NOON + timedelta(seconds=200), 120.0)

    assert seen.suspected


def test_a_keyframe_of_the_same_rtp_time_is_the_very_same_one_handed_out_again():
    memory = look(PictureMemory(), 0, keyframe("a")).memory

    seen = look(memory, 3600, keyframe("a"))

    assert seen.finding.answer is Answer.NOT_CHECKABLE
    assert seen.suspected


def test_many_close_looks_at_one_keyframe_add_up():
    memory = look(PictureMemory(), 0, keyframe("a")).memory
    for at_s in (20, 40):
        memory = look(memory, at_s, keyframe("a", at_s=at_s)).memory

    seen = look(memory, 60, keyframe("a", at_s=7))

    assert seen.finding.answer is Answer.FOUND


def test_a_change_between_two_equal_keyframes_starts_anew():
    memory = look(PictureMemory(), 0, keyframe("a")).memory
    memory = look(memory, 50, keyframe("b")).memory

    seen = look(memory, 70, keyframe("a"))
    again = look(seen.memory, 90, keyframe("a"))

    assert seen.finding.answer is Answer.OK
    assert again.suspected


def test_a_clock_that_went_back_leaves_a_suspicion():
    memory = look(PictureMemory(), 0, keyframe("a")).memory

    seen = look(memory, -3600, keyframe("a"))

    assert seen.suspected


def test_keyframe_interval_survives_the_wrap_of_rtp_time():
    early = replace(keyframe("a", 0, 0), rtp_time=2**32 - 90_000)
    late = replace(keyframe("b", 1, 4), rtp_time=3 * 90_000)

    seen = look(PictureMemory(), 0, early, late)

    assert seen.memory.keyframe_interval_s == 4.0


def test_an_absurd_rtp_jump_is_not_taken_for_an_interval():
    late = replace(keyframe("b", 1, 4), rtp_time=2**31)

    seen = look(PictureMemory(), 0, keyframe("a"), late)

    assert seen.memory.keyframe_interval_s == 4.0


def test_memory_keeps_when_the_picture_last_changed():
    memory = look(PictureMemory(), 0, keyframe("a")).memory
    memory = look(memory, 30, keyframe("a")).memory

    assert memory.changed_at == NOON
    assert memory.arrived_at == NOON + timedelta(seconds=30)
