"""History without holes: gaps are said, and an open interval ends with its knowledge."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from registry.models import Assignment, Delivery, DeliveryInterval
from registry.vocabulary import DeliveryState, FailingAt, Reason, Role
from tests.fakes.estate import VALID_FOR, VANTAGE_ID
from tests.fakes.service import Service


async def timeline(service: Service, code: str, **period: str) -> Any:
    path = f"/api/v1/cameras/{code}/timeline"
    answer = await service.client.get(path, params=period, headers=service.bearer())
    assert answer.status == 200, await answer.text()
    return await answer.json()


def told(track: Any) -> list[tuple[str, float]]:
    """(state, minutes) of each segment; neighbours must touch."""
    segments = track["segments"]
    for one, next_one in pairwise(segments):
        assert one["end"] == next_one["start"]
    return [(s["state"], _minutes(s["start"], s["end"])) for s in segments]


def _minutes(start: str, end: str) -> float:
    length = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    return length / timedelta(minutes=1)


async def plant_history(service: Service) -> None:
    """Reaching -300..-200, nothing -200..-150, down -150..-60, reaching from -60 on."""
    async with service.planting() as plant:
        camera = await plant.camera("A1", seen_ago=0, since_ago=3600)
        delivery = await plant.session.scalar(
            sa.select(Delivery.id).where(Delivery.camera_id == camera.id)
        )
        for start, end, state in (
            (300, 200, DeliveryState.REACHING),
            (150, 60, DeliveryState.NOT_REACHING),
        ):
            down = state is DeliveryState.NOT_REACHING
            plant.session.add(
                DeliveryInterval(
                    delivery_id=delivery,
                    vantage_id=VANTAGE_ID,
                    state=state,
                    reason=Reason.TIMEOUT if down else None,
                    failing_at=FailingAt.CAMERA if down else None,
                    started_at=plant.now - timedelta(minutes=start),
                    ended_at=plant.now - timedelta(minutes=end),
                )
            )


async def test_gaps_between_intervals_are_not_measured(service: Service):
    await plant_history(service)
    start = service.clock.now() - timedelta(minutes=400)

    told_of = await timeline(service, "A1", **{"from": start.isoformat()})

    assert told(told_of["deliveries"][0]) == [
        ("not_measured", 100),
        ("reaching", 100),
        ("not_measured", 50),
        ("not_reaching", 90),
        ("reaching", 60),
    ]
    assert told_of["deliveries"][0]["segments"][3]["failing_at"] == "camera"


async def test_an_open_interval_ends_with_its_knowledge(service: Service):
    await plant_history(service)
    service.fake_clock.jump(300)

    told_of = await timeline(service, "A1")

    state, minutes = told(told_of["deliveries"][0])[-1]
    assert (state, minutes) == ("not_measured", (timedelta(seconds=300) - VALID_FOR).seconds / 60)
    assert told(told_of["feeds"][0])[-1] == ("not_measured", 2)


async def test_the_last_24_hours_are_told_and_the_future_is_not(service: Service):
    await plant_history(service)
    later = service.clock.now() + timedelta(days=1)

    told_of = await timeline(service, "A1", to=later.isoformat())

    assert _minutes(told_of["start"], told_of["end"]) == 24 * 60
    assert datetime.fromisoformat(told_of["end"]) == service.clock.now()


async def test_a_camera_without_history_is_one_stretch_not_measured(service: Service):
    async with service.planting() as plant:
        await plant.camera("A1", state=None)

    told_of = await timeline(service, "A1")

    assert told(told_of["deliveries"][0]) == [("not_measured", 24 * 60)]
    assert told(told_of["feeds"][0]) == [("not_measured", 24 * 60)]


async def test_a_period_that_is_none_is_refused_by_its_field(service: Service):
    async with service.planting() as plant:
        await plant.camera("A1")
    now = service.clock.now()

    for start, end in ((now, now), (now - timedelta(days=40), now)):
        answer = await service.client.get(
            "/api/v1/cameras/A1/timeline",
            params={"from": start.isoformat(), "to": end.isoformat()},
            headers=service.bearer(),
        )
        problem = await answer.json()
        assert answer.status == 422
        assert problem["errors"][0]["field"] == "query.from"


async def test_a_contractor_sees_no_history_of_before_he_answered_for_it(service: Service):
    async with service.planting() as plant:
        await plant.camera("C1", since_ago=3 * 86_400)
    await service.plant_contractor()
    now = service.clock.now()
    began = await _care_began(service)

    async def ask(path: str, **query: Any) -> tuple[int, Any]:
        answer = await service.client.get(
            f"/api/v1/{path}",
            params={name: value.isoformat() for name, value in query.items()},
            headers=service.bearer(Role.CONTRACTOR),
        )
        return answer.status, await answer.json()

    week = {"from": now - timedelta(days=7), "to": now}
    status, shown = await ask("cameras/C1/timeline", **week)
    before, after = began - timedelta(seconds=1), began + timedelta(seconds=1)
    early, _ = await ask("cameras/C1/timeline", **week | {"to": before})
    then = [(await ask("cameras/C1/at", time=time))[0] for time in (before, after)]
    cameras = [
        [each["camera"] for each in (await ask("at", time=time))[1]["items"]]
        for time in (before, after)
    ]

    assert (status, datetime.fromisoformat(shown["start"]), early) == (200, began, 422)
    assert (then, cameras) == ([404, 200], [[], ["C1"]])


async def _care_began(service: Service) -> datetime:
    async with service.database.read() as session:
        return (await session.scalars(sa.select(Assignment.starts_at))).one()
