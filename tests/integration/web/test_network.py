"""What looking costs, as a page: for operators, of what is in their reach."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.cost import HostCost, LineCost
from registry.security.reach import Reach
from registry.vocabulary import Role
from tests.fakes.service import Service

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
async def estate(service: Service) -> Service:
    async with service.planting() as plant:
        await plant.camera("A1")
        await plant.camera("D1", area_id=3, centers=(2,))
    service.live.costs = replace(
        service.live.costs,
        feeds=2,
        kbit=15_000.0,
        slowed_hosts=(
            HostCost(name="recorder:nvr", feeds=64, sessions=1, every_s=142, wanted_every_s=60),
        ),
        lines=(
            LineCost(name="site:mall", feeds=60, wanted_kbit=1400, kbit=700, wanted_every_s=60),
        ),
    )
    return service


async def test_who_is_slowed_is_named_with_what_it_gets(estate: Service):
    await estate.log_in(Role.OPERATOR)

    said = await (await estate.client.get("/network", headers=ENGLISH)).text()

    assert "recorder nvr" in said
    assert "every 2 min instead of 60 s" in said
    assert "site mall" in said
    assert "200 %" in said
    assert "<strong>15.0</strong>" in said
    assert estate.live.reckoned is None  # all of them


async def test_only_cameras_in_reach_are_reckoned(estate: Service):
    headers = await estate.issue(Role.OPERATOR, Reach(areas=("zhetisu/aksu",)))

    answer = await estate.client.get("/network", headers=headers)

    assert answer.status == 200
    assert estate.live.reckoned == frozenset({"D1"})


async def test_a_viewer_is_neither_shown_it_nor_offered_it(estate: Service):
    await estate.log_in(Role.VIEWER)

    assert (await estate.client.get("/network")).status == 403
    assert "/network" not in await (await estate.client.get("/")).text()
