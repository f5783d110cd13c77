"""Lock-out safety: one signed attempt, then none until the back-off is over."""

from __future__ import annotations

import asyncio

import pytest

from monitor.plan.lockout import LoginGate
from tests.fakes.clock import FakeClock

KEY = ("198.18.0.7", 554, "fingerprint")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def gate(clock) -> LoginGate:
    return LoginGate(clock, back_off_s=1800)


async def test_a_rejected_login_is_parked_for_the_back_off(gate, clock):
    assert await gate.enter(*KEY)
    gate.leave(*KEY, accepted=False)

    assert not await gate.enter(*KEY)
    await clock.advance(1799)
    assert not await gate.enter(*KEY)
    await clock.advance(1)
    assert await gate.enter(*KEY)


async def test_channels_that_start_together_send_one_login_between_them(gate):
    assert await gate.enter(*KEY)
    others = [asyncio.create_task(gate.enter(*KEY)) for _ in range(3)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in others)

    gate.leave(*KEY, accepted=False)

    assert await asyncio.gather(*others) == [False, False, False]


async def test_an_accepted_login_lets_the_next_one_in(gate):
    assert await gate.enter(*KEY)
    other = asyncio.create_task(gate.enter(*KEY))
    gate.leave(*KEY, accepted=True)

    assert await other
    gate.leave(*KEY, accepted=None)


async def test_another_credential_or_host_is_not_concerned(gate):
    assert await gate.enter(*KEY)
    gate.leave(*KEY, accepted=False)

    assert await gate.enter(KEY[0], KEY[1], "changed credential")
    assert await gate.enter("198.18.0.8", KEY[1], KEY[2])


async def test_who_gives_up_waiting_leaves_the_turn_to_the_next(gate):
    assert await gate.enter(*KEY)
    impatient = asyncio.create_task(gate.enter(*KEY))
    patient = asyncio.create_task(gate.enter(*KEY))
    await asyncio.sleep(0)
    impatient.cancel()
    gate.leave(*KEY, accepted=True)

    assert await patient


async def test_nothing_is_remembered_of_logins_that_work(gate):
    for port in range(1000, 2000):
        assert await gate.enter("198.18.0.9", port, "f")
        gate.leave("198.18.0.9", port, "f", accepted=True)

    assert gate.remembered == 0


async def test_a_restart_is_not_one_more_attempt(gate, clock):
    gate.take_over_rejection(KEY, age_s=600)

    assert gate.parked_for_s(KEY) == 1200
    await clock.advance(1200)
    assert await gate.enter(*KEY)


async def test_a_doubted_rejection_lets_one_more_attempt_in_after_a_few_seconds(gate, clock):
    assert await gate.enter(*KEY)
    gate.leave(*KEY, accepted=False)
    assert gate.doubt(KEY)

    assert gate.is_in_doubt(KEY)
    assert not await gate.enter(*KEY)
    await clock.advance(5)
    assert not gate.is_in_doubt(KEY)
    assert await gate.enter(*KEY)


async def test_a_second_rejection_is_no_longer_doubted(gate, clock):
    assert await gate.enter(*KEY)
    gate.leave(*KEY, accepted=False)
    assert gate.doubt(KEY)
    await clock.advance(5)
    assert await gate.enter(*KEY)
    gate.leave(*KEY, accepted=False)

    assert not gate.doubt(KEY)
    assert not gate.is_in_doubt(KEY)
    assert gate.parked_for_s(KEY) == 1800


async def test_a_login_that_is_taken_again_may_be_doubted_again(gate, clock):
    for _ in range(2):
        assert await gate.enter(*KEY)
        gate.leave(*KEY, accepted=False)
        assert gate.doubt(KEY)
        await clock.advance(5)
        assert await gate.enter(*KEY)
        gate.leave(*KEY, accepted=True)

    assert gate.remembered == 0
