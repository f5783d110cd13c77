from __future__ import annotations

import pytest

from monitor.doors.attention import Breath
from tests.fakes.clock import FakeClock


async def test_seconds_in_which_the_tick_did_not_come_do_not_count():
    clock = FakeClock()
    attention = Breath(clock).watch()
    began = attention.at(clock.monotonic())

    clock.jump(1.0)

    assert attention.at(clock.monotonic()) - began == pytest.approx(0.02)
    assert attention.stalled_s == pytest.approx(0.98)
    attention.stop()


async def test_looks_that_share_the_tick_each_count_their_own_stalls():
    clock = FakeClock()
    breath = Breath(clock)
    early = breath.watch()
    clock.jump(1.0)
    late = breath.watch()

    clock.jump(0.5)
    late.at(clock.monotonic())

    assert late.stalled_s == pytest.approx(0.5)
    assert early.stalled_s == pytest.approx(1.48)
    early.stop()
    late.stop()


async def test_what_stalls_after_a_look_has_stopped_caring_is_not_its_stall():
    clock = FakeClock()
    breath = Breath(clock)
    done, other = breath.watch(), breath.watch()

    done.stop()
    clock.jump(2.0)
    other.at(clock.monotonic())

    assert done.stalled_s == 0
    assert other.stalled_s > 1.9
    other.stop()
