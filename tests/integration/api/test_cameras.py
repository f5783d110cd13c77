"""The list of cameras and one camera: filters, pages, and knowledge past its time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from registry.models import (
    Assignment,
    Camera,
    Contract,
    Contractor,
    Delivery,
    DeliveryStatus,
    Device,
    Program,
    Recorder,
)
from registry.search import refresh_search
from registry.vocabulary import (
    WORDS,
    CameraKind,
    DeliveryState,
    FailingAt,
    Importance,
    Lifecycle,
    Reason,
    Role,
)
from tests.fakes.service import Service

DOWN: dict[str, Any] = {
    "state": DeliveryState.NOT_REACHING,
    "reason": Reason.TIMEOUT,
    "failing_at": FailingAt.CAMERA_OR_LINK,
}


async def get(service: Service, path: str, role: Role = Role.VIEWER) -> Any:
    answer = await service.client.get(path, headers=service.bearer(role))
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def codes(service: Service, query: str, role: Role = Role.VIEWER) -> list[str]:
    page = await get(service, f"/api/v1/cameras?{query}", role)
    return [camera["code"] for camera in page["items"]]


@pytest.fixture
async def estate(service: Service) -> Service:
    async with service.planting() as plant:
        await plant.camera("A1", name="Площадь Ынтымақ")
        await plant.camera("A2", **DOWN, relay=True, importance=Importance.HIGH)
        await plant.camera("A3", area_id=3, centers=(2,), kind=CameraKind.YARD)
        await plant.camera(
            "A4", kind=CameraKind.DOORWAY, state=DeliveryState.DEGRADED, reason=Reason.TOO_DARK
        )
        await plant.camera("A5", state=None)
        await plant.camera("A6", state=None, lifecycle=Lifecycle.PLANNED)
        await plant.camera("A7", lifecycle=Lifecycle.RETIRED)
        await plant.camera("A8", kind=CameraKind.DOORWAY, centers=())
        await plant.camera("A9", kind=CameraKind.BODY, state=None, feeds=False, centers=())
    return service


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["A1", "A2", "A3", "A4", "A5", "A6", "A8", "A9"]),
        ("kind=yard", ["A3"]),
        ("kind=yard,doorway", ["A3", "A4", "A8"]),
        ("kind=yard&kind=doorway", ["A3", "A4", "A8"]),
        ("area=zhetisu", ["A1", "A2", "A3", "A4", "A5", "A6", "A8", "A9"]),
        ("area=zhetisu/aksu", ["A3"]),
        ("area=zhet", []),
        ("center=duty-aksu", ["A3"]),
        ("state=not_reaching", ["A2"]),
        ("state=degraded,reaching", ["A1", "A3", "A4"]),
        ("state=degraded", ["A4"]),
        ("state=degraded,not_reaching", ["A2", "A4"]),
        ("state=unknown", ["A5"]),
        ("state=not_measured", ["A6", "A9"]),
        ("state=no_center", ["A8"]),
        ("reason=timeout", ["A2"]),
        ("reason=too_dark&center=ou", ["A4"]),
        ("reason=not_probed&state=unknown", ["A5"]),
        ("lifecycle=retired", ["A7"]),
        ("importance=high", ["A2"]),
        ("q=ЫНТЫМАҚ площадь", ["A1"]),
        ("q=площадь ынтымак", ["A1"]),
        ("failing_at=camera_or_link", ["A2"]),
        ("failing_at=camera_or_link&center=duty-aksu", []),
        ("site=zhansugurov-114&kind=doorway", ["A4", "A8"]),
        ("site=elsewhere", []),
        ("q=%25", []),
    ],
)
async def test_a_filter_shows_what_fits_it(estate: Service, query: str, expected: list[str]):
    assert await codes(estate, query) == expected


async def test_what_a_camera_hangs_on_finds_it(estate: Service):
    async with estate.planting() as plant:
        recorder = Recorder(code="nvr-1", name="Ёлка", host="198.18.9.9")
        plant.session.add_all([recorder, Program(code="safe-yard", name="Двор")])
        await plant.session.flush()
        await plant.session.execute(
            sa.update(Camera)
            .where(Camera.code == "A3")
            .values(recorder_id=recorder.id, program_id=1)
        )
        plant.session.add(Device(camera_id=3, serial="SN-77", mac="AA:BB:CC:00:11:22"))
        await plant.session.flush()
        assert await refresh_search(plant.session, [3]) == 1

    assert await codes(estate, "recorder=nvr-1") == ["A3"]
    assert await codes(estate, "program=safe-yard") == ["A3"]
    assert await codes(estate, "q=елка") == ["A3"]
    for trace in ("sn-77", "bb:cc", "198.18.9.9"):
        assert await codes(estate, f"q={trace}", Role.OPERATOR) == ["A3"]
        assert await codes(estate, f"q={trace}") == []


async def test_who_answers_for_a_camera_now_finds_it(estate: Service):
    now = estate.clock.now()
    async with estate.planting() as plant:
        plant.session.add(Contractor(code="firm", name="ТОО"))
        await plant.session.flush()
        plant.session.add(Contract(code="c", contractor_id=1, starts_on=now.date()))
        await plant.session.flush()
        for held, ends_at in (({"area_id": 3}, None), ({"camera_id": 1}, now)):
            started = now - timedelta(days=1)
            plant.session.add(
                Assignment(contract_id=1, hops=[], starts_at=started, ends_at=ends_at, **held)
            )

    assert await codes(estate, "contractor=firm") == ["A3"]
    assert await codes(estate, "contractor=nobody") == []


async def test_a_camera_says_of_each_delivery_what_is_known_and_how_old_that_is(estate: Service):
    camera = await get(estate, "/api/v1/cameras/A2")

    assert camera["state"] == "not_reaching"
    (delivery,) = camera["deliveries"]
    assert delivery["center"] == "ou"
    assert delivery["proof"] == "pulled"
    assert (delivery["state"], delivery["reason"]) == ("not_reaching", "timeout")
    assert delivery["failing_at"] == "camera_or_link"
    assert delivery["knowledge_age_s"] == 20.0
    assert delivery["path"] == ["main", "cou"]
    assert [(feed["id"], feed["hop"]) for feed in camera["feeds"]] == [
        ("main", "camera"),
        ("cou", "relay"),
    ]


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "", "en"),
        ("", "en;q=0.8,ru-KZ,ru;q=0.9", "ru"),
        ("?lang=ru", "en", "ru"),
        ("?lang=kk", "en", "kk"),
    ],
)
async def test_a_reason_is_said_in_the_language_asked_for(
    estate: Service, query: str, header: str, language: str
):
    headers = estate.bearer() | {"Accept-Language": header}
    answer = await estate.client.get(f"/api/v1/cameras/A2{query}", headers=headers)

    (delivery,) = (await answer.json())["deliveries"]
    assert delivery["reason_label"] == getattr(WORDS[Reason.TIMEOUT].label, language)


async def test_addresses_and_details_are_for_operators(estate: Service):
    seen = await get(estate, "/api/v1/cameras/A2")
    worked_on = await get(estate, "/api/v1/cameras/A2", Role.OPERATOR)

    assert all(feed["url"] is None and feed["detail"] is None for feed in seen["feeds"])
    assert all("198.18." in feed["url"] and feed["detail"] for feed in worked_on["feeds"])


async def test_no_answer_claims_anything_once_the_scheduler_stood_still(estate: Service):
    estate.fake_clock.jump(300)

    page = await get(estate, "/api/v1/cameras")
    stats = await get(estate, "/api/v1/stats?by=state,reason,failing_at")

    for camera in page["items"]:
        assert camera["state"] in ("unknown", "not_measured", "no_center")
        for known in (*camera["deliveries"], *camera["feeds"]):
            assert (known["state"], known["reason"]) == ("unknown", "not_probed")
        assert all(delivery["failing_at"] is None for delivery in camera["deliveries"])
    assert await codes(estate, "state=reaching,degraded,not_reaching") == []
    assert await codes(estate, "reason=timeout") == []
    assert {row["keys"]["state"] for row in stats["items"]} == {
        "unknown",
        "not_measured",
        "no_center",
    }
    assert {row["keys"]["reason"] for row in stats["items"]} <= {"not_probed", None}


async def test_what_ran_out_is_unknown_since_it_ran_out(estate: Service):
    before = await get(estate, "/api/v1/cameras/A1")
    estate.fake_clock.jump(300)
    after = await get(estate, "/api/v1/cameras/A1")

    assert after["deliveries"][0]["since"] == before["deliveries"][0]["valid_until"]
    assert after["deliveries"][0]["knowledge_age_s"] == 320.0


async def test_of_two_centers_the_one_asked_for_decides(service: Service):
    async with service.planting() as plant:
        await plant.camera("B1", centers=(1, 2))
        to_duty = sa.select(Delivery.id).where(Delivery.center_id == 2).scalar_subquery()
        await plant.session.execute(
            sa.update(DeliveryStatus)
            .where(DeliveryStatus.delivery_id == to_duty)
            .values(state=DeliveryState.NOT_REACHING, reason=Reason.TIMEOUT)
        )

    assert await codes(service, "state=not_reaching") == ["B1"]
    assert await codes(service, "state=not_reaching&center=ou") == []
    assert await codes(service, "state=reaching") == []
    assert await codes(service, "state=reaching&center=ou") == ["B1"]
    assert await codes(service, "state=reaching&center=duty-aksu") == []
    assert await codes(service, "reason=timeout&center=ou") == []


async def test_pages_neither_skip_nor_repeat_while_cameras_come_and_change(service: Service):
    async with service.planting() as plant:
        for number in range(7):
            await plant.camera(f"C{number}")

    first = await get(service, "/api/v1/cameras?limit=3")
    async with service.planting() as plant:
        await plant.camera("C00")
        await plant.camera("C9", state=DeliveryState.NOT_REACHING, reason=Reason.TIMEOUT)
    second = await get(service, f"/api/v1/cameras?limit=3&cursor={first['next']}")
    third = await get(service, f"/api/v1/cameras?limit=3&cursor={second['next']}")

    seen = [camera["code"] for page in (first, second, third) for camera in page["items"]]
    assert seen == ["C0", "C1", "C2", "C3", "C4", "C5", "C6", "C9"]
    assert third["next"] is None


async def test_what_is_asked_of_the_database_is_the_same_however_many_cameras_are_told(
    service: Service,
):
    """Each new statement is compiled, and on a server prepared, before it is executed."""
    async with service.planting() as plant:
        for number in range(40):
            await plant.camera(f"D{number:02}", relay=True)
    statements = _told(service)

    await get(service, "/api/v1/cameras?limit=1&q=D")
    for_one = list(statements)
    statements.clear()
    await get(service, "/api/v1/cameras?limit=40&q=D")

    assert statements == for_one
    assert len([each for each in statements if each.startswith("SELECT")]) == 5


async def test_a_page_without_cameras_asks_for_nothing_that_cameras_hold(service: Service):
    statements = _told(service)

    assert await codes(service, "q=nobody") == []

    assert len([each for each in statements if each.startswith("SELECT")]) == 2


def _told(service: Service) -> list[str]:
    statements: list[str] = []
    engine = service.database._engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    return statements


async def test_a_delivery_that_is_retired_breaks_no_camera(service: Service):
    now = service.clock.now()
    async with service.planting() as plant:
        await plant.camera("E1", **DOWN)
        await plant.camera("E2", **DOWN)
        camera = sa.select(Camera.id).where(Camera.code == "E1").scalar_subquery()
        retire = sa.update(Delivery).where(Delivery.camera_id == camera)
        await plant.session.execute(retire.values(retired_at=now))

    assert await codes(service, "state=not_reaching") == ["E2"]
    assert await codes(service, "state=no_center") == ["E1"]


async def test_stats_count_deliveries_and_cameras_apart_and_add_up(estate: Service):
    stats = await get(estate, "/api/v1/stats?by=state,kind")

    assert (stats["deliveries"], stats["cameras"]) == (6, 8)
    assert sum(row["deliveries"] for row in stats["items"]) == 6
    by_state = {(row["keys"]["state"], row["keys"]["kind"]): row for row in stats["items"]}
    assert by_state["not_reaching", "street"]["cameras"] == 1
    doorway = by_state["no_center", "doorway"]
    assert (doorway["deliveries"], doorway["cameras"], doorway["sites"]) == (0, 1, 1)
    assert stats["unknown"] == sum(row["unknown"] for row in stats["items"]) == 1


async def test_the_table_of_reasons_is_the_vocabulary(service: Service):
    table = await get(service, "/api/v1/reasons")

    assert {row["reason"] for row in table["items"]} == {reason.value for reason in Reason}
    ranks = [row["rank"] for row in table["items"]]
    assert ranks == sorted(ranks, reverse=True)
