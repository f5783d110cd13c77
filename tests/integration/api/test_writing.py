"""Writing single objects: what is checked, what is kept apart, and what the log tells of it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from registry.database import current_revision
from registry.models import Camera, Credential, Feed
from registry.security.reach import Reach
from registry.vocabulary import Role
from tests.fakes.service import Service

CITY = "zhetisu/taldykorgan"
NEW = {"code": "N1", "name": "Двор 5", "kind": "yard", "area": CITY, "site": "zhansugurov-114"}


class Writer:
    """A client that remembers nothing but who it is."""

    def __init__(self, service: Service, headers: dict[str, str]) -> None:
        self._client = service.client
        self._headers = headers

    async def send(self, method: str, path: str, body: Any = None, tag: str | None = None) -> Any:
        headers = self._headers | ({} if tag is None else {"If-Match": tag})
        url = f"/api/v1/{path}"
        return await self._client.request(method, url, json=body, headers=headers)

    async def make(self, path: str, body: Any) -> tuple[Any, str]:
        """What was made, and its ETag."""
        answer = await self.send("POST", path, body)
        assert answer.status == 201, await answer.text()
        return await answer.json(), answer.headers["ETag"]


@pytest.fixture
async def writer(service: Service) -> Writer:
    return Writer(service, service.bearer(Role.OPERATOR))


async def refusal(answer: Any) -> tuple[int, list[tuple[str | None, str]]]:
    body = await answer.json()
    return answer.status, [(each["pointer"], each["detail"]) for each in body["errors"]]


async def test_a_camera_is_made_with_its_feed_and_its_center(writer: Writer, service: Service):
    camera, _ = await writer.make("cameras", NEW)
    feed = {"id": "main", "url": "rtsp://198.18.0.9/1", "delivers_to": "ou"}
    await writer.make("cameras/N1/feeds", feed)
    await writer.make("cameras/N1/deliveries", {"center": "ou", "proof": "pulled"})

    answer = await service.client.get("/api/v1/cameras/N1", headers=service.bearer())
    shown = await answer.json()
    assert (camera["lifecycle"], camera["importance"]) == ("installed", "normal")
    assert [(each["id"], each["hop"]) for each in shown["feeds"]] == [("main", "camera")]
    assert [each["center"] for each in shown["deliveries"]] == ["ou"]


async def test_a_new_camera_is_found_by_its_words(writer: Writer, service: Service):
    await writer.make("cameras", NEW)

    answer = await service.client.get("/api/v1/cameras?q=двор", headers=service.bearer())

    assert [item["code"] for item in (await answer.json())["items"]] == ["N1"]


async def test_a_patch_changes_what_it_names_and_null_empties(writer: Writer, service: Service):
    _, tag = await writer.make("cameras", NEW)

    patch = {"importance": "high", "site": None}
    answer = await writer.send("PATCH", "cameras/N1?reason=school", patch, tag)

    changed = await answer.json()
    assert (changed["importance"], changed["site"], changed["kind"]) == ("high", None, "yard")
    assert answer.headers["ETag"] != tag
    log = await writer.send("GET", "cameras/N1/changes")
    newest = (await log.json())["items"][0]
    assert (newest["who"], newest["source"], newest["reason"]) == ("a operator", "api", "school")
    assert newest["request_id"] == answer.headers["X-Request-Id"]
    assert (newest["before"]["importance"], newest["after"]["importance"]) == ("normal", "high")


async def test_the_monitor_is_told_of_a_change_and_not_of_none(writer: Writer, service: Service):
    _, tag = await writer.make("cameras", NEW)
    async with service.database.read() as session:
        before = await current_revision(session)

    answer = await writer.send("PATCH", "cameras/N1", {"importance": "high"}, tag)
    async with service.database.read() as session:
        after = await current_revision(session)
    same = await writer.send("PATCH", "cameras/N1", {"importance": "high"}, answer.headers["ETag"])

    assert after == before + 1
    assert answer.headers["X-Change-Batch"] != same.headers.get("X-Change-Batch")
    assert "X-Change-Batch" not in same.headers


async def test_a_change_says_which_state_it_means(writer: Writer):
    _, tag = await writer.make("cameras", NEW)

    without = await writer.send("PATCH", "cameras/N1", {"importance": "high"})
    first = await writer.send("PATCH", "cameras/N1", {"importance": "high"}, tag)
    second = await writer.send("PATCH", "cameras/N1", {"name": "x"}, tag)

    assert (without.status, first.status, second.status) == (428, 200, 412)
    assert second.headers["ETag"] == first.headers["ETag"]


async def test_all_faults_are_told_at_once_each_with_its_place(writer: Writer):
    answer = await writer.send(
        "POST", "cameras", {"code": "a b", "kind": "rocket", "area": CITY, "x": 1}
    )
    status, told = await refusal(answer)
    assert status == 422
    assert sorted(str(pointer) for pointer, _ in told) == ["/code", "/kind", "/x"]

    answer = await writer.send(
        "POST", "cameras", {"code": "N2", "kind": "yard", "area": "nowhere", "site": "none"}
    )
    status, told = await refusal(answer)
    assert status == 422
    assert sorted(str(pointer) for pointer, _ in told) == ["/area", "/site"]
    assert "expected a site of the registry" in str(told)


async def test_a_code_is_used_once(writer: Writer):
    _, tag = await writer.make("cameras", NEW)
    again = await writer.send("POST", "cameras", NEW)
    retired = await writer.send("POST", "cameras/N1/retire", {"reason": "house is gone"}, tag)
    reused = await writer.send("POST", "cameras", NEW)
    woken = await writer.send(
        "PATCH", "cameras/N1", {"lifecycle": "in_service"}, retired.headers["ETag"]
    )

    assert (again.status, retired.status, reused.status, woken.status) == (409, 200, 409, 422)
    shown = await retired.json()
    assert (shown["lifecycle"], shown["lifecycle_note"]) == ("retired", "house is gone")


async def test_a_url_holds_no_login(writer: Writer, service: Service):
    await writer.make("cameras", NEW)

    feed = {"id": "main", "url": "rtsp://admin:hunter2@198.18.0.9/1"}
    answer = await writer.send("POST", "cameras/N1/feeds", feed)

    status, told = await refusal(answer)
    assert (status, [pointer for pointer, _ in told]) == (422, ["/url"])
    assert "hunter2" not in await answer.text()


async def test_a_login_goes_in_and_never_comes_out(writer: Writer, service: Service):
    login = {"username": "op", "password": "hunter2-secret"}
    made, tag = await writer.make(
        "credentials", {"code": "c1", "login": login, "hosts": ["198.18.0.0/24"]}
    )
    await writer.make("cameras", NEW)
    feed = {"id": "main", "url": "rtsp://198.18.0.9/1", "credential": "c1"}
    await writer.make("cameras/N1/feeds", feed)

    service.fake_clock.jump(60)
    elsewhere = await writer.send("PATCH", "credentials/c1", {"hosts": ["198.18.9.0/24"]}, tag)
    changed = await writer.send(
        "PATCH", "credentials/c1", {"login": login | {"password": "other-secret"}}, tag
    )
    log = await writer.send("GET", "changes?kind=credential")

    assert "login" not in made
    assert elsewhere.status == 422
    assert changed.status == 200
    assert changed.headers["ETag"] != tag
    told = await log.text()
    assert '"login":"changed"' in told
    assert "secret" not in told + await changed.text() + await elsewhere.text()
    async with service.database.read() as session:
        sealed = await session.scalar(sa.select(Credential.sealed))
    assert sealed is not None
    assert b"secret" not in sealed


async def test_what_others_stand_on_is_neither_retired_nor_deleted(writer: Writer):
    site = {"code": "s1", "name": "S", "sector": "yard", "area": CITY}
    _, tag = await writer.make("sites", site)
    _, camera_tag = await writer.make("cameras", NEW | {"site": "s1"})

    retired = await writer.send("POST", "sites/s1/retire", {"reason": "gone"}, tag)
    deleted = await writer.send("DELETE", "sites/s1", tag=tag)
    assert (retired.status, deleted.status) == (409, 409)
    assert "camera N1" in (await deleted.json())["detail"]

    assert (await writer.send("DELETE", "cameras/N1", tag=camera_tag)).status == 200
    assert (await writer.send("DELETE", "sites/s1", tag=tag)).status == 200


async def test_what_was_observed_is_retired_and_not_deleted(writer: Writer, service: Service):
    async with service.planting() as plant:
        await plant.camera("A1")

    deleted = await writer.send("DELETE", "cameras/A1", tag="*")
    feed = await writer.send("DELETE", "cameras/A1/feeds/main", tag="*")
    delivery = await writer.send("POST", "cameras/A1/deliveries/ou/retire", {"reason": "x"}, "*")
    retired = await writer.send("POST", "cameras/A1/feeds/main/retire", {"reason": "x"}, "*")

    assert (deleted.status, feed.status, retired.status) == (409, 409, 200)
    assert (await retired.json())["retired"] is True
    assert delivery.status == 409  # the feed still delivers there
    assert (await writer.send("DELETE", "cameras/A1/deliveries/ou", tag="*")).status == 409
    over = await writer.send("POST", "cameras/A1/deliveries/ou/retire", {"reason": "x"}, "*")
    assert over.status == 200
    answer = await service.client.get("/api/v1/cameras/A1", headers=service.bearer())
    shown = await answer.json()
    assert (shown["feeds"], shown["deliveries"]) == ([], [])
    async with service.database.read() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(Feed)) == 1


async def test_another_serial_is_another_device_and_the_old_one_stays(writer: Writer):
    await writer.make("cameras", NEW)
    _, tag = await writer.make(
        "cameras/N1/device", {"serial": "SN1", "installed_from": "2025-01-01"}
    )

    answer = await writer.send("PATCH", "cameras/N1/device", {"serial": "SN2"}, tag)

    swapped = await answer.json()
    assert (swapped["serial"], swapped["installed_from"]) == ("SN2", "2026-11-22")


async def test_who_answers_for_what_is_written_like_the_rest(writer: Writer):
    await writer.make("contractors", {"code": "firm", "name": "Firm"})
    contract = {"code": "k-1", "contractor": "firm", "starts_on": "2026-01-01"}
    bad = await writer.send("POST", "contracts", contract | {"ends_on": "2025-01-01"})
    await writer.make("contracts", contract)
    assigned, tag = await writer.make(
        "assignments",
        {"contract": "k-1", "area": CITY, "starts_at": "2026-01-01T00:00:00Z", "hops": ["camera"]},
    )
    twice = await writer.send(
        "PATCH", f"assignments/{assigned['code']}", {"site": "zhansugurov-114"}, tag
    )
    desk, _ = await writer.make("desks", {"contractor": "firm", "name": "Duty", "phone": "112"})
    nobody = await writer.send("POST", "desks", {"name": "Duty"})

    assert (bad.status, twice.status, nobody.status) == (422, 422, 422)
    assert assigned["hops"] == ["camera"]
    assert desk["contractor"] == "firm"


async def test_what_lies_out_of_reach_is_not_there_and_nothing_is_moved_there(service: Service):
    async with service.planting() as plant:
        await plant.camera("C1")
        await plant.camera("D1", area_id=3)
    limited = Writer(service, await service.issue(Role.OPERATOR, Reach(areas=(CITY,))))

    foreign = await limited.send("PATCH", "cameras/D1", {"importance": "high"}, "*")
    away = await limited.send("PATCH", "cameras/C1", {"area": "zhetisu/aksu"}, "*")
    there = await limited.send("POST", "cameras", NEW | {"area": "zhetisu/aksu"})
    own = await limited.send("PATCH", "cameras/C1", {"importance": "high"}, "*")

    assert (foreign.status, away.status, there.status, own.status) == (404, 422, 422, 200)
    async with service.database.read() as session:
        areas = dict((await session.execute(sa.select(Camera.code, Camera.area_id))).all())
    assert areas == {"C1": 2, "D1": 3}
