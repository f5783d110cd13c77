"""From looks to states, rows and metrics, over a real database and a clock that stands still."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from monitor.verdict import Seen
from registry.database import DatabaseTrouble
from registry.look import FeedKey, Look
from registry.models import Camera, DeliveryStatus, Feed, FeedStatus, Outage
from registry.vocabulary import DeliveryState, Depth, FailingAt, FeedState, Lifecycle, Reason
from tests.integration.monitor.conftest import ALONE, CAMERA, CENTER, RECORDER, Monitor


def samples(page: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def delivery(monitor: Monitor, camera: str):
    return monitor.knowledge.deliveries[camera, "cou"].verdict


def down(monitor: Monitor, key: FeedKey, reason: Reason) -> None:
    for _ in range(3):
        monitor.wait(5)
        monitor.bad(key, reason)


async def test_a_path_that_lives_reaches(monitor):
    monitor.good(CAMERA, RECORDER, CENTER)

    assert delivery(monitor, "K1").state is DeliveryState.REACHING
    page = samples(await monitor.page())
    assert page["camreach_delivery_reaching", "K1", "cou"] == 1
    assert page["camreach_feed_up", "K1", "cou", "center", "main"] == 1


async def test_the_place_at_fault_is_named(monitor):
    monitor.good(CAMERA, RECORDER, CENTER)
    down(monitor, RECORDER, Reason.REFUSED)
    down(monitor, CENTER, Reason.NO_PACKETS)

    verdict = delivery(monitor, "K1")
    assert (verdict.state, verdict.failing_at) == (
        DeliveryState.NOT_REACHING,
        FailingAt.RECORDER,
    )
    page = samples(await monitor.page())
    assert page["camreach_delivery_failing_at", "K1", "cou", "recorder"] == 1
    assert page["camreach_delivery_reaching", "K1", "cou"] == 0


async def test_an_expired_state_claims_nothing_anywhere(monitor):
    monitor.good(ALONE)
    monitor.wait(300)
    page = samples(await monitor.page())

    assert ("camreach_feed_up", "K2", "main", "camera", "main") not in page
    assert ("camreach_delivery_reaching", "K2", "cou") not in page
    assert page["camreach_delivery_state", "K2", "cou", "unknown"] == 1
    assert page["camreach_feed_reason", "K2", "main", "camera", "main", "not_probed"] == 1
    assert ("camreach_feed_last_look_timestamp_seconds", "K2", "main", "camera", "main") in page


async def test_history_is_cut_where_knowledge_ended_not_where_it_was_noticed(monitor):
    monitor.good(ALONE)
    seen_at = monitor.clock.now()
    monitor.wait(1000)
    monitor.knowledge.expire()

    live, unknown = await monitor.intervals(ALONE)
    assert live[0] is FeedState.LIVE
    assert live[3] == seen_at + timedelta(seconds=180)
    assert (unknown[0], unknown[1], unknown[2]) == (
        FeedState.UNKNOWN,
        Reason.NOT_PROBED,
        live[3],
    )


async def test_an_outage_has_both_pairs_of_edges(monitor):
    monitor.good(ALONE)
    last_good = monitor.clock.now()
    down(monitor, ALONE, Reason.REFUSED)
    last_bad = monitor.clock.now()
    monitor.wait(60)
    monitor.good(ALONE)
    await monitor.flush()

    async with monitor.database.read() as session:
        outage = (await session.scalars(sa.select(Outage))).one()
    assert outage.reason is Reason.REFUSED
    assert outage.last_good_at == last_good
    assert outage.first_bad_at == last_good + timedelta(seconds=5)
    assert outage.last_bad_at == last_bad
    assert outage.first_good_at == last_bad + timedelta(seconds=60)


async def outages(monitor: Monitor) -> list[tuple[object, ...]]:
    """Reason, and the four edges in seconds since the test began, oldest outage first."""
    await monitor.flush()
    async with monitor.database.read() as session:
        found = (await session.scalars(sa.select(Outage).order_by(Outage.id))).all()
    return [
        (each.reason, each.first_bad_at, each.last_bad_at, each.first_good_at) for each in found
    ]


async def move(monitor: Monitor, url: str) -> None:
    async with monitor.database.write() as session:
        camera = sa.select(Camera.id).where(Camera.code == ALONE.camera).scalar_subquery()
        await session.execute(sa.update(Feed).where(Feed.camera_id == camera).values(url=url))
    await monitor.follow()


@pytest.mark.parametrize("expired", [False, True])
async def test_an_outage_ends_with_the_address_it_was_at(monitor, expired):
    monitor.good(ALONE)
    down(monitor, ALONE, Reason.REFUSED)
    first_bad, last_bad = monitor.clock.now() - timedelta(seconds=10), monitor.clock.now()
    if expired:
        monitor.wait(1000)
        monitor.knowledge.expire()
    await move(monitor, "rtsp://198.18.0.77/1")
    monitor.wait(30 * 86_400)
    monitor.good(ALONE)

    assert await outages(monitor) == [(Reason.REFUSED, first_bad, last_bad, None)]


async def test_an_outage_at_the_new_address_is_another(monitor):
    monitor.good(ALONE)
    down(monitor, ALONE, Reason.REFUSED)
    last_bad = monitor.clock.now()
    await move(monitor, "rtsp://198.18.0.77/1")
    monitor.wait(30 * 86_400)
    down(monitor, ALONE, Reason.TIMEOUT)
    began, ended = monitor.clock.now() - timedelta(seconds=10), monitor.clock.now()
    monitor.wait(60)
    monitor.good(ALONE)

    assert await outages(monitor) == [
        (Reason.REFUSED, last_bad - timedelta(seconds=10), last_bad, None),
        (Reason.TIMEOUT, began, ended, ended + timedelta(seconds=60)),
    ]


async def test_an_outage_that_outlasts_a_gap_in_measuring_stays_one(monitor):
    monitor.good(ALONE)
    down(monitor, ALONE, Reason.REFUSED)
    began = monitor.clock.now() - timedelta(seconds=10)
    monitor.wait(1000)
    monitor.knowledge.expire()
    down(monitor, ALONE, Reason.TIMEOUT)

    assert await outages(monitor) == [(Reason.REFUSED, began, None, None)]


async def test_the_database_says_what_the_metrics_say(monitor):
    monitor.good(CAMERA, RECORDER, CENTER)
    down(monitor, ALONE, Reason.NOT_FOUND)
    await monitor.flush()

    async with monitor.database.read() as session:
        states = dict(
            (
                await session.execute(
                    sa.select(FeedStatus.reason, sa.func.count()).group_by(FeedStatus.reason)
                )
            ).all()
        )
        deliveries = set(await session.scalars(sa.select(DeliveryStatus.state)))
    assert states == {None: 3, Reason.NOT_FOUND: 1}
    assert deliveries == {DeliveryState.REACHING, DeliveryState.NOT_REACHING}


async def test_a_restart_within_valid_for_keeps_the_state_and_leaves_a_gap(monitor):
    monitor.good(ALONE)
    await monitor.flush()
    heartbeat = monitor.clock.now()
    monitor.wait(40)

    after = await Monitor(monitor.database, monitor.clock, monitor.vantage_id).start()

    assert after.restored.crashed
    assert delivery(after, "K2").state is DeliveryState.REACHING
    live, gap, live_again = await after.intervals(ALONE)
    assert (live[0], live[3]) == (FeedState.LIVE, heartbeat)
    assert gap[:3] == (FeedState.UNKNOWN, Reason.NOT_PROBED, heartbeat)
    assert gap[3] == heartbeat + timedelta(seconds=40)
    assert live_again[0] is FeedState.LIVE


async def test_a_long_absence_is_unknown_and_never_an_outage(monitor):
    monitor.good(ALONE)
    await monitor.flush()
    heartbeat = monitor.clock.now()
    monitor.wait(3600)

    after = await Monitor(monitor.database, monitor.clock, monitor.vantage_id).start()
    after.wait(10)
    after.good(ALONE)

    states = await after.intervals(ALONE)
    assert [s[0] for s in states] == [FeedState.LIVE, FeedState.UNKNOWN, FeedState.LIVE]
    assert states[1][2:] == (heartbeat, heartbeat + timedelta(seconds=3610))
    async with after.database.read() as session:
        assert not (await session.scalars(sa.select(Outage))).all()


async def test_an_outage_that_outlasts_a_restart_is_one_outage(monitor):
    monitor.good(ALONE)
    down(monitor, ALONE, Reason.REFUSED)
    await monitor.flush()
    monitor.wait(20)

    after = await Monitor(monitor.database, monitor.clock, monitor.vantage_id).start()
    assert delivery(after, "K2").state is DeliveryState.NOT_REACHING
    down(after, ALONE, Reason.REFUSED)
    after.wait(5)
    after.good(ALONE)
    await after.flush()

    async with after.database.read() as session:
        outage = (await session.scalars(sa.select(Outage))).one()
    assert outage.first_good_at == after.clock.now()


async def test_a_retired_camera_disappears_from_every_series(monitor):
    monitor.good(ALONE, CAMERA, RECORDER, CENTER)
    async with monitor.database.write() as session:
        camera = (await session.scalars(sa.select(Camera).where(Camera.code == "K2"))).one()
        camera.lifecycle = Lifecycle.RETIRED
    await monitor.follow()

    page = await monitor.page()
    assert '"K2"' not in page
    assert '"K1"' in page


async def test_no_two_samples_share_their_labels(monitor):
    monitor.good(CAMERA, RECORDER)
    down(monitor, CENTER, Reason.NO_PACKETS)
    down(monitor, ALONE, Reason.REFUSED)
    monitor.good(ALONE)

    lines = [line for line in (await monitor.page()).splitlines() if not line.startswith("#")]
    names = [line.rpartition(" ")[0] for line in lines]
    assert len(names) == len(set(names))


async def test_shards_together_are_the_whole(monitor):
    monitor.good(CAMERA, RECORDER, CENTER, ALONE)

    whole = set((await monitor.exposition.per_camera()).splitlines())
    parts = [
        line
        for shard in range(3)
        for line in (await monitor.exposition.per_camera(shard, 3)).splitlines()
    ]
    assert set(parts) == whole
    assert len([p for p in parts if not p.startswith(b"#")]) == len(
        [w for w in whole if not w.startswith(b"#")]
    )


async def test_a_batch_that_could_not_be_written_is_written_later(monitor):
    monitor.good(ALONE)
    async with monitor.database.write() as session:
        await session.execute(sa.text("alter table feed_status rename to away"))
    with pytest.raises(DatabaseTrouble):
        await monitor.flush()
    assert monitor.writer.waiting > 0

    async with monitor.database.write() as session:
        await session.execute(sa.text("alter table away rename to feed_status"))
    await monitor.flush()

    assert monitor.writer.waiting == 0
    assert (await monitor.intervals(ALONE))[0][0] is FeedState.LIVE


async def test_what_was_seen_of_a_feed_that_is_gone_is_left_out_and_the_rest_is_written(monitor):
    monitor.good(ALONE, CAMERA)
    gone = monitor.knowledge.feeds[ALONE].target.feed_id
    async with monitor.database.write() as session:
        await session.execute(sa.delete(Feed).where(Feed.id == gone))

    await monitor.flush()

    assert monitor.writer.waiting == 0
    assert (await monitor.intervals(CAMERA))[0][0] is FeedState.LIVE
    async with monitor.database.read() as session:
        assert gone not in set(await session.scalars(sa.select(FeedStatus.feed_id)))


async def test_the_end_of_a_certificate_is_told_as_a_metric_once_it_was_seen(monitor):
    name = "camreach_feed_certificate_expiry_timestamp_seconds"
    monitor.good(CAMERA)
    assert name not in await monitor.page()

    ends = monitor.clock.now() + timedelta(days=30)
    look = Look(
        depth=Depth.LIVENESS,
        started_at=monitor.clock.now(),
        duration_s=0.1,
        transport="tls",
        certificate_expires_at=ends,
    )
    at = monitor.knowledge.feeds[CAMERA].target
    monitor.knowledge.take(at, Seen(look=look, finished_at=monitor.clock.now()), None)
    down(monitor, CAMERA, Reason.TLS)

    page = samples(await monitor.page())
    assert page[name, "K1", "main", "camera", "main"] == ends.timestamp()
