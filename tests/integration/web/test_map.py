"""The map: sites with their worst picture, and what it cannot show."""

from __future__ import annotations

from typing import Any

import pytest

from registry.models import Site
from registry.security.reach import Reach
from registry.vocabulary import DeliveryState, FailingAt, Reason, Role, Sector
from registry.web.headers import policy
from tests.fakes.service import Service

MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture
async def estate(service: Service) -> Service:
    """One site in the city with two cameras, one without coordinates, a camera without a site."""
    async with service.planting() as plant:
        plant.session.add(Site(code="mall", name=MARKUP, address="", sector=Sector.MALL, area_id=2))
        await plant.camera("A1")
        await plant.camera(
            "A2",
            state=DeliveryState.NOT_REACHING,
            reason=Reason.TIMEOUT,
            failing_at=FailingAt.LINK,
        )
        await plant.camera("D1", area_id=3, centers=(2,))
        (await plant.camera("M1", state=DeliveryState.DEGRADED)).site_id = 2
    await service.log_in()
    return service


async def text_of(service: Service, path: str) -> str:
    answer = await service.client.get(path, headers={"Accept-Language": "en"})
    assert answer.status == 200
    return await answer.text()


async def places(service: Service, query: str = "") -> list[dict[str, Any]]:
    answer = await service.client.get(f"/map/places{query}")
    assert answer.headers["Cache-Control"] == "no-store"
    drawn: list[dict[str, Any]] = (await answer.json())["places"]
    return drawn


async def test_a_site_stands_as_its_worst_camera_and_counts_all(estate: Service):
    assert await places(estate) == [
        {
            "code": "zhansugurov-114",
            "name": "Жансугурова 114",
            "address": "ул. Жансугурова, 114",
            "at": [45.0156, 78.3739],
            "state": "not_reaching",
            "counts": {"not_reaching": 1, "reaching": 1},
        }
    ]


async def test_the_filters_of_the_wall_hold_on_the_map(estate: Service):
    (site,) = await places(estate, "?state=reaching")

    assert (site["state"], site["counts"]) == ("reaching", {"reaching": 1})
    assert await places(estate, "?area=zhetisu/aksu") == []


async def test_knowledge_past_its_time_is_unknown_on_the_map(estate: Service):
    await estate.fake_clock.advance(3600)

    (site,) = await places(estate)

    assert (site["state"], site["counts"]) == ("unknown", {"unknown": 2})


async def test_what_cannot_be_drawn_is_counted_and_named_in_the_list(estate: Service):
    said = await text_of(estate, "/map/now")

    assert "2 cameras have no place on the map" in said
    assert said.index("Жансугурова 114") < said.index("&lt;img")  # the worst first
    assert MARKUP not in said


async def test_nobody_sees_a_site_outside_his_reach(estate: Service):
    headers = await estate.issue(Role.VIEWER, Reach(areas=("zhetisu/aksu",)))
    estate.client.session.cookie_jar.clear()

    drawn = await (await estate.client.get("/map/places", headers=headers)).json()
    listed = await (await estate.client.get("/map/now", headers=headers)).text()

    assert drawn == {"places": [], "of": 0}
    assert "Жансугурова" not in listed


def test_pictures_come_from_the_tile_server_only_where_one_is_named():
    assert "img-src 'self';" in policy("")
    named = policy("https://tiles.example:8443/{z}/{x}/{y}.png")
    assert "img-src 'self' https://tiles.example:8443;" in named
