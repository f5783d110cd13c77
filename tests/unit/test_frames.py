"""The last pictures: within their budget, the ones that nobody looks at go first."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.frames import Frames
from registry.live import Frame
from registry.look import FeedKey

A, B, C = (FeedKey(code, "main") for code in "abc")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def frame(size: int) -> Frame:
    return Frame(b"\xff" * size, NOW)


def test_the_budget_holds_and_the_oldest_picture_makes_room():
    frames = Frames(250)

    for key in (A, B, C):
        frames.put(key, frame(100))

    assert frames.get(A) is None
    assert frames.get(B) is not None
    assert (len(frames), frames.bytes) == (2, 200)


def test_a_picture_that_somebody_looked_at_stays():
    frames = Frames(250)
    frames.put(A, frame(100))
    frames.put(B, frame(100))

    frames.get(A)
    frames.put(C, frame(100))

    assert frames.get(A) is not None
    assert frames.get(B) is None


def test_a_new_picture_replaces_the_one_before():
    frames = Frames(250)

    for size in (100, 200, 50):
        frames.put(A, frame(size))

    assert frames.bytes == 50


def test_without_a_budget_nothing_is_kept():
    frames = Frames(0)

    frames.put(A, frame(1))

    assert (frames.get(A), frames.bytes) == (None, 0)


def test_what_is_forgotten_frees_its_room():
    frames = Frames(250)
    frames.put(A, frame(100))

    frames.forget(A)
    frames.forget(A)

    assert (frames.get(A), frames.bytes) == (None, 0)
