"""What happens around the looks: restarts, stepped clocks, a registry that changes meanwhile.

History must never claim time in which nobody looked, and no state may outlive its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from monitor.exposition import fleet_text
from monitor.verdict import Next, Seen
from registry.look import FeedKey, Finding, Look, Video
from registry.models import Camera, DeliveryInterval, DeliveryStatus, Feed, Outage
from registry.vocabulary import Answer, Depth, FeedState, Hop, Lifecycle, Reason
from tests.integration.monitor.conftest import ALONE, CAMERA, CENTER, RECORDER, Monitor
from tests.integration.monitor.test_knowledge import delivery, down, samples

DAY_S = 86_400.0
Interval = tuple[str, float, float | None]


async def change(monitor: Monitor, edit: Callable[[AsyncSession, Feed], None]) -> None:
    """Edit the feed of the camera that stands alone, and let the monitor follow."""
    async with monitor.database.write() as session:
        query = sa.select(Feed).join(Camera, Camera.id == Feed.camera_id)
        edit(session, (await session.scalars(query.where(Camera.code == "K2"))).one())
    await monitor.follow()


async def live_through(monitor: Monitor, lifecycle: Lifecycle) -> None:
    async with monitor.database.write() as session:
        camera = (await session.scalars(sa.select(Camera).where(Camera.code == "K2"))).one()
        camera.lifecycle = lifecycle
    await monitor.follow()


async def restarted(monitor: Monitor) -> Monitor:
    return await Monitor(monitor.database, monitor.clock, monitor.vantage_id).start()


async def rows(monitor: Monitor, key: FeedKey = ALONE) -> list[Interval]:
    """A feed's history with times in seconds since the test began."""

    def since_start(at: datetime | None) -> float | None:
        return None if at is None else (at - monitor.clock._start).total_seconds()

    return [
        (state, since_start(start) or 0.0, since_start(end))
        for state, _, start, end in await monitor.intervals(key)
    ]


def claimed_s(intervals: Sequence[Interval], state: FeedState) -> float:
    return sum((end or start) - start for said, start, end in intervals if said == state)


async def test_a_camera_set_back_to_planned_reaches_nowhere(monitor):
    monitor.good(ALONE)
    await live_through(monitor, Lifecycle.PLANNED)

    page = samples(await monitor.page())
    known = monitor.knowledge
    counts = fleet_text(known.estate.cameras, known.feeds.values(), known.deliveries.values())
    assert ("camreach_delivery_reaching", "K2", "cou") not in page
    assert 'state="reaching"' not in counts


async def test_a_day_in_retirement_is_no_day_of_life(monitor):
    monitor.good(ALONE)
    monitor.wait(10)
    await live_through(monitor, Lifecycle.RETIRED)
    monitor.wait(DAY_S)
    await live_through(monitor, Lifecycle.IN_SERVICE)
    monitor.good(ALONE)

    assert claimed_s(await rows(monitor), FeedState.LIVE) == 10


async def test_an_outage_of_a_retired_camera_keeps_its_last_bad_look(monitor):
    monitor.good(ALONE)
    down(monitor, ALONE, Reason.REFUSED)
    last_bad = monitor.clock.now()
    await live_through(monitor, Lifecycle.RETIRED)

    async with monitor.database.read() as session:
        outage = (await session.scalars(sa.select(Outage))).one()
    assert (outage.last_bad_at, outage.first_good_at) == (last_bad, None)


async def test_a_delivery_that_nobody_delivers_any_more_says_so(monitor):
    monitor.good(ALONE)
    await change(monitor, lambda _, feed: setattr(feed, "delivers_to_id", None))
    monitor.wait(DAY_S)
    await monitor.flush()

    async with monitor.database.read() as session:
        of_k2 = sa.select(DeliveryStatus).join(Feed, sa.true()).join(Camera, sa.true())
        states = set(await session.scalars(of_k2.with_only_columns(DeliveryStatus.state)))
        reached = await session.scalars(
            sa.select(DeliveryInterval).where(DeliveryInterval.state == "reaching")
        )
        assert "reaching" not in states
        assert all(row.ended_at is not None for row in reached)


async def test_an_outage_begins_when_somebody_looked_again_not_when_knowledge_ended(monitor):
    monitor.good(ALONE)
    monitor.wait(60)
    monitor.bad(ALONE, Reason.REFUSED)
    await monitor.flush()
    monitor.wait(3600)
    after = await restarted(monitor)
    down(after, ALONE, Reason.REFUSED)

    downs = [start for state, start, _ in await rows(after) if state == FeedState.DOWN]
    assert downs == [3665.0]


async def test_a_stale_outage_is_not_continued_over_a_pause(monitor):
    monitor.good(ALONE)
    down(monitor, ALONE, Reason.REFUSED)
    monitor.wait(3600)
    monitor.bad(ALONE, Reason.REFUSED)

    assert claimed_s(await rows(monitor), FeedState.DOWN) == 190  # 10 s of looks, then valid_for


async def test_no_interval_has_a_negative_length(monitor):
    monitor.good(ALONE)
    monitor.wait(60)
    monitor.bad(ALONE, Reason.REFUSED)
    await monitor.flush()
    monitor.wait(5)
    after = await restarted(monitor)
    down(after, ALONE, Reason.REFUSED)

    intervals = await rows(after)
    assert [state for state, *_ in intervals] == ["live", "unknown", "live", "down"]
    assert all(end is None or end >= start for _, start, end in intervals)


