from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.media.flow import FlowProof

TICK = 3600  # 25 pictures per second at 90 kHz


def _proven(arrivals: list[float], times: list[int] | None = None, round_trip: float = 0.0) -> bool:
    flow = FlowProof.for_round_trip(90_000, round_trip)
    for number, arrived in enumerate(arrivals):
        time = times[number] if times is not None else number * TICK
        flow.picture(time & 0xFFFFFFFF, arrived)
    return flow.proven


def test_pictures_in_real_time_are_a_flow():
    assert _proven([0.04 * n for n in range(5)])


def test_two_pictures_prove_nothing():
    assert not _proven([0.0, 1.0])


def test_a_burst_is_no_flow():
    assert not _proven([0.0001 * n for n in range(250)])


def test_a_pause_before_the_burst_is_not_its_pace():
    assert not _proven([0.0] + [0.5 + 0.0001 * n for n in range(50)])


def test_a_burst_and_then_real_time_is_a_flow():
    burst = [0.001 * n for n in range(50)]

    assert not _proven(burst)
    assert _proven(burst + [0.05 + 0.04 * n for n in range(1, 6)])


def test_a_burst_in_clumps_one_round_trip_apart_is_no_flow():
    clumps = [0.1 * (n // 10) + 0.0002 * n for n in range(100)]

    assert not _proven(clumps, round_trip=0.1)


def test_a_live_stream_in_clumps_is_a_flow():
    assert _proven([0.12 * (n // 3) for n in range(12)])


def test_one_picture_every_five_seconds_is_a_flow():
    times = [450_000 * n for n in range(3)]

    assert _proven([0.0, 5.0, 10.0], times)


def test_twice_as_fast_as_real_time_is_the_border():
    assert _proven([0.021 * n for n in range(20)])
    assert not _proven([0.015 * n for n in range(200)])


@pytest.mark.parametrize("start", [0xFFFFFFFF - 2 * TICK, 0x7FFFFFFF])
def test_rtp_time_may_wrap(start):
    times = [start + TICK * n for n in range(6)]

    assert _proven([0.04 * n for n in range(6)], times)


def test_a_clock_that_jumps_back_does_not_end_the_flow():
    times = [TICK * n for n in range(3)] + [-90_000_000 + TICK * n for n in range(6)]

    assert _proven([0.04 * n for n in range(9)], times)


@given(st.lists(st.tuples(st.floats(0, 0.002), st.integers(TICK, 10 * TICK)), max_size=300))
def test_no_burst_of_any_shape_is_a_flow(steps):
    flow = FlowProof(90_000)
    arrived, time = 0.0, 0
    for wait, step in steps:
        arrived, time = arrived + wait, time + step
        flow.picture(time & 0xFFFFFFFF, arrived)

    assert not flow.proven
