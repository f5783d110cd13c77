"""The plan of looks under a clock that stands still: who is looked at when, in which budgets."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise

import pytest

from monitor.plan.rhythm import Cadences
from monitor.plan.scheduler import Order, Scheduler
from monitor.plan.toll import Done, Toll
from monitor.verdict import Next, Rhythm
from registry.live import Dropped, Waiting, WaitsFor
from registry.look import FeedKey
from registry.targets import Target
from registry.vocabulary import CameraKind, Depth, Hop, Importance, Lifecycle
from tests.fakes.clock import FakeClock

CADENCES = Cadences(liveness_s=60, liveness_high_s=30, picture_s=600, measure_s=100_000)
NO_TOLL = Toll()


def target(code: str, **more) -> Target:
    values = {
        "key": FeedKey(code, "main"),
        "feed_id": abs(hash(code)) % 10_000,
        "url": f"rtsp://{code}.example/1",
        "host": f"{code}.example",
        "port": 554,
        "hop": Hop.CAMERA,
        "kind": CameraKind.STREET,
        "importance": Importance.NORMAL,
        "lifecycle": Lifecycle.IN_SERVICE,
    }
    return Target(**{**values, **more})


def channels(count: int, budget: int) -> list[Target]:
    return [target(f"ch{n}", recorder="nvr", session_budget=budget) for n in range(count)]


class Eyes:
    """Looks that take `look_s` of fake time and remember what was asked for."""

    def __init__(self, clock: FakeClock, look_s: float = 1.0) -> None:
        self.clock = clock
        self.look_s = look_s
        self.takes_s: dict[str, float] = {}  # by camera, where it is another time
        self.orders: list[tuple[float, Order]] = []
        self.answers: dict[FeedKey, list[Next | None]] = {}
        self.tolls: dict[FeedKey, Toll] = {}
        self.toll = NO_TOLL
        self.open = 0
        self.most_open = 0

    async def look(self, order: Order) -> Done:
        self.orders.append((self.clock.monotonic() - 1000, order))
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        await self.clock.sleep(self.takes_s.get(order.target.key.camera, self.look_s))
        self.open -= 1
        answers = self.answers.get(order.target.key)
        return Done(
            answers.pop(0) if answers else None, self.tolls.get(order.target.key, self.toll)
        )

    def of(self, code: str) -> list[tuple[float, Depth]]:
        return [(at, o.depth) for at, o in self.orders if o.target.key.camera == code]


class Judging(Eyes):
    """Remembers how long what the first look at each feed saw holds."""

    rhythm_of: Callable[[Target], Rhythm]

    def __init__(self, clock: FakeClock, look_s: float = 1.0) -> None:
        super().__init__(clock, look_s)
        self.held_s: dict[FeedKey, float] = {}

    async def look(self, order: Order) -> Done:
        done = await super().look(order)
        valid_for = self.rhythm_of(order.target).valid_for
        self.held_s.setdefault(order.target.key, valid_for.total_seconds())
        return done


@asynccontextmanager
async def running(targets, look_s=1.0, cadences=CADENCES, *, eyes_of=None, toll=NO_TOLL, **more):
    clock = FakeClock()
    eyes = (eyes_of or Eyes)(clock, look_s)
    eyes.toll = toll
    scheduler = Scheduler(clock, eyes.look, cadences, **more)
    scheduler.follow({t.key: t for t in targets}, set())
    task = asyncio.create_task(scheduler.run())
    try:
        yield clock, eyes, scheduler
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_the_first_look_at_a_feed_is_a_picture_look_with_two_keyframes():
    async with running([target("a")]) as (clock, eyes, _):
        await clock.advance(5)

    first = eyes.orders[0][1]
    assert (first.depth, first.keyframes) == (Depth.PICTURE, 2)


async def test_a_feed_is_looked_at_every_cadence_without_drift():
    async with running([target("a")]) as (clock, eyes, _):
        await clock.advance(3600)

    times = [at for at, _ in eyes.of("a")][1:]  # the second falls on the feed's own phase
    assert len(times) in (60, 61)
    assert all(round(b - a, 3) == 60 for a, b in pairwise(times))


async def test_pictures_come_at_their_own_cadence_in_place_of_a_liveness_look():
    async with running([target("a")]) as (clock, eyes, _):
        await clock.advance(3600)

    pictures = [at for at, depth in eyes.of("a") if depth is Depth.PICTURE]
    assert 6 <= len(pictures) <= 8


async def test_an_estate_stays_spread_over_the_cadence_and_over_the_picture_cadence():
    async with running([target(f"c{n}") for n in range(200)]) as (clock, eyes, _):
        await clock.advance(2 * 600)

    last = [(at, order.depth) for at, order in eyes.orders if at >= 600]
    for length, depth in ((60, Depth.LIVENESS), (600, Depth.PICTURE)):
        quarters = [0, 0, 0, 0]
        for at, seen in last:
            if seen is depth:
                quarters[int(at % length * 4 / length)] += 1
        assert min(quarters) > max(quarters) / 3


async def test_high_importance_is_looked_at_more_often():
    async with running([target("a", importance=Importance.HIGH)]) as (clock, eyes, _):
        await clock.advance(600)

    assert len(eyes.of("a")) in (20, 21, 22)


async def test_pictures_switched_off_for_a_kind_are_never_looked_at():
    cadences = replace(CADENCES, pictures_off=frozenset({CameraKind.DOORWAY}))
    async with running([target("a", kind=CameraKind.DOORWAY)], cadences=cadences) as (
        clock,
        eyes,
        _,
    ):
        await clock.advance(3600)

    assert {depth for _, depth in eyes.of("a")} == {Depth.LIVENESS}


async def test_a_verdict_that_asks_for_a_quick_relook_gets_it():
    async with running([target("a")]) as (clock, eyes, _):
        eyes.answers[FeedKey("a", "main")] = [Next(Depth.LIVENESS, 5.0)]
        await clock.advance(10)

    (first, _), (second, depth) = eyes.of("a")
    assert (second - first, depth) == (6.0, Depth.LIVENESS)  # a look of one second, then five


async def test_a_recorder_never_sees_more_sessions_than_its_budget():
    async with running(channels(16, budget=4), look_s=20.0) as (clock, eyes, _):
        await clock.advance(300)

    assert eyes.most_open == 4
    assert len({o.target.key for _, o in eyes.orders}) == 16


async def test_a_recorders_channels_share_its_budget_evenly():
    async with running(channels(64, budget=4), look_s=4.0) as (clock, eyes, _):
        await clock.advance(1800)

    counts = [len(eyes.of(f"ch{n}")) for n in range(64)]
    assert max(counts) - min(counts) <= 2  # the start, and each feed coming to its phase


async def test_channels_that_waited_for_each_other_settle_where_they_need_not():
    async with running(channels(6, budget=2)) as (clock, eyes, _):
        eyes.takes_s = {"ch0": 18.0, "ch1": 21.0, "ch2": 22.0}  # the others one second
        await clock.advance(3600)

    steady = [(at, order) for at, order in eyes.orders if at > 1800]
    assert max(order.lag_s for _, order in steady) < 0.001
    assert len(steady) == 6 * 30


async def test_the_effective_cadence_is_what_the_budget_allows():
    async with running(channels(64, budget=4), look_s=8.0) as (clock, eyes, scheduler):
        await clock.advance(3600)
        cadence = scheduler.effective_cadence_s(eyes.orders[0][1].target)

    assert 133 < cadence <= 143  # 64 channels x 8 s / 4 sessions, and a tenth to spare


async def test_the_machines_own_limit_holds_over_all_hosts():
    async with running([target(f"c{n}") for n in range(50)], concurrency=8, look_s=3.0) as (
        clock,
        eyes,
        _,
    ):
        await clock.advance(120)

    assert eyes.most_open == 8
    assert len({o.target.key for _, o in eyes.orders}) == 50


async def test_a_retired_feed_is_not_looked_at_again():
    a, b = target("a"), target("b")
    async with running([a, b]) as (clock, eyes, scheduler):
        await clock.advance(100)
        scheduler.follow({b.key: b}, set())
        before = len(eyes.of("a"))
        await clock.advance(600)

    assert len(eyes.of("a")) == before
    assert len(eyes.of("b")) > 5


async def test_a_feed_whose_url_changed_is_looked_at_at_once():
    a = target("a")
    async with running([a]) as (clock, eyes, scheduler):
        await clock.advance(10)
        changed = replace(a, url="rtsp://elsewhere.example/1")
        scheduler.follow({a.key: changed}, set())
        await clock.advance(1)

    assert eyes.orders[-1][1].target is changed


async def test_what_is_asked_for_runs_at_once_and_only_one_look_at_a_feed_at_a_time():
    a = target("a")
    async with running([a], look_s=3.0) as (clock, eyes, scheduler):
        await clock.advance(1)
        assert eyes.open == 1
        assert scheduler.ask(a.key, Depth.PICTURE, "ticket")
        await clock.advance(1)
        assert eyes.open == 1
        await clock.advance(3)

    assert [o.ticket for _, o in eyes.orders] == [None, "ticket"]


async def test_nobody_can_ask_for_a_feed_that_is_not_looked_at():
    async with running([target("a")]) as (_, _, scheduler):
        assert not scheduler.ask(FeedKey("nobody", "main"), Depth.LIVENESS, "t")


@pytest.mark.parametrize("count", [16, 64, 338])
async def test_an_estate_with_a_big_recorder_is_taken_up_and_watched_without_lag(count):
    nvr = [target(f"ch{n}", recorder="nvr", session_budget=4) for n in range(count)]
    async with running([*nvr, *(target(f"c{n}") for n in range(50))], look_s=1.9) as (
        clock,
        eyes,
        _,
    ):
        await clock.advance(1500)

    assert {order.target.key.camera for _, order in eyes.orders} >= {f"ch{n}" for n in range(count)}
    assert max(order.lag_s for _, order in eyes.orders) < 1


@pytest.mark.parametrize("count", [64, 338])
async def test_between_the_first_look_and_the_second_no_state_expires(count):
    nvr = channels(count, budget=4)
    async with running(nvr, look_s=1.0, eyes_of=Judging) as (clock, eyes, scheduler):
        eyes.rhythm_of = scheduler.rhythm_of
        await clock.advance(1500)

    for one in nvr:
        (first, _), (second, _), *_ = eyes.of(one.key.camera)
        assert second - first < eyes.held_s[one.key]


async def test_a_channel_that_is_added_does_not_slow_the_others():
    nvr = channels(65, budget=4)
    async with running(nvr[:64]) as (clock, eyes, scheduler):
        await clock.advance(600)
        scheduler.follow({t.key: t for t in nvr}, set())
        cadence = scheduler.effective_cadence_s(nvr[0])
        await clock.advance(10)

    assert cadence == 60
    assert eyes.of("ch64")


async def test_after_a_restart_what_is_known_is_spread_over_one_cadence_and_not_decoded_anew():
    clock = FakeClock()
    eyes = Eyes(clock)
    targets = {t.key: t for t in (target(f"c{n}") for n in range(2000))}
    scheduler = Scheduler(clock, eyes.look, CADENCES)
    scheduler.follow(targets, targets.keys())
    task = asyncio.create_task(scheduler.run())
    await clock.advance(61)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert {order.target.key for _, order in eyes.orders} == targets.keys()
    assert sum(order.depth is Depth.PICTURE for _, order in eyes.orders) < 2000 / 4
    busiest = max(Counter(int(at) for at, _ in eyes.orders).values())
    assert busiest < 3 * 2000 / 60


async def test_lag_is_the_wait_for_the_host_and_nothing_else():
    async with running(channels(2, budget=1), look_s=7.0) as (clock, eyes, scheduler):
        await clock.advance(20)
        eyes.orders.clear()
        for one in channels(2, budget=1):
            scheduler.ask(one.key, Depth.LIVENESS, one.key.camera)
        await clock.advance(20)

    lags = [round(order.lag_s, 1) for _, order in eyes.orders if order.ticket]
    assert lags == [0, 7]


async def test_channels_taken_out_while_they_wait_leave_the_budget_whole():
    nvr = channels(12, budget=2)
    async with running(nvr, look_s=5.0) as (clock, eyes, scheduler):
        await clock.advance(3)
        scheduler.follow({t.key: t for t in nvr[:4]}, set())
        await clock.advance(60)
        eyes.orders.clear()
        await clock.advance(600)

    assert len({order.target.key for _, order in eyes.orders}) == 4
    assert eyes.most_open == 2


async def test_channels_moved_to_another_recorder_keep_its_budget():
    nvr = channels(8, budget=1)
    async with running(nvr, look_s=5.0) as (clock, eyes, scheduler):
        await clock.advance(3)
        scheduler.follow({t.key: replace(t, recorder="other") for t in nvr}, set())
        await clock.advance(60)
        eyes.most_open = 0
        eyes.orders.clear()
        await clock.advance(3600)

    assert eyes.most_open == 1
    assert len({order.target.key for _, order in eyes.orders}) == 8


async def test_a_change_while_a_look_runs_is_followed_when_it_ends():
    a = target("a")
    async with running([a], look_s=5.0) as (clock, eyes, scheduler):
        await clock.advance(2)
        scheduler.follow({a.key: replace(a, url="rtsp://new.example/1")}, set())
        await clock.advance(10)

    assert [order.target.url for _, order in eyes.orders][1:] == ["rtsp://new.example/1"]


async def test_who_asked_first_is_told_that_his_look_will_not_come():
    a = target("a")
    dropped: list[tuple[str, Dropped]] = []

    def drop(ticket: str, why: Dropped) -> None:
        dropped.append((ticket, why))

    async with running([a], look_s=5.0, dropped=drop) as (clock, eyes, scheduler):
        await clock.advance(2)
        scheduler.ask(a.key, Depth.PICTURE, "first")
        scheduler.ask(a.key, Depth.LIVENESS, "second")
        await clock.advance(4)
        scheduler.ask(a.key, Depth.LIVENESS, "third")
        scheduler.follow({}, set())
        await clock.advance(10)

    assert dropped[:1] == [("first", Dropped.ASKED_AGAIN)]
    assert "second" in [order.ticket for _, order in eyes.orders]
    assert ("third", Dropped.NOT_PROBED) in dropped


async def test_a_look_that_was_asked_for_tells_what_it_waits_for():
    seldom = replace(CADENCES, liveness_s=100_000, picture_s=100_000)
    asked = [*channels(3, budget=1), target("alone"), target("late")]
    async with running(asked, 7.0, seldom, concurrency=1) as (clock, _, scheduler):
        await clock.advance(600)  # all had their first look, and nothing is due for hours
        for one in asked:
            scheduler.ask(one.key, Depth.LIVENESS, one.key.camera)
        assert scheduler.waiting(asked[0].key) == Waiting(WaitsFor.TURN)

        await clock.advance(1)
        scheduler.ask(asked[0].key, Depth.LIVENESS, "once more")

        assert [scheduler.waiting(one.key) for one in asked] == [
            Waiting(WaitsFor.SAME_FEED),
            Waiting(WaitsFor.SESSIONS, 0),
            Waiting(WaitsFor.SESSIONS, 1),
            Waiting(WaitsFor.PLACE, 0),
            Waiting(WaitsFor.PLACE, 1),
        ]


async def test_a_picture_that_was_not_checkable_is_asked_for_again_before_its_cadence():
    async with running([target("a")]) as (clock, eyes, _):
        eyes.answers[FeedKey("a", "main")] = [Next(Depth.PICTURE, 150.0)]
        await clock.advance(400)

    (first, _), *others = eyes.of("a")
    again = next(at for at, depth in others if depth is Depth.PICTURE)
    assert 120 <= again - first <= 180
    assert len(others) >= 6  # and liveness went on meanwhile
