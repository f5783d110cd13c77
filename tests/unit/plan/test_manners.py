"""What looks may cost those who are looked at, under a clock that stands still."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from monitor.plan.hosts import REGAIN_S, USED, Host
from monitor.plan.lines import LineBudgets
from monitor.plan.toll import Done, Toll, toll_of
from monitor.verdict import Next
from registry.live import WaitsFor
from registry.look import FeedKey, Look
from registry.vocabulary import Depth, Reason
from tests.fakes.clock import FakeClock
from tests.unit.plan.test_scheduler import Eyes, channels, running, target

REFUSED = Toll(succeeded=False, refused=True)
TIMED_OUT = Toll(succeeded=False)


class Full(Eyes):
    """Lets in `bears` sessions and answers 453 to what is beyond."""

    bears = 2
    answer = Toll(succeeded=False, full=True)

    def __init__(self, clock: FakeClock, look_s: float = 1.0) -> None:
        super().__init__(clock, look_s)
        self.turned_away: list[float] = []

    async def look(self, order):
        if self.open < self.bears:
            return await super().look(order)
        self.turned_away.append(self.clock.monotonic() - 1000)
        await self.clock.sleep(0.05)
        return Done(None, self.answer)


class Refusing(Full):
    answer = REFUSED


class Hanging(Eyes):
    """Cameras whose code begins with h hold a look until its time-outs."""

    async def look(self, order):
        self.look_s = 10.0 if order.target.key.camera.startswith("h") else 0.5
        done = await super().look(order)
        return done if order.target.key.camera.startswith("c") else Done(None, TIMED_OUT)


class Dead(Eyes):
    """Nobody is there: every connection is refused."""

    async def look(self, order):
        await super().look(order)
        return Done(None, Toll(succeeded=False, refused=True))


async def test_a_recorder_that_answers_453_gets_fewer_sessions():
    async with running(channels(64, budget=4), look_s=4.0, eyes_of=Full) as (
        clock,
        eyes,
        scheduler,
    ):
        await clock.advance(REGAIN_S - 100)
        limited = scheduler.gauges()["hosts_below_budget"]

    assert 1 <= len(eyes.turned_away) <= 2  # no more than it bears less than was thought
    assert limited == 1


@pytest.mark.parametrize("answer", [Toll(succeeded=False, full=True), REFUSED])
async def test_a_look_that_was_alone_when_it_was_refused_teaches_nothing(answer):
    """A recorder that bears four was full of others' sessions, not of ours."""
    nvr = channels(8, budget=4)
    async with running(nvr, look_s=1.0) as (clock, eyes, scheduler):
        await clock.advance(100)
        for one in nvr:
            eyes.tolls[one.key] = answer
        await clock.advance(100)

        assert eyes.most_open < 4
        assert scheduler.gauges()["hosts_below_budget"] == 0


def test_one_refusal_never_takes_more_than_half_of_what_a_recorder_bears():
    host = Host(budget=4, feeds=16, busy=2)

    lowered = host.ended(0.0, 1.0, Toll(succeeded=False, full=True))

    assert (lowered, host.limit(1.0)) == (True, 2)


async def test_one_channel_that_answers_453_for_ever_does_not_slow_its_recorder_for_ever():
    nvr = channels(16, budget=4)
    async with running(nvr, look_s=1.0) as (clock, eyes, scheduler):
        eyes.tolls[nvr[0].key] = Toll(succeeded=False, full=True)
        await clock.advance(4 * REGAIN_S)

    assert len(eyes.of("ch0")) > 10
    assert scheduler.gauges()["hosts_below_budget"] == 0


@pytest.mark.parametrize("answer", [Toll(succeeded=False, full=True), REFUSED])
async def test_what_one_channel_alone_answers_is_soon_known_to_be_no_matter_of_sessions(answer):
    """A licence that one channel lacks, or one port of many that is closed."""
    nvr = channels(16, budget=4)
    async with running(nvr, look_s=8.0) as (clock, eyes, scheduler):
        eyes.tolls[nvr[0].key] = answer
        await clock.advance(200)
        below = scheduler.gauges()["hosts_below_budget"]
        await clock.advance(200)

    assert below == scheduler.gauges()["hosts_below_budget"] == 0


