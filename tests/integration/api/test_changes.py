"""The change log over the API: filters, pages, and one camera's own history."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registry.changing.inventory import CameraRecord, Change, DeliveryRecord, ProgramRecord, What
from registry.changing.log import new_batch, record
from registry.vocabulary import CameraKind, ChangeSource, Importance, Role
from tests.fakes.service import Service


def camera(importance: Importance) -> CameraRecord:
    kind = CameraKind.STREET
    return CameraRecord(code="A1", name="A1", kind=kind, area="zhetisu", importance=importance)


@pytest.fixture
async def told(service: Service) -> Service:
    """An import of yesterday, and a change of today."""
    async with service.planting() as plant:
        await plant.camera("A1")
        await plant.camera("B1")
    was, is_ = camera(Importance.NORMAL), camera(Importance.HIGH)
    now = service.clock.now()
    yesterday = new_batch("a clerk", ChangeSource.IMPORT, now - timedelta(days=1))
    today = new_batch("a boss", ChangeSource.API, now, reason="school", request_id="r-1")
    program = ProgramRecord(code="p", name="P")
    delivery = DeliveryRecord(camera="A1", center="ou")
    async with service.database.write() as session:
        await record(
            session,
            yesterday,
            [
                Change(What.PROGRAM, ("p",), None, program),
                Change(What.CAMERA, ("A1",), None, was),
                Change(What.DELIVERY, ("A1", "ou"), None, delivery),
            ],
        )
        await record(session, today, [Change(What.CAMERA, ("A1",), was, is_)])
    return service


async def codes(service: Service, query: str) -> list[str]:
    answer = await service.client.get(query, headers=service.bearer(Role.OPERATOR))
    assert answer.status == 200, await answer.text()
    return [f"{item['kind']} {item['code']}" for item in (await answer.json())["items"]]


async def test_it_says_who_did_what_and_why(told: Service):
    answer = await told.client.get("/api/v1/changes?source=api", headers=told.bearer(Role.OPERATOR))

    (item,) = (await answer.json())["items"]
    assert (item["who"], item["reason"], item["request_id"]) == ("a boss", "school", "r-1")
    assert item["before"]["importance"] == "normal"
    assert item["after"]["importance"] == "high"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("who=a%20clerk", ["delivery A1/ou", "camera A1", "program p"]),
        ("kind=camera&code=A1", ["camera A1", "camera A1"]),
        ("kind=program", ["program p"]),
        ("camera=A1&source=import", ["delivery A1/ou", "camera A1"]),
        ("batch=none", []),
        ("camera=B1", []),
    ],
)
async def test_filters_hold_together(told: Service, query: str, expected: list[str]):
    assert await codes(told, f"/api/v1/changes?{query}") == expected


async def test_a_time_is_cut_at_both_ends(told: Service):
    today = told.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    assert await codes(told, f"/api/v1/changes?since={today}") == ["camera A1"]
    assert len(await codes(told, f"/api/v1/changes?until={today}")) == 3


async def test_pages_follow_each_other_without_gap(told: Service):
    seen: list[int] = []
    cursor = ""
    while True:
        answer = await told.client.get(
            f"/api/v1/changes?limit=3{cursor}", headers=told.bearer(Role.OPERATOR)
        )
        page = await answer.json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == 4


async def test_a_camera_has_its_own_history(told: Service):
    expected = ["camera A1", "delivery A1/ou", "camera A1"]

    assert await codes(told, "/api/v1/cameras/A1/changes") == expected
    assert await codes(told, "/api/v1/cameras/B1/changes") == []
