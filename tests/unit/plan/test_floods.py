"""What one camera that floods may do to the others of its line, under a clock that stands still."""

from __future__ import annotations

from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from monitor.doors.line import MAX_RECEIVED
from monitor.plan.debts import FIRST_REST_S, Debts
from monitor.plan.lines import MOST_DEBT_S, MOST_OWED_S, REPAID_AT, Line
from monitor.plan.rhythm import Cadences
from monitor.plan.toll import Toll
from monitor.verdict import Next
from monitor.verdict.memory import MAX_VALID_S
from registry.look import FeedKey
from registry.vocabulary import Depth
from tests.unit.plan.test_manners import cameras
from tests.unit.plan.test_scheduler import Judging, running, target

CADENCES = Cadences(liveness_s=30, picture_s=600, measure_s=100_000)
CALM = Toll(bytes_received=125_000)
FLOOD = Toll(bytes_received=MAX_RECEIVED)
SITE_BYTES_PER_S = 10_000_000 / 8
FLOODER = FeedKey("c0", "main")


def looked_at(line: Line, depth: Depth, taken: int) -> float:
    return line.settle(line.reserve(depth), depth, taken)


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize(
    ("kbit", "feeds", "taken"),
    [
        (10_000, 20, 7_000_000_000),
        (200_000, 10_000, 7_000_000_000),
        (10_000, 20, 100_000_000),
        (4_000, 300, 100_000_000),
    ],
)
def test_one_flood_moves_the_cadence_of_the_others_by_a_third_and_closes_the_line_for_seconds(
    kbit, feeds, taken, depth
):
    line = Line(kbit, 0.0, feeds=feeds)
    before, wanted = line.cadence_s(0), line.cadence_s(30)

    looked_at(line, depth, taken)
    line.level = min(line.level, 0.0)  # as if it had been in use

    assert before < line.cadence_s(0) < 4 / 3 * before
    assert wanted <= line.cadence_s(30) < 4 / 3 * wanted
    assert line.is_open(MOST_DEBT_S)


def test_floods_at_once_close_a_line_for_half_a_minute_at_most():
    line = Line(10_000, 0.0, feeds=300)
    reserved = [line.reserve(Depth.MEASURE) for _ in range(20)]
    for one in reserved:
        line.settle(one, Depth.MEASURE, MAX_RECEIVED)

    assert line.opens_at_s() == MOST_DEBT_S


@pytest.mark.parametrize("depth", Depth)
def test_who_floods_for_ever_teaches_a_line_half_a_minute_of_it_and_no_more(depth):
    line = Line(10_000, 0.0, feeds=20)
    for _ in range(500):
        looked_at(line, depth, MAX_RECEIVED)

    assert line.usual.of(depth) <= MOST_DEBT_S * line.bytes_per_s * 1.001