async def test_channels_in_trouble_do_not_hold_up_the_others_of_their_recorder():
    """Half of the channels hold their session for ten seconds; the rest is looked at in time."""
    nvr = [target(f"{'ch'[n % 2]}{n}", recorder="nvr", session_budget=4) for n in range(32)]
    async with running(nvr, eyes_of=Hanging) as (clock, eyes, scheduler):
        await clock.advance(600)
        settled = len(eyes.orders)
        await clock.advance(600)
        cadences = [scheduler.effective_cadence_s(nvr[n]) for n in (0, 1)]

    lags = [order.lag_s for _, order in eyes.orders[settled:] if order.target in nvr[::2]]
    assert len(lags) >= 16 * 9
    assert max(lags) < 1
    assert cadences == [60, pytest.approx(16 * 10 / 2 / USED, rel=0.05)]


async def test_a_recorder_all_of_whose_channels_hang_may_use_all_its_sessions():
    nvr = [target(f"h{n}", recorder="nvr", session_budget=4) for n in range(32)]
    async with running(nvr, eyes_of=Hanging) as (clock, eyes, scheduler):
        await clock.advance(1200)
        cadence = scheduler.effective_cadence_s(nvr[0])

    assert eyes.most_open == 4
    assert cadence == pytest.approx(32 * 10 / 4 / USED, rel=0.05)


async def test_a_recorder_that_refuses_connections_when_it_is_full_is_found_out():
    async with running(channels(16, budget=4), look_s=4.0, eyes_of=Refusing) as (clock, eyes, _):
        await clock.advance(REGAIN_S - 100)

    assert max(eyes.turned_away) < 180  # two rounds: each success lets one refusal count


async def test_a_learned_limit_shows_in_cadence_and_metrics_and_is_tried_again():
    async with running(channels(64, budget=4), look_s=4.0, eyes_of=Full) as (
        clock,
        eyes,
        scheduler,
    ):
        await clock.advance(REGAIN_S - 100)
        limited = scheduler.effective_cadence_s(eyes.orders[0][1].target)
        assert scheduler.gauges()["hosts_below_budget"] == 1
        eyes.bears = 4
        await clock.advance(3 * REGAIN_S)
        regained = scheduler.effective_cadence_s(eyes.orders[0][1].target)

    assert limited == pytest.approx(64 * 4 / 2 / USED, rel=0.05)
    assert regained == pytest.approx(64 * 4 / 4 / USED, rel=0.05)
    assert scheduler.gauges()["hosts_below_budget"] == 0


async def test_a_recorder_that_is_still_full_costs_one_refusal_in_a_while():
    async with running(channels(40, budget=4), look_s=4.0, eyes_of=Full) as (clock, eyes, _):
        await clock.advance(20)
        first = len(eyes.turned_away)
        await clock.advance(4 * REGAIN_S)

    assert 1 <= len(eyes.turned_away) - first <= 5


async def test_a_dead_recorder_teaches_nothing():
    async with running(channels(16, budget=4), eyes_of=Dead) as (clock, _, scheduler):
        await clock.advance(300)

        assert scheduler.gauges()["hosts_below_budget"] == 0


async def test_an_order_says_when_its_host_is_at_its_budget():
    async with running(channels(8, budget=4), look_s=20.0) as (clock, eyes, _):
        await clock.advance(10)

    assert [order.crowded for _, order in eyes.orders] == [False, False, False, True]


async def test_a_session_that_nobody_ended_keeps_its_slot_until_its_time_is_out():
    a = target("a", liveness_every_s=20.0)
    async with running([a]) as (clock, eyes, scheduler):
        eyes.tolls[a.key] = Toll(holds_s=65.0)
        await clock.advance(30)
        held = scheduler.gauges()["sessions_held"]
        await clock.advance(370)
        cadence = scheduler.effective_cadence_s(a)
        eyes.tolls.clear()
        await clock.advance(400)

    times = [at for at, _ in eyes.of("a")]
    assert all(after - before >= 65 for before, after in pairwise(times[:5]))
    assert (cadence, held) == (pytest.approx(66, abs=1), 1)
    assert scheduler.effective_cadence_s(a) == 20


