"""The memory of a feed's pictures survives storage, and nothing foreign gets into it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.picture.values import Luma, PictureMemory

FULL = PictureMemory(
    keyframe_hash="ab12",
    rtp_time=4_294_967_295,
    arrived_at=datetime(2026, 11, 22, 12, 0, 0, 5, tzinfo=UTC),
    changed_at=datetime(2026, 11, 22, 11, 0, tzinfo=UTC),
    keyframe_interval_s=4.0,
    width=1920,
    height=1080,
    luma=Luma(100.5, 40.25, 220.0),
)


@pytest.mark.parametrize("memory", [FULL, PictureMemory()], ids=["full", "empty"])
def test_memory_comes_back_as_it_was_stored(memory):
    assert PictureMemory.from_json(memory.to_json()) == memory


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        '{"keyframe_hash": "a"}',
        '{"v": 2, "keyframe_hash": "a"}',
        '{"v": 1, "keyframe_hash": 7}',
        '{"v": 1, "rtp_time": -1}',
        '{"v": 1, "rtp_time": true}',
        '{"v": 1, "changed_at": "2026-11-22T12:00:00"}',
        '{"v": 1, "changed_at": "yesterday"}',
        '{"v": 1, "luma": {"mean": 1}}',
        '{"v": 1, "luma": {"mean": NaN, "sigma": 1, "p99": 1}}',
    ],
)
def test_foreign_or_damaged_text_is_an_empty_memory(text):
    assert PictureMemory.from_json(text) == PictureMemory()


def test_unknown_keys_of_a_later_version_are_left_aside():
    row = json.loads(FULL.to_json()) | {"references": [1, 2]}

    assert PictureMemory.from_json(json.dumps(row)) == FULL


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read_without_an_exception(text):
    assert isinstance(PictureMemory.from_json(text), PictureMemory)