def test_floods_are_paid_off_one_after_the_other_and_within_what_knowledge_holds():
    line = Line(10_000, 0.0, feeds=20)
    once = looked_at(line, Depth.LIVENESS, MAX_RECEIVED // 2)
    twice = looked_at(line, Depth.LIVENESS, MAX_RECEIVED // 2)
    longest = looked_at(line, Depth.LIVENESS, MAX_RECEIVED)
    line.earn(MOST_OWED_S)
    anew = looked_at(line, Depth.LIVENESS, MAX_RECEIVED // 2)

    alone = MAX_RECEIVED / 2 / (REPAID_AT * line.bytes_per_s)
    assert [once, twice, anew] == pytest.approx([alone, 2 * alone, alone], rel=0.02)
    assert longest == MOST_OWED_S == MAX_VALID_S / 3


def test_who_took_a_little_too_much_does_not_wait_for_what_others_took():
    line = Line(10_000, 0.0, feeds=20)
    flooded_s = looked_at(line, Depth.LIVENESS, MAX_RECEIVED)
    most = line.most_of(Depth.LIVENESS)

    assert flooded_s > 600
    assert looked_at(line, Depth.LIVENESS, int(most) + 10_000) < 1


def test_the_wait_of_a_feed_doubles_until_all_is_paid_and_is_then_forgotten():
    debts, now_s = Debts(), 100.0
    debts.ended(FLOODER, now_s, 319.0)
    rests = []
    while rest_s := debts.rest_s(FLOODER):
        rests.append(rest_s)
        now_s += rest_s
        debts.ended(FLOODER, now_s, 0.0)

    assert rests == [FIRST_REST_S, 2 * FIRST_REST_S, 319 - 3 * FIRST_REST_S]


def test_what_a_feed_owes_is_forgotten_with_it():
    debts = Debts()
    debts.ended(FLOODER, 0.0, 500.0)
    debts.keep(set())

    assert debts.rest_s(FLOODER) == 0


class Believing(Judging):
    """Notes with each look how long it will be believed, as the verdict does before it ends."""

    def __init__(self, clock, look_s=1.0):
        super().__init__(clock, look_s)
        self.believed: dict[FeedKey, list[tuple[float, float]]] = {}

    async def look(self, order):
        done = await super().look(order)
        valid_s = self.rhythm_of(order.target).valid_for.total_seconds()
        now_s = self.clock.monotonic() - 1000
        self.believed.setdefault(order.target.key, []).append((now_s, valid_s))
        return done

    def lapses(self, key: FeedKey) -> list[float]:
        """When a feed became unknown though it was looked at again."""
        looks = self.believed[key]
        return [at for (at, valid_s), (again, _) in pairwise(looks) if again > at + valid_s]


@asynccontextmanager
async def flooded_by_one(count):
    """A site where one camera sends all that a connection may, at each look."""
    targets = cameras(count, site_kbit=10_000)
    more = {"cadences": CADENCES, "eyes_of": Believing, "toll": CALM}
    async with running(targets, **more) as (clock, eyes, scheduler):
        eyes.rhythm_of = scheduler.rhythm_of
        eyes.tolls[FLOODER] = FLOOD
        yield targets, clock, eyes, scheduler


async def test_a_camera_that_floods_is_looked_at_less_and_its_neighbours_as_before():
    async with flooded_by_one(20) as (targets, clock, eyes, scheduler):
        await clock.advance(900)
        own_s, theirs_s = (scheduler.effective_cadence_s(t) for t in targets[:2])
        begun = len(eyes.orders)
        await clock.advance(600)

    others = [order for _, order in eyes.orders if order.target.key != FLOODER]
    later = [order for _, order in eyes.orders[begun:] if order.target.key != FLOODER]
    assert own_s == 8 * FIRST_REST_S
    assert theirs_s == 30
    assert max(order.lag_s for order in others) < 1
    assert len(later) >= 19 * 19
    assert not any(eyes.lapses(key) for key in eyes.believed)


@pytest.mark.parametrize("count", [2, 5])
async def test_who_floods_for_ever_has_a_quarter_of_the_line_and_is_soon_as_before_when_it_ends(
    count,
):
    async with flooded_by_one(count) as (targets, clock, eyes, scheduler):
        await clock.advance(3600)
        settled = len(eyes.of("c0"))
        await clock.advance(2 * 3600)
        floods, theirs_s = len(eyes.of("c0")) - settled, scheduler.effective_cadence_s(targets[1])
        eyes.tolls.clear()
        await clock.advance(1800)
        again_s = scheduler.effective_cadence_s(targets[0])

    assert settled <= 8
    assert floods * MAX_RECEIVED <= REPAID_AT * SITE_BYTES_PER_S * (2 * 3600 + MOST_OWED_S)
    assert theirs_s == again_s == 30
    assert not any(eyes.lapses(key) for key in eyes.believed)


async def test_a_flood_is_confirmed_at_once_but_no_picture_is_waited_for():
    async with running(cameras(20, site_kbit=10_000), cadences=CADENCES, toll=CALM) as (
        clock,
        eyes,
        _,
    ):
        await clock.advance(595)
        begun = len(eyes.of("c0"))
        eyes.tolls[FLOODER] = FLOOD
        eyes.answers[FLOODER] = [
            Next(Depth.LIVENESS, 5.0),
            Next(Depth.LIVENESS, 10.0),
            Next(Depth.PICTURE, 150.0),
        ]
        await clock.advance(1200)

    first, second, third, fourth, *_ = [at for at, _ in eyes.of("c0")[begun:]]
    assert (second - first, third - second) == (6, 11)
    assert fourth - third == pytest.approx(4 * FIRST_REST_S, abs=1)


async def test_an_estate_of_large_streams_is_learned_and_its_cadence_says_so():
    """4K everywhere: 16 times what is expected, and the line is used as it may be."""
    taken = 2_000_000
    targets = cameras(40, site_kbit=10_000)
    async with running(targets, cadences=CADENCES, toll=Toll(bytes_received=taken)) as (
        clock,
        eyes,
        scheduler,
    ):
        await clock.advance(1800)
        begun = len(eyes.orders)
        cadences = [scheduler.effective_cadence_s(one) for one in targets]
        await clock.advance(1800)

    assert cadences == pytest.approx([40 * taken / SITE_BYTES_PER_S] * 40, rel=0.05)
    used = (len(eyes.orders) - begun) * taken / 1800
    assert used == pytest.approx(SITE_BYTES_PER_S, rel=0.05)


async def test_two_cameras_behind_a_satellite_have_what_the_satellite_bears():
    targets = cameras(2, site_kbit=512)
    async with running(targets, cadences=CADENCES, toll=Toll(bytes_received=1_500_000)) as (
        clock,
        eyes,
        scheduler,
    ):
        await clock.advance(3600)
        begun = len(eyes.orders)
        cadences = [scheduler.effective_cadence_s(one) for one in targets]
        await clock.advance(3600)

    assert cadences == pytest.approx([2 * 1_500_000 / 64_000] * 2, rel=0.05)
    assert (len(eyes.orders) - begun) * 1_500_000 / 3600 <= 1.02 * 64_000


async def test_one_large_camera_among_small_ones_is_looked_at_as_often_while_the_line_bears_it():
    """A stream of 32 Mbit/s on a line that has room for it."""
    targets = [*cameras(19, site_kbit=10_000), target("large", site="s", site_kbit=10_000)]
    async with running(targets, cadences=CADENCES, toll=CALM) as (clock, eyes, scheduler):
        eyes.tolls[targets[-1].key] = Toll(bytes_received=2_000_000)
        await clock.advance(1800)
        cadences = {scheduler.effective_cadence_s(one) for one in targets}

    assert cadences == {30}
    assert len(eyes.of("large")) >= 58