async def test_the_main_and_the_sub_stream_of_a_stale_camera_wait_for_each_other():
    main, sub = target("a"), target("b", host="a.example")
    async with running([main, sub]) as (clock, eyes, scheduler):
        for one in (main, sub):
            eyes.tolls[one.key] = Toll(holds_s=65.0)
        await clock.advance(1000)
        cadence = scheduler.effective_cadence_s(main)

    times = [at for at, _ in eyes.orders]
    assert all(after - before >= 65 for before, after in pairwise(times))
    assert 110 < cadence < 140


async def test_a_camera_that_failed_is_looked_at_again_at_once_but_not_hammered_after_that():
    a = target("a", liveness_every_s=20.0)
    async with running([a]) as (clock, eyes, _):
        eyes.tolls[a.key] = Toll(succeeded=False, rests_s=60.0)
        eyes.answers[a.key] = [Next(Depth.LIVENESS, 5.0), Next(Depth.LIVENESS, 10.0)]
        await clock.advance(200)

    first, second, third, fourth, *_ = [at for at, _ in eyes.of("a")]
    assert (second - first, third - second, fourth - third) == pytest.approx((6, 11, 61))


LOOK = Look(depth=Depth.LIVENESS, started_at=FakeClock().now(), duration_s=1.0)


def test_what_spoils_the_next_session_holds_even_the_relook_back():
    hung = replace(LOOK, failure=Reason.NO_PACKETS, lingers_s=60.0, quirks=("teardown_unanswered",))
    old = replace(LOOK, failure=Reason.NO_PACKETS, lingers_s=65.0, quirks=("old_live555",))
    healthy = replace(LOOK, lingers_s=60.0, quirks=("teardown_unanswered",))

    assert (toll_of(hung).holds_s, toll_of(hung).rests_s) == (0, 60)
    assert (toll_of(old).holds_s, toll_of(old).rests_s) == (65, 0)
    assert (toll_of(healthy).holds_s, toll_of(healthy).rests_s) == (60, 0)


def test_a_look_that_never_asked_the_host_teaches_nothing_of_it():
    assert not toll_of(replace(LOOK, failure=Reason.BUSY)).full
    assert toll_of(replace(LOOK, failure=Reason.BUSY, bytes_received=300)).full


def cameras(count: int, site: str = "s", **more):
    return [target(f"c{n}", site=site, **more) for n in range(count)]


async def test_a_site_never_gives_more_than_its_line_allows():
    hungry = Toll(bytes_received=250_000)  # two megabits
    targets = cameras(40, site_kbit=1_000)
    async with running(targets, eyes_of=Eyes, toll=hungry) as (clock, eyes, _):
        await clock.advance(300)
        before = len(eyes.orders)
        await clock.advance(600)

    megabits = 2 * (len(eyes.orders) - before)
    assert 570 <= megabits <= 630  # one a second, and it was used


async def test_every_camera_of_a_slow_site_gets_its_turn_and_its_cadence_says_so():
    targets = cameras(20, site_kbit=500)
    async with running(targets, toll=Toll(bytes_received=250_000)) as (clock, eyes, scheduler):
        await clock.advance(1200)
        begun = len(eyes.orders)
        await clock.advance(2000)
        cadence = scheduler.effective_cadence_s(targets[0])
        waiting = scheduler.gauges()["looks_waiting_for_line"]

    counts = [sum(o.target.key == t.key for _, o in eyes.orders[begun:]) for t in targets]
    assert max(counts) - min(counts) <= 2
    assert cadence == pytest.approx(20 * 2_000 / 500, rel=0.05)
    assert waiting <= 20


async def test_a_site_that_says_nothing_has_the_default_and_another_site_is_not_concerned():
    slow, quick = cameras(10), [target(f"q{n}", site="t", site_kbit=100_000) for n in range(10)]
    async with running(
        [*slow, *quick], lines=LineBudgets(site_kbit=200), toll=Toll(bytes_received=250_000)
    ) as (clock, eyes, scheduler):
        await clock.advance(1200)
        slow_s, quick_s = (scheduler.effective_cadence_s(t) for t in (slow[0], quick[0]))

    assert slow_s > 90
    assert quick_s == 60
    assert len(eyes.of("q0")) >= 19


