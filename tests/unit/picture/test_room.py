"""The memory that pool and child share."""

from __future__ import annotations

import os

import pytest

from monitor.picture.room import Room, read_end
from monitor.picture.wire import MAX_KEYFRAME_BYTES


def test_what_is_laid_there_is_read_at_the_other_end_and_cannot_be_written_there():
    room = Room()
    there = read_end(os.dup(room.fd))

    room.lay(b"a keyframe")
    room.lay(b"another")

    assert bytes(there[:7]) == b"another"
    assert len(there) == MAX_KEYFRAME_BYTES
    assert there.readonly
    room.close()


def test_a_child_that_was_taken_over_cannot_cut_the_room_off_under_its_parent():
    room = Room()

    for size in (0, 2 * MAX_KEYFRAME_BYTES):
        with pytest.raises(PermissionError):
            os.ftruncate(room.fd, size)
    room.lay(b"x" * MAX_KEYFRAME_BYTES)
    room.close()


def test_a_room_may_be_closed_twice():
    room = Room()
    room.close()
    before = os.open(os.devnull, os.O_RDONLY)

    room.close()

    os.close(before)  # it was not closed under us
