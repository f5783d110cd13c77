"""Every object of the registry: listed page by page, read by its key, told with its ETag."""

from __future__ import annotations

from typing import Any

import pytest

from registry.api.paging import cursor_at
from registry.models import Program, Site
from registry.security.reach import Reach
from registry.vocabulary import Role, Sector
from tests.fakes.belongings import SINGLES, belong
from tests.fakes.openapi import Document
from tests.fakes.service import Service

LISTS = (
    *("areas", "centers", "sites", "systems", "recorders", "cameras", "feeds", "deliveries"),
    *("devices", "credentials", "programs", "contractors", "contracts", "assignments"),
    *("desks", "outages"),
)
SECRET = "hunter2secret"


@pytest.fixture
async def estate(service: Service) -> Service:
    await service.plant_contractor()
    async with service.planting() as plant:
        await belong(plant, await plant.camera("A1"))
        await plant.camera("A2", area_id=3, centers=(2,))
    return service


async def get(service: Service, path: str, role: Role = Role.ADMIN) -> Any:
    answer = await service.client.get(path, headers=service.bearer(role))
    assert answer.status == 200, f"{path}: {await answer.text()}"
    return await answer.json()


async def test_every_object_is_listed_and_read_as_the_document_says(estate: Service):
    document = await Document.of(estate)

    for name in LISTS:
        page = await get(estate, f"/api/v1/{name}")
        document.hold(f"/api/v1/{name}", 200, page)
        assert page["items"], name
    for path, address in SINGLES.items():
        found = await get(estate, address)
        document.hold(path, 200, found)
        assert SECRET not in str(found)


async def test_what_is_told_of_some_of_them(estate: Service):
    area = await get(estate, "/api/v1/areas/zhetisu%2Ftaldykorgan")
    recorder = await get(estate, "/api/v1/recorders/nvr-1")
    assignment = (await get(estate, "/api/v1/assignments?in_force=true"))["items"][0]
    credential = await get(estate, "/api/v1/credentials/login-1")
    outage = await get(estate, "/api/v1/outages/1")

    assert (area["parent"], area["name"]) == ("zhetisu", "Талдыкорган")
    assert (recorder["host"], recorder["site"]) == ("198.18.9.9", "zhansugurov-114")
    assert (assignment["contractor"], assignment["site"]) == ("almatel", "zhansugurov-114")
    assert set(credential) == {*("code", "hosts", "allow_basic", "changed_at", "sealed", "retired")}
    assert (outage["camera"], outage["feed"], outage["open"]) == ("A1", "main", False)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("areas?under=zhetisu/aksu", ["zhetisu/aksu"]),
        ("areas?parent=zhetisu", ["zhetisu/aksu", "zhetisu/taldykorgan"]),
        ("centers?area=zhetisu/aksu", ["duty-aksu"]),
        ("centers?q=ДЕЖУРНАЯ", ["duty-aksu"]),
        ("sites?sector=mall", []),
        ("sites?q=жансугурова", ["zhansugurov-114"]),
        ("systems?site=zhansugurov-114", ["sys-1"]),
        ("recorders?q=елка", ["nvr-1"]),
        ("recorders?q=9.9", ["nvr-1"]),
        ("devices?q=bb:cc", [1]),
        ("devices?camera=A2", []),
        ("feeds?center=ou", ["main"]),
        ("feeds?feed_state=down", []),
        ("deliveries?area=zhetisu/aksu&delivery_state=reaching", ["duty-aksu"]),
        ("contracts?contractor=nobody", []),
        ("assignments?in_force=false", []),
        ("desks?site=zhansugurov-114", ["desk-1"]),
        ("outages?open=true", [2]),
        ("outages?reason=timeout&contractor=almatel", [1]),
        ("outages?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z", []),
    ],
)
async def test_a_filter_of_a_list(estate: Service, query: str, expected: list[Any]):
    items = (await get(estate, f"/api/v1/{query}"))["items"]

    keys = [
        item.get("path") or item.get("code") or item.get("id") or item["center"] for item in items
    ]
    assert keys == expected


