"""Changing many cameras at once, and taking batches back: shown first, then exactly that."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from registry.api.bulk import _shown
from registry.changing.preview import Preview, Shown
from registry.models import Camera, Feed
from registry.security.reach import Reach
from registry.vocabulary import CameraKind, Importance, Lifecycle, Role
from tests.fakes.service import Service

CITY = "zhetisu/taldykorgan"
YARDS = {"filter": {"kind": ["yard"]}, "reason": "letter 14"}
HIGH = YARDS | {"set": {"importance": "high"}}


class Operator:
    def __init__(self, service: Service, headers: dict[str, str]) -> None:
        self._client = service.client
        self._headers = headers

    async def ask(self, path: str, body: Any, status: int = 200) -> Any:
        url = f"/api/v1/{path}"
        answer = await self._client.post(url, json=body, headers=self._headers)
        assert answer.status == status, await answer.text()
        made = {"batch": answer.headers["X-Change-Batch"]} if status == 201 else {}
        return await answer.json() | made

    async def bulk(self, body: Any, status: int = 200) -> Any:
        return await self.ask("cameras/bulk", body, status)

    async def undo(self, batch: str, status: int = 200, **body: Any) -> Any:
        return await self.ask(f"changes/{batch}/undo", body, status)

    async def patch(self, path: str, body: Any) -> None:
        headers = self._headers | {"If-Match": "*"}
        answer = await self._client.patch(f"/api/v1/{path}", json=body, headers=headers)
        assert answer.status == 200, await answer.text()


@pytest.fixture
async def operator(service: Service) -> Operator:
    """Two yards and a street in the city, a yard in the district."""
    async with service.planting() as plant:
        await plant.camera("Y1", kind=CameraKind.YARD)
        await plant.camera("Y2", kind=CameraKind.YARD, importance=Importance.HIGH)
        await plant.camera("Y3", kind=CameraKind.YARD, area_id=3)
        await plant.camera("S1")
    return Operator(service, service.bearer(Role.OPERATOR))


async def column(service: Service, what: Any) -> dict[str, Any]:
    async with service.database.read() as session:
        return dict((await session.execute(sa.select(Camera.code, what))).all())


async def test_what_a_plan_shows_is_made_beside_the_loop():
    """Of 100,000 cameras the token alone takes seconds."""
    threads = []

    class Watched(Preview):
        def shown(self, most: int) -> Shown:
            threads.append(threading.get_ident())
            return super().shown(most)

    await _shown(Watched((), ()))

    assert threads != [threading.get_ident()]
    assert len(threads) == 1


async def test_a_preview_tells_what_would_differ_and_changes_nothing(operator, service):
    shown = await operator.bulk(HIGH)

    assert [(row["code"], row["before"], row["after"]) for row in shown["rows"]] == [
        ("Y1", {"importance": "normal"}, {"importance": "high"}),
        ("Y3", {"importance": "normal"}, {"importance": "high"}),
    ]
    assert (shown["changes"], shown["conflicts"], shown["batch"]) == (2, 0, None)
    assert (await column(service, Camera.importance))["Y1"] is Importance.NORMAL


async def test_what_was_shown_is_done_under_one_batch(operator, service):
    shown = await operator.bulk(HIGH)

    done = await operator.bulk(HIGH | {"token": shown["token"]})

    assert set((await column(service, Camera.importance)).values()) == {
        Importance.HIGH,
        Importance.NORMAL,
    }
    answer = await service.client.get(
        f"/api/v1/changes?batch={done['batch']}", headers=service.bearer(Role.OPERATOR)
    )
    assert [item["code"] for item in (await answer.json())["items"]] == ["Y3", "Y1"]


async def test_a_plan_that_is_another_by_now_is_not_carried_out(operator, service):
    shown = await operator.bulk(HIGH)
    await operator.patch("cameras/S1", {"kind": "yard"})

    await operator.bulk(HIGH | {"token": shown["token"]}, status=409)

    assert (await column(service, Camera.importance))["Y1"] is Importance.NORMAL


async def test_what_cannot_be_is_told_row_by_row_and_stops_all_unless_it_may_be_left(
    operator, service
):
    await operator.ask(
        "cameras", {"code": "Y9", "kind": "yard", "area": CITY, "lifecycle": "planned"}, 201
    )
    template = YARDS | {"feeds": {"main": {"url": "rtsp://{host}:99999{path}"}}}
    move = YARDS | {"set": {"site": "nowhere"}}

    bad = await operator.bulk(template)
    none = await operator.bulk(move)
    await operator.bulk(move | {"token": none["token"]}, status=409)

    assert {each["code"] for each in bad["hindered"]} == {"Y1/main", "Y2/main", "Y3/main"}
    assert (none["changes"], none["conflicts"]) == (0, 4)
    assert "expected a site" in none["hindered"][0]["detail"]


async def test_feeds_get_urls_from_a_template(operator, service):
    body = YARDS | {"feeds": {"main": {"url": "rtsp://198.18.1.1:8554/{camera}{path}"}}}
    async with service.database.write() as session:
        await session.execute(sa.update(Feed).values(url="rtsp://198.18.0.7/ch/1"))
    shown = await operator.bulk(body)

    await operator.bulk(body | {"token": shown["token"]})

    async with service.database.read() as session:
        urls = set(await session.scalars(sa.select(Feed.url)))
    assert "rtsp://198.18.1.1:8554/Y1/ch/1" in urls


async def test_many_are_suspended_assigned_and_retired(operator, service):
    await operator.ask("contractors", {"code": "firm", "name": "Firm"}, 201)
    contract = {"code": "k", "contractor": "firm", "starts_on": "2026-01-01"}
    await operator.ask("contracts", contract, 201)
    suspend = YARDS | {
        "set": {"lifecycle": "suspended", "lifecycle_note": "heating main"},
        "assign": {"contract": "k", "starts_at": "2026-01-01T00:00:00Z"},
    }
    done = await operator.bulk(suspend | {"token": (await operator.bulk(suspend))["token"]})
    assert done["changes"] == 6

    retire = YARDS | {"retire": True}
    refused = await operator.bulk(retire)

    assert refused["conflicts"] == 3  # the assignments stand on them
    assert set((await column(service, Camera.lifecycle_note)).values()) == {"heating main", ""}


@pytest.mark.parametrize("body", [YARDS, HIGH | {"retire": True}, HIGH | {"filter": {"x": 1}}])
async def test_a_bulk_change_says_exactly_what_it_wants(operator, body):
    await operator.bulk(body, status=422)


async def test_nobody_changes_many_that_he_does_not_see(operator, service):
    limited = Operator(service, await service.issue(Role.OPERATOR, Reach(areas=(CITY,))))

    shown = await limited.bulk(HIGH)

    assert [row["code"] for row in shown["rows"]] == ["Y1"]


async def test_a_bulk_change_is_taken_back_but_for_what_was_changed_since(operator, service):
    done = await operator.bulk(HIGH | {"token": (await operator.bulk(HIGH))["token"]})
    await operator.patch("cameras/Y3", {"name": "another"})

    shown = await operator.undo(done["batch"])
    assert [row["code"] for row in shown["rows"]] == ["Y1"]
    assert [(e["code"], e["detail"]) for e in shown["hindered"]] == [("Y3", "it was changed since")]
    await operator.undo(done["batch"], 409, token=shown["token"])
    undone = await operator.undo(done["batch"], token=shown["token"], skip_conflicts=True)

    found = await column(service, Camera.importance)
    assert (found["Y1"], found["Y3"]) == (Importance.NORMAL, Importance.HIGH)
    again = await operator.undo(undone["batch"])
    assert [row["after"] for row in again["rows"]] == [{"importance": "high"}]


async def test_undoing_a_creation_deletes_it_or_retires_what_was_seen(operator, service):
    made = [
        await operator.ask("cameras", {"code": code, "kind": "yard", "area": CITY}, 201)
        for code in ("N1", "N2")
    ]
    async with service.planting() as plant:
        feed = Feed(camera_id=6, name="main", url="rtsp://198.18.0.9/1", hop="camera")
        plant.session.add(feed)
        await plant.session.flush()
        now = service.clock.now()
        await plant.know_feed(feed, "live", None, now, now)

    for each in made:
        shown = await operator.undo(each["batch"])
        await operator.undo(each["batch"], token=shown["token"])

    found = await column(service, Camera.lifecycle)
    assert "N1" not in found
    assert found["N2"] is Lifecycle.RETIRED


async def test_undoing_a_retirement_brings_it_back(operator, service):
    retire = {"filter": {"q": "S1"}, "reason": "by mistake", "retire": True}
    done = await operator.bulk(retire | {"token": (await operator.bulk(retire))["token"]})

    shown = await operator.undo(done["batch"])
    await operator.undo(done["batch"], token=shown["token"])

    assert (await column(service, Camera.lifecycle))["S1"] is Lifecycle.IN_SERVICE


async def test_a_login_is_not_brought_back(operator, service):
    login = {"username": "op", "password": "one"}
    body = {"code": "c1", "login": login, "hosts": ["198.18.0.1"]}
    await operator.ask("credentials", body, 201)
    await operator.patch("credentials/c1", {"login": login | {"password": "two"}})
    answer = await service.client.get(
        "/api/v1/changes?kind=credential", headers=service.bearer(Role.OPERATOR)
    )
    newest = (await answer.json())["items"][0]

    shown = await operator.undo(newest["batch"])

    assert shown["changes"] == 0
    assert "the old one is not kept" in shown["hindered"][0]["detail"]


async def test_a_batch_that_nobody_knows_is_not_there(operator):
    await operator.undo("0" * 32, 404)