async def test_a_line_behind_which_there_are_hundreds_of_feeds_is_none_of_a_street():
    """A tenant with 338 channels in a data center; its site says nothing of the line."""
    tenant = cameras(338, recorder="tenant", session_budget=64)
    lines = LineBudgets(site_kbit=None)
    async with running(tenant, lines=lines, toll=Toll(bytes_received=160_000)) as (
        clock,
        _,
        scheduler,
    ):
        await clock.advance(600)
        at_ease = scheduler.effective_cadence_s(tenant[0])
        scheduler.follow({t.key: replace(t, site_kbit=5_000) for t in tenant}, set())
        stated = scheduler.effective_cadence_s(tenant[0])

    assert at_ease == 60
    assert stated == pytest.approx(338 * 160 * 8 / 5_000, rel=0.01)  # what is said of it, holds


async def test_feeds_that_hang_do_not_take_the_places_of_the_healthy():
    """A district is cut off: three of four feeds hold their place until their time-outs."""
    hanging = [target(f"h{n}") for n in range(150)]
    healthy = [target(f"c{n}") for n in range(50)]
    async with running([*hanging, *healthy], look_s=1.0, concurrency=20, eyes_of=Hanging) as (
        clock,
        eyes,
        scheduler,
    ):
        await clock.advance(1200)
        eyes.orders.clear()
        await clock.advance(600)
        waiting_s = scheduler.effective_cadence_s(hanging[0])

    late = [order.lag_s for _, order in eyes.orders if order.target in healthy]
    assert len(late) >= 500
    assert max(late) < 1
    assert waiting_s == pytest.approx(150 * 10 / 10 / USED, rel=0.1)  # half of the places


async def test_a_centers_line_holds_back_what_comes_from_many_sites():
    targets = [target(f"c{n}", site=f"s{n}", center="cou", center_kbit=1_000) for n in range(40)]
    async with running(targets, toll=Toll(bytes_received=250_000)) as (clock, eyes, _):
        await clock.advance(300)
        before = len(eyes.orders)
        await clock.advance(600)

    assert 2 * (len(eyes.orders) - before) <= 630


async def test_a_site_and_its_center_may_both_be_slow():
    targets = [
        target(f"c{n}", site=f"s{n % 2}", site_kbit=700, center="cou", center_kbit=1_000)
        for n in range(40)
    ]
    async with running(targets, toll=Toll(bytes_received=250_000)) as (clock, eyes, _):
        await clock.advance(300)
        before = len(eyes.orders)
        await clock.advance(600)

    assert 500 <= 2 * (len(eyes.orders) - before) <= 630
    assert {o.target.key for _, o in eyes.orders} == {t.key for t in targets}


async def test_no_limit_is_no_limit():
    targets = cameras(20)
    async with running(targets, lines=LineBudgets(0, 0), toll=Toll(bytes_received=10**9)) as (
        clock,
        eyes,
        _,
    ):
        await clock.advance(600)

    assert len(eyes.of("c0")) >= 9


async def test_looks_that_wait_for_a_line_end_with_their_camera():
    targets = cameras(20, site_kbit=100)
    async with running(targets, toll=Toll(bytes_received=250_000)) as (clock, eyes, scheduler):
        await clock.advance(120)
        assert scheduler.gauges()["looks_waiting_for_line"] > 0
        scheduler.follow({}, set())
        before = len(eyes.orders)
        await clock.advance(3600)

    assert len(eyes.orders) == before
    assert scheduler.gauges()["looks_waiting_for_line"] == 0


async def test_what_a_person_asks_for_waits_for_the_line_too():
    targets = cameras(20, site_kbit=100)
    async with running(targets, toll=Toll(bytes_received=250_000)) as (clock, eyes, scheduler):
        await clock.advance(120)
        assert scheduler.ask(FeedKey("c0", "main"), Depth.PICTURE, "ticket")
        before = len(eyes.orders)
        await clock.advance(2)

        assert scheduler.waiting(FeedKey("c0", "main")).waits_for is WaitsFor.LINE
    assert len(eyes.orders) - before <= 1


async def test_a_line_that_is_widened_lets_in_who_waits_for_it():
    narrow = cameras(20, site_kbit=10)
    async with running(narrow, toll=Toll(bytes_received=250_000)) as (clock, eyes, scheduler):
        await clock.advance(120)
        wide = [replace(one, site_kbit=100_000) for one in narrow]
        scheduler.follow({one.key: one for one in wide}, set())
        await clock.advance(60)

        assert scheduler.gauges()["looks_waiting_for_line"] == 0
    assert {order.target.key for _, order in eyes.orders} == {one.key for one in wide}
