"""What was it then: states at a moment, honest about what was not measured, and whose clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from registry.models import Area, Delivery, Feed, FeedInterval, Outage
from registry.vocabulary import DeliveryState, FeedState, Lifecycle, Reason
from tests.fakes.estate import VANTAGE_ID
from tests.fakes.openapi import Document
from tests.fakes.service import Service

LIVE, DOWN, UNKNOWN = FeedState.LIVE, FeedState.DOWN, FeedState.UNKNOWN


@pytest.fixture
async def estate(service: Service) -> Service:
    """A1 is live -300..-200, nothing till -150, could not be looked at -150..-120, down ..-60."""
    async with service.planting() as plant:
        await plant.camera("A1", since_ago=3600)
        await plant.camera("A2", area_id=3, centers=(2,), since_ago=60)
        await plant.camera("A3", state=None, lifecycle=Lifecycle.RETIRED)
        feed = await plant.session.scalar(sa.select(Feed.id).order_by(Feed.id).limit(1))
        for start, end, state, reason in (
            (300, 200, LIVE, None),
            (150, 120, UNKNOWN, Reason.AUTH_REJECTED),
            (120, 60, DOWN, Reason.TIMEOUT),
        ):
            plant.session.add(
                FeedInterval(
                    feed_id=feed,
                    vantage_id=VANTAGE_ID,
                    state=state,
                    reason=reason,
                    started_at=plant.now - timedelta(minutes=start),
                    ended_at=plant.now - timedelta(minutes=end),
                )
            )
    return service


async def at(service: Service, path: str, minutes_ago: float, **query: str) -> Any:
    time = (service.clock.now() - timedelta(minutes=minutes_ago)).isoformat()
    answer = await service.client.get(
        f"/api/v1/{path}", params={"time": time} | query, headers=service.bearer()
    )
    assert answer.status == 200, await answer.text()
    return await answer.json()


@pytest.mark.parametrize(
    ("minutes_ago", "state", "reason", "working"),
    [(250, "live", None, True), (90, "down", "timeout", False), (0.5, "live", None, True)],
)
async def test_what_was_measured_is_told_as_it_was(
    estate: Service, minutes_ago: float, state: str, reason: str | None, working: bool
):
    camera = await at(estate, "cameras/A1/at", minutes_ago)

    (feed,) = camera["feeds"]
    assert (feed["state"], feed["during"]["reason"]) == (state, reason)
    assert (feed["before"], feed["after"]) == (None, None)
    assert camera["working"] is working


@pytest.mark.parametrize(
    ("minutes_ago", "why", "before", "after"),
    [
        (400, None, None, "live"),
        (170, None, "live", "down"),
        (130, "auth_rejected", "live", "down"),
    ],
)
async def test_what_was_not_measured_is_said_with_what_lies_around_it(
    estate: Service, minutes_ago: float, why: str | None, before: str | None, after: str | None
):
    camera = await at(estate, "cameras/A1/at", minutes_ago)

    (feed,) = camera["feeds"]
    assert feed["state"] == "not_measured"
    assert (feed["during"] or {"reason": None})["reason"] == why
    told = [feed[side] and feed[side]["state"] for side in ("before", "after")]
    assert told == [before, after]
    assert camera["working"] is None


async def test_after_knowledge_ran_out_an_open_interval_is_what_was_known_before(estate: Service):
    estate.fake_clock.jump(3600)

    camera = await at(estate, "cameras/A1/at", 10)
    delivery = await at(estate, "cameras/A1/deliveries/ou/at", 10)

    assert camera["feeds"][0]["state"] == "not_measured"
    assert camera["feeds"][0]["before"]["state"] == "live"
    assert (delivery["state"], delivery["before"]["state"]) == ("not_measured", "reaching")


async def test_who_could_see_this_place_and_was_it_working(estate: Service):
    of_city = await at(estate, "at", 90, area="zhetisu/taldykorgan")
    of_site = await at(estate, "at", 250, site="zhansugurov-114", limit="1")

    told = [(camera["camera"], camera["working"]) for camera in of_city["items"]]
    assert told == [("A1", False), ("A3", None)]
    assert of_city["items"][0]["address"] == "ул. Жансугурова, 114"
    assert ([c["camera"] for c in of_site["items"]], of_site["next"] is None) == (["A1"], False)


async def test_the_answers_are_what_the_document_says(estate: Service):
    document = await Document.of(estate)

    document.hold("/api/v1/cameras/{code}/at", 200, await at(estate, "cameras/A1/at", 130))
    document.hold("/api/v1/at", 200, await at(estate, "at", 130))
    path = "/api/v1/cameras/{code}/deliveries/{center}/at"
    document.hold(path, 200, await at(estate, "cameras/A1/deliveries/ou/at", 5))


@pytest.mark.parametrize(
    ("path", "time", "utc", "zone_from"),
    [
        ("cameras/A1/at", "2026-01-10T22:10:00+05:00", "2026-01-10T17:10:00Z", "offset"),
        ("cameras/A1/at", "2026-01-10T22:10", "2026-01-10T17:10:00Z", "area"),
        ("at?site=zhansugurov-114", "2026-01-10T22:10", "2026-01-10T17:10:00Z", "area"),
        ("at", "2026-01-10T17:10:00Z", "2026-01-10T17:10:00Z", "offset"),
    ],
)
async def test_it_says_which_moment_and_whose_clock_was_meant(
    estate: Service, path: str, time: str, utc: str, zone_from: str
):
    answer = await estate.client.get(
        f"/api/v1/{path}", params={"time": time}, headers=estate.bearer()
    )

    then = (await answer.json())["then"]
    assert (then["time"], then["zone_from"]) == (utc, zone_from)
    if path != "at":
        assert then["local_time"] == "2026-01-10T22:10:00+05:00"
        assert then["time_zone"] == "Asia/Almaty"


@pytest.mark.parametrize(
    ("path", "time"),
    [
        ("at", "2026-01-10T22:10"),  # no area whose clock could be meant
        ("cameras/A1/at", "yesterday, at ten"),
        ("cameras/A1/at", "9999-12-31T23:59:59-23:00"),
        ("cameras/A1/at", "2099-01-01T00:00:00Z"),
        ("cameras/A1/at", "2024-02-29T23:30"),  # Almaty went back an hour: it came twice
    ],
)
async def test_a_moment_that_may_mean_two_is_refused(estate: Service, path: str, time: str):
    answer = await estate.client.get(
        f"/api/v1/{path}", params={"time": time}, headers=estate.bearer()
    )

    assert answer.status == 422, await answer.text()
    assert (await answer.json())["errors"][0]["field"] == "query.time"


async def test_areas_with_several_clocks_need_an_offset(estate: Service):
    async with estate.planting() as plant:
        await plant.session.execute(
            sa.update(Area).where(Area.path == "zhetisu/aksu").values(time_zone="Asia/Oral")
        )

    camera = await estate.client.get(
        "/api/v1/cameras/A2/at?time=2026-01-10T22:10", headers=estate.bearer()
    )

    assert (await camera.json())["then"]["time_zone"] == "Asia/Oral"


async def test_down_again_after_knowledge_ran_out_is_down_since_the_outage_began(service: Service):
    async with service.planting() as plant:
        await plant.camera(
            "A1", state=DeliveryState.NOT_REACHING, reason=Reason.TIMEOUT, since_ago=60
        )
        began = plant.now - timedelta(hours=3)
        delivery = await plant.session.scalar(sa.select(Delivery.id))
        feed = await plant.session.scalar(sa.select(Feed.id))
        plant.session.add(
            Outage(feed_id=feed, vantage_id=VANTAGE_ID, reason=Reason.TIMEOUT, first_bad_at=began)
        )
    assert delivery is not None

    answer = await service.client.get("/api/v1/cameras/A1", headers=service.bearer())
    camera = await answer.json()

    wanted = began.isoformat().replace("+00:00", "Z")
    assert camera["feeds"][0]["since"] == camera["deliveries"][0]["since"] == wanted