async def test_another_reason_begins_when_it_was_seen(monitor):
    monitor.good(ALONE)
    down(monitor, ALONE, Reason.REFUSED)
    monitor.wait(60)
    monitor.bad(ALONE, Reason.TIMEOUT)

    history = await monitor.intervals(ALONE)
    (timeout,) = [start for _, reason, start, _ in history if reason == Reason.TIMEOUT]
    assert timeout == monitor.clock.now()


async def test_another_feed_that_delivers_does_not_rewrite_the_past(monitor):
    down(monitor, CENTER, Reason.REFUSED)
    monitor.wait(100)
    monitor.good(CAMERA, RECORDER)
    async with monitor.database.write() as session:
        feeds = {feed.name: feed for feed in await session.scalars(sa.select(Feed))}
        center, feeds["cou"].delivers_to_id = feeds["cou"].delivers_to_id, None
        await session.flush()
        feeds["nvr"].delivers_to_id = center
    await monitor.follow()

    assert delivery(monitor, "K1").state == "reaching"
    assert monitor.knowledge.deliveries["K1", "cou"].since == monitor.clock.now()


async def test_what_was_seen_at_the_old_address_says_nothing_of_the_new(monitor):
    monitor.good(ALONE)
    old = monitor.knowledge.feeds[ALONE].target
    await change(monitor, lambda _, feed: setattr(feed, "url", "rtsp://198.18.9.9/other"))
    page = samples(await monitor.page())
    assert ("camreach_delivery_reaching", "K2", "cou") not in page

    late = look(monitor, Depth.PICTURE, {Reason.BLACK: Finding(Answer.OK)})
    monitor.knowledge.take(old, Seen(late, monitor.clock.now()), None)
    assert monitor.knowledge.feeds[ALONE].memory.state is FeedState.UNKNOWN


async def test_a_feed_made_again_under_its_old_name_has_a_history_of_its_own(monitor):
    monitor.good(ALONE)
    async with monitor.database.write() as session:
        camera = (await session.scalars(sa.select(Camera).where(Camera.code == "K2"))).one()
        query = sa.select(Feed).where(Feed.camera_id == camera.id)
        await session.delete((await session.scalars(query)).one())
        await session.flush()
        for name in ("other", "main"):
            url = "rtsp://198.18.0.1:554/1"
            session.add(Feed(name=name, url=url, hop=Hop.CAMERA, camera_id=camera.id))
            await session.flush()
    await monitor.follow()
    monitor.good(ALONE)

    assert [state for state, *_ in await rows(monitor)] == [FeedState.LIVE]


async def test_a_center_whose_own_feed_cannot_be_looked_at_is_not_reached_by_the_cameras(monitor):
    monitor.good(CAMERA, RECORDER, CENTER)
    async with monitor.database.write() as session:
        feed = (await session.scalars(sa.select(Feed).where(Feed.name == "cou"))).one()
        feed.url = "https://vms/stream"
    await monitor.follow()
    monitor.good(CAMERA, RECORDER)

    assert delivery(monitor, "K1").state == "unknown"


async def test_a_clock_set_back_leaves_no_claim_for_the_time_of_the_step(monitor):
    monitor.good(ALONE)
    monitor.knowledge.forget_states()
    monitor.clock._start -= timedelta(hours=1)
    monitor.wait(600)

    page = samples(await monitor.page())
    assert ("camreach_delivery_reaching", "K2", "cou") not in page


async def test_a_restart_under_a_clock_set_back_believes_nothing_from_the_future(monitor):
    monitor.good(ALONE)
    await monitor.flush()
    monitor.clock._start -= timedelta(hours=1)
    after = await restarted(monitor)

    page = samples(await after.page())
    assert ("camreach_delivery_reaching", "K2", "cou") not in page
    assert all(end is None or end >= start for _, start, end in await rows(after))


async def test_pictures_that_stay_uncheckable_leave_neither_down_nor_live(monitor):
    monitor.good(ALONE)
    down(monitor, ALONE, Reason.REFUSED)
    lost = {Reason.BLACK: Finding(Answer.NOT_CHECKABLE, "packets were lost")}
    for depth in (Depth.LIVENESS, Depth.PICTURE):
        monitor.wait(60)
        seen = Seen(look(monitor, depth, lost), monitor.clock.now())
        monitor.knowledge.take(monitor.knowledge.feeds[ALONE].target, seen, None)

    assert monitor.knowledge.feeds[ALONE].memory.state is FeedState.UNKNOWN


async def test_answers_that_never_agree_do_not_make_us_hammer(monitor):
    monitor.good(ALONE)
    asked: list[Next | None] = []
    for turn in range(100):
        failing = look(monitor, Depth.LIVENESS, {}, (Reason.TIMEOUT, Reason.BUSY)[turn % 2])
        target = monitor.knowledge.feeds[ALONE].target
        asked.append(monitor.knowledge.take(target, Seen(failing, monitor.clock.now()), None))
        monitor.wait(asked[-1].after_s if asked[-1] else 60)

    quick = [following for following in asked if following is not None]
    assert len(quick) < 20
    assert monitor.knowledge.feeds[ALONE].memory.reason is Reason.BUSY


def look(monitor: Monitor, depth: Depth, findings, failure: Reason | None = None) -> Look:
    return Look(
        depth=depth,
        started_at=monitor.clock.now(),
        duration_s=1.0,
        failure=failure,
        findings=findings if depth is Depth.PICTURE else {},
        video=Video(frames=0 if failure else 30),
    )