async def test_hosts_and_logins_are_for_operators(estate: Service):
    recorder = await get(estate, "/api/v1/recorders/nvr-1", Role.VIEWER)
    feed = await get(estate, "/api/v1/cameras/A1/feeds/main", Role.VIEWER)

    assert recorder["host"] is None
    assert (await get(estate, "/api/v1/recorders?q=9.9", Role.VIEWER))["items"] == []
    assert (feed["url"], feed["credential"]) == (None, None)
    worked_on = await get(estate, "/api/v1/cameras/A1/feeds/main", Role.OPERATOR)
    assert worked_on["credential"] == "login-1"
    assert "198.18.0.7" in worked_on["url"]


async def test_pages_follow_each_other_and_nothing_is_shown_twice(estate: Service):
    for name in LISTS:
        whole = (await get(estate, f"/api/v1/{name}"))["items"]
        walked, cursor = [], ""
        while True:
            page = await get(estate, f"/api/v1/{name}?limit=1{cursor}")
            walked += page["items"]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert walked == whole, name


@pytest.mark.parametrize(
    "cursor",
    ["!!!", "_w", cursor_at("sites", "x"), cursor_at("outages", "x"), cursor_at("outages", 2**31)],
)
async def test_a_cursor_of_another_list_or_of_none_is_refused(estate: Service, cursor: str):
    for name in ("outages", "cameras"):
        answer = await estate.client.get(
            f"/api/v1/{name}?cursor={cursor}", headers=estate.bearer(Role.ADMIN)
        )
        assert answer.status == 422
        assert (await answer.json())["errors"][0]["field"] == "query.cursor"


async def test_a_list_that_nobody_wrote_to_is_not_sent_again(estate: Service):
    headers = estate.bearer()
    first = await estate.client.get("/api/v1/sites", headers=headers)
    tag = first.headers["ETag"]

    again = await estate.client.get("/api/v1/sites", headers=headers | {"If-None-Match": tag})
    other = await estate.client.get("/api/v1/sites?q=x", headers=headers | {"If-None-Match": tag})
    async with estate.planting() as plant:
        plant.session.add(Site(code="new", name="", sector=Sector.YARD, area_id=2))
    after = await estate.client.get("/api/v1/sites", headers=headers | {"If-None-Match": tag})

    assert (again.status, await again.read()) == (304, b"")
    assert (other.status, after.status) == (200, 200)
    assert [site["code"] for site in (await after.json())["items"]] == ["new", "zhansugurov-114"]


async def test_one_object_keeps_its_tag_until_it_is_changed_itself(estate: Service):
    headers = estate.bearer()
    site = await estate.client.get("/api/v1/sites/zhansugurov-114", headers=headers)
    async with estate.planting() as plant:
        plant.session.add(Program(code="other", name=""))
    again = await estate.client.get(
        "/api/v1/sites/zhansugurov-114", headers=headers | {"If-None-Match": site.headers["ETag"]}
    )

    assert again.status == 304


async def test_what_is_observed_is_no_part_of_a_tag_and_is_always_told(estate: Service):
    headers = estate.bearer()
    for path in ("/api/v1/cameras/A1", "/api/v1/cameras/A1/feeds/main"):
        before = await estate.client.get(path, headers=headers)
        estate.fake_clock.jump(300)
        tag = before.headers["ETag"]
        after = await estate.client.get(path, headers=headers | {"If-None-Match": tag})

        assert (after.status, after.headers["ETag"]) == (200, tag)


async def test_out_of_reach_is_not_there(estate: Service):
    headers = await estate.issue(Role.ADMIN, Reach(areas=("zhetisu/aksu",)))

    for address in SINGLES.values():
        if "contract" not in address and "assign" not in address:
            answer = await estate.client.get(address, headers=headers)
            assert answer.status == 404, address
    for name in ("systems", "recorders", "devices", "outages", "credentials", "sites"):
        page = await (await estate.client.get(f"/api/v1/{name}", headers=headers)).json()
        assert page["items"] == [], name
    feeds = await (await estate.client.get("/api/v1/feeds", headers=headers)).json()
    assert {feed["camera"] for feed in feeds["items"]} == {"A2"}


@pytest.mark.parametrize("path", ["sites/a%00b", "devices/99999999999999", "sites?q=a%00b"])
async def test_what_no_database_takes_is_refused_before_it(estate: Service, path: str):
    answer = await estate.client.get(f"/api/v1/{path}", headers=estate.bearer(Role.ADMIN))

    assert answer.status == 422
