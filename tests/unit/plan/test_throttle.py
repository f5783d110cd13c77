"""How many looks a machine is given that cannot keep up, under a clock that stands still."""

from __future__ import annotations

from monitor.plan.throttle import LEAST_LOOKS, Throttle
from monitor.plan.toll import Toll
from tests.unit.plan.test_scheduler import Eyes, running, target


class Loop:
    """An event loop that is late for a share of each second."""

    def __init__(self, late: float = 0.0) -> None:
        self.late = late
        self.stalled_s = 0.0

    def seconds(self, throttle: Throttle, count: int, since: int, running: int) -> int:
        for second in range(since, since + count):
            self.stalled_s += self.late
            throttle.settle(float(second), min(running, throttle.allowed))
        return throttle.allowed


def test_a_machine_that_is_late_gets_fewer_looks_and_all_of_them_back():
    loop = Loop(late=0.5)
    throttle = Throttle(500, lambda: loop.stalled_s)

    drowning = loop.seconds(throttle, 5, 0, running=500)
    floor = loop.seconds(throttle, 60, 5, running=500)
    loop.late = 0.1
    recovered = loop.seconds(throttle, 30, 65, running=500)

    assert drowning == int(int(int(500 * 0.8 * 0.8) * 0.8) * 0.8)  # the first second is a beginning
    assert floor == LEAST_LOOKS
    assert recovered == 500


def test_it_shrinks_from_what_runs_and_not_from_what_might():
    loop = Loop(late=0.5)
    throttle = Throttle(500, lambda: loop.stalled_s)

    assert loop.seconds(throttle, 2, 0, running=50) == 40


def test_a_small_number_that_was_asked_for_is_kept():
    loop = Loop(late=0.9)
    throttle = Throttle(4, lambda: loop.stalled_s)

    assert loop.seconds(throttle, 20, 0, running=4) == 4


class Drowning(Eyes):
    """Each look makes the loop late by a hundredth of a second more for every other under way."""

    stalled_s = 0.0

    async def look(self, order):
        Drowning.stalled_s += 0.001 * self.open
        return await super().look(order)


async def test_an_estate_too_large_for_its_machine_is_looked_at_by_as_many_as_it_bears():
    Drowning.stalled_s = 0.0
    cameras = [target(f"c{n}", liveness_every_s=10.0) for n in range(2000)]
    async with running(
        cameras,
        eyes_of=Drowning,
        toll=Toll(),
        stalled_s=lambda: Drowning.stalled_s,
    ) as (clock, eyes, scheduler):
        await clock.advance(200)
        allowed, waiting = (
            scheduler.gauges()[name] for name in ("looks_allowed", "looks_waiting_for_place")
        )

    assert LEAST_LOOKS <= allowed < 100
    assert waiting > 0
    assert {order.target.key.camera for _, order in eyes.orders} == {t.key.camera for t in cameras}
