"""Out of reach is not there: no list, count, page, picture or event tells of it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from registry.live import Frame
from registry.look import FeedKey
from registry.models import AuditEntry, Feed, Outage
from registry.security.reach import Reach
from registry.vocabulary import DeliveryState, Depth, Reason, Role
from tests.fakes.belongings import belong
from tests.fakes.estate import VANTAGE_ID
from tests.fakes.service import Service

FRAME = "/api/v1/cameras/{}/feeds/main/frame"
LOOK = "/api/v1/cameras/{}/feeds/main/look"


@pytest.fixture
async def estate(service: Service) -> Service:
    async with service.planting() as plant:
        await plant.camera("inside", name="Здесь")
        await plant.camera(
            "outside",
            name="Marker-outside",
            area_id=3,
            centers=(2,),
            state=DeliveryState.NOT_REACHING,
            reason=Reason.TIMEOUT,
        )
    await service.plant_contractor()
    for code in ("inside", "outside"):
        key = FeedKey(code, "main")
        service.live.frames[key] = Frame(b"\xff\xd8", service.clock.now())
        service.live.look_now(key, Depth.PICTURE)
    return service


LIMITS: tuple[dict[str, Any], ...] = (
    {"areas": ("zhetisu/taldykorgan",)},
    {"centers": ("ou",)},
    {"contractor": "almatel"},
)


@pytest.mark.parametrize("limits", LIMITS)
async def test_lists_and_counts_hold_only_what_is_in_reach(estate: Service, limits: dict[str, Any]):
    headers = await estate.issue(Role.ADMIN, Reach(**limits))

    page = await (await estate.client.get("/api/v1/cameras", headers=headers)).json()
    stats = await (
        await estate.client.get("/api/v1/stats?by=center,reason", headers=headers)
    ).json()

    assert [camera["code"] for camera in page["items"]] == ["inside"]
    assert (stats["cameras"], stats["deliveries"]) == (1, 1)
    assert [row["keys"]["center"] for row in stats["items"]] == ["ou"]


@pytest.mark.parametrize("limits", LIMITS)
async def test_one_object_out_of_reach_is_answered_like_one_that_does_not_exist(
    estate: Service, limits: dict[str, Any]
):
    headers = await estate.issue(Role.ADMIN, Reach(**limits))
    paths = [
        ("GET", "/api/v1/cameras/{}"),
        ("GET", "/api/v1/cameras/{}/timeline"),
        ("GET", FRAME),
        ("POST", LOOK),
        ("GET", "/cameras/{}"),
        ("GET", "/cameras/{}/now"),
    ]

    for method, path in paths:
        there = await estate.client.request(method, path.format("inside"), headers=headers)
        hidden = await estate.client.request(method, path.format("outside"), headers=headers)
        absent = await estate.client.request(method, path.format("nowhere"), headers=headers)
        assert (there.status, hidden.status) == (202 if method == "POST" else 200, 404), path
        told = (await hidden.text()).replace("outside", "nowhere")
        assert told == await absent.text(), path


async def test_a_ticket_of_a_camera_out_of_reach_is_nobodys(estate: Service):
    headers = await estate.issue(Role.OPERATOR, Reach(areas=("zhetisu/taldykorgan",)))

    answers = [
        (await estate.client.get(f"/api/v1/looks/ticket-{number}", headers=headers)).status
        for number in (1, 2)
    ]

    assert answers == [200, 404]


async def test_the_wall_offers_and_counts_only_what_is_in_reach(estate: Service):
    headers = await estate.issue(Role.VIEWER, Reach(areas=("zhetisu/taldykorgan",)))

    wall = await (await estate.client.get("/", headers=headers)).text()

    assert "Здесь" in wall
    for told in ("Marker-outside", "duty-aksu", "zhetisu/aksu"):
        assert told not in wall


async def test_events_name_only_cameras_in_reach(estate: Service):
    headers = await estate.issue(Role.VIEWER, Reach(areas=("zhetisu/taldykorgan",)))

    async with estate.client.get("/events", headers=headers) as answer:
        await answer.content.readuntil(b"event: heartbeat")
        estate.live.announce("outside")
        estate.live.announce("outside", "inside")
        await answer.content.readuntil(b"event: changed\n")
        told = await answer.content.readline()

    assert told == b'data: {"cameras": ["inside"]}\n'


async def test_a_contractor_sees_no_picture_and_is_offered_none(estate: Service):
    headers = estate.bearer(Role.CONTRACTOR)

    camera = await (await estate.client.get("/api/v1/cameras/inside", headers=headers)).json()
    page = await (await estate.client.get("/cameras/inside", headers=headers)).text()
    frame = await estate.client.get(FRAME.format("inside"), headers=headers)

    assert camera["picture"] == {"allowed": False, "feed": None, "taken_at": None}
    assert "/frame" not in page
    assert frame.status == 403


async def test_a_contractor_reads_the_open_outages_of_his_own_cameras(service: Service):
    await service.plant_contractor()
    async with service.planting() as plant:
        await belong(plant, await plant.camera("inside"))
        outside = await plant.camera("outside", area_id=3, centers=(2,))
        feed_id = sa.select(Feed.id).where(Feed.camera_id == outside.id).scalar_subquery()
        plant.session.add(
            Outage(
                feed_id=feed_id,
                vantage_id=VANTAGE_ID,
                reason=Reason.TIMEOUT,
                first_bad_at=plant.now,
            )
        )
    listed, single = "/api/v1/outages", "/api/v1/outages/{}"
    headers = service.bearer(Role.CONTRACTOR)

    told = await (await service.client.get(listed, headers=headers)).json()
    asked = await (await service.client.get(f"{listed}?open=false", headers=headers)).json()
    statuses = [
        (await service.client.get(single.format(id_), headers=headers)).status for id_ in (1, 2, 3)
    ]
    viewer = await service.client.get(listed, headers=service.bearer(Role.VIEWER))

    assert [(each["id"], each["camera"], each["open"]) for each in told["items"]] == [
        (2, "inside", True)
    ]
    assert asked["items"] == []
    assert statuses == [404, 200, 404]  # mended; open; of somebody else's camera
    assert viewer.status == 403


async def test_a_device_tells_only_of_cameras_in_reach(estate: Service):
    headers = await estate.issue(Role.DEVICE, Reach(areas=("zhetisu/taldykorgan",)))

    statuses = {
        code: (
            await estate.client.post(
                "/api/v1/contacts", json={"camera": code, "state": "docked"}, headers=headers
            )
        ).status
        for code in ("inside", "outside")
    }

    assert statuses == {"inside": 200, "outside": 404}


async def test_an_answer_names_its_request_as_the_audit_does(estate: Service):
    headers = {**estate.bearer(Role.VIEWER), "X-Request-Id": "forged"}

    answer = await estate.client.get(FRAME.format("inside"), headers=headers)

    async with estate.database.read() as session:
        entry = (await session.scalars(sa.select(AuditEntry))).one()
    assert entry.request_id == answer.headers["X-Request-Id"] != "forged"
    assert entry.address == "127.0.0.1"


ADDRESSED = (
    "/api/v1/cameras/inside",
    "/api/v1/cameras",
    "/api/v1/credentials",
    "/api/v1/changes",
    "/changes",
    "/cameras/inside",
    "/registry/cameras/inside",
    "/registry/recorders",
)


async def test_addresses_that_operators_see_are_audited_each_time(estate: Service):
    for role in (Role.VIEWER, Role.OPERATOR, Role.OPERATOR):
        for path in (*ADDRESSED, "/api/v1/stats", "/registry/new/recorders"):
            await estate.client.get(path, headers=estate.bearer(role))

    assert await viewed(estate) == [*ADDRESSED] * 2


async def test_addresses_on_a_page_that_is_left_open_are_audited_once_an_hour(estate: Service):
    part = "/cameras/inside/now"
    for later in (0, 15, 3600):
        estate.fake_clock.jump(later)
        await estate.client.get(part, headers=estate.bearer(Role.OPERATOR))

    assert await viewed(estate) == [part, part]


async def viewed(estate: Service) -> list[str]:
    async with estate.database.read() as session:
        entries = list(await session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)))
    assert {(entry.who, entry.action) for entry in entries} == {("a operator", "addresses.viewed")}
    return [entry.subject for entry in entries]
