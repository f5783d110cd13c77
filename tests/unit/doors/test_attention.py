from __future__ import annotations

import pytest

from monitor.doors.attention import Attention, Breath
from tests.fakes.clock import FakeClock


async def test_seconds_in_which_the_tick_did_not_come_do_not_count():
    clock = FakeClock()
    attention = Attention(Breath(clock))
    began = attention.at(clock.monotonic())

    clock.jump(1.0)

    assert attention.at(clock.monotonic()) - began == pytest.approx(0.02)
    assert attention.stalled_s == pytest.approx(0.98)
    attention.stop()


async def test_looks_that_share_the_tick_each_count_their_own_stalls():
    clock = FakeClock()
    breath = Breath(clock)
    early, late = Attention(breath), Attention(breath)
    early.at(clock.monotonic())
    clock.jump(1.0)
    late.at(clock.monotonic())

    clock.jump(0.5)
    late.at(clock.monotonic())

    assert late.stalled_s == pytest.approx(0.5)
    assert early.stalled_s == pytest.approx(1.48)
    early.stop()
    late.stop()


async def test_what_stalls_after_a_look_has_stopped_caring_is_not_its_stall():
    clock = FakeClock()
    breath = Breath(clock)
    done, other = Attention(breath), Attention(breath)
    for attention in (done, other):
        attention.at(clock.monotonic())

    done.stop()
    clock.jump(2.0)
    other.at(clock.monotonic())

    assert done.stalled_s == 0
    assert other.stalled_s > 1.9
    other.stop()


async def test_before_the_first_picture_nothing_is_kept_up():
    clock = FakeClock()
    attention = Attention(Breath(clock))

    clock.jump(2.0)

    assert attention.stalled_s == 0
    attention.stop()
