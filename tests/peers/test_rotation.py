"""A login that is wrong, and wrong again, and right: what a recorder hears of each, over REST."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from monitor.app import House, open_house
from monitor.simulator.process import FleetProcess
from registry.security.tokens import create_token
from registry.vocabulary import Reason, Role
from tests.peers.test_service import (
    CHANNELS,
    LOGIN,
    all_live,
    channels,
    estate_csv,
    fleet_of,
    settings,
    state_of,
    take_in,
    until,
)

pytestmark = pytest.mark.timeout(120)

REJECTED = {Reason.AUTH_REJECTED, Reason.LOCKED_OUT}


@asynccontextmanager
async def api_of(house: House) -> AsyncIterator[aiohttp.ClientSession]:
    async with house.database.write() as session:
        issued = await create_token(session, name="t", role=Role.ADMIN, now=house.clock.now())
    headers = {"Authorization": f"Bearer {issued.text}", "If-Match": "*"}
    async with aiohttp.ClientSession(f"{house.url}/", headers=headers) as api:
        yield api


async def change_every_login(api: aiohttp.ClientSession, password: str) -> None:
    """Write-only: no answer holds what was given."""
    async with api.get("api/v1/credentials") as answer:
        codes = [each["code"] for each in (await answer.json())["items"]]
    login = {"username": LOGIN.username, "password": password}
    for code in codes:
        async with api.patch(f"api/v1/credentials/{code}", json={"login": login}) as answer:
            said = await answer.text()
            assert answer.status == 200, said
            assert password not in said


async def asked_look(api: aiohttp.ClientSession, camera: str) -> Any:
    """What came of a look that was asked for."""
    async with api.post(f"api/v1/cameras/{camera}/feeds/main/look", json={}) as answer:
        assert answer.status == 202
        told = await answer.json()

    async def has_ended() -> bool:
        nonlocal told
        async with api.get(f"api/v1/looks/{told['ticket']}") as answer:
            told = await answer.json()
        return told["state"] not in ("queued", "running")

    await until(has_ended)
    return told


def all_rejected(house: House) -> bool:
    return all(state_of(house, f"C{n}")[1] in REJECTED for n in range(CHANNELS))


async def has_signed(fleet: FleetProcess, requests: int) -> bool:
    return (await fleet.stats()).totals.signed_requests >= requests


async def test_a_new_login_is_tried_once_per_recorder_and_a_right_one_ends_the_lock_out(tmp_path):
    async with (
        fleet_of(*channels()) as fleet,
        open_house(settings(tmp_path)) as house,
        api_of(house) as api,
    ):
        csv = estate_csv(fleet.urls).replace(LOGIN.password.encode(), b"wrong-horse")
        await take_in(house, csv)
        await until(lambda: all_rejected(house))
        refused = await asked_look(api, "C0")

        await change_every_login(api, "other-horse")
        await until(lambda: has_signed(fleet, 2))
        again = [await asked_look(api, f"C{n}") for n in range(CHANNELS)]
        tried = (await fleet.stats()).totals.signed_requests

        await change_every_login(api, LOGIN.password)
        await until(all_live(house))
        done = await asked_look(api, "C0")

    assert (refused["state"], refused["look"]["reasons"]) == ("refused", ["locked_out"])
    assert refused["parked_until"] is not None
    assert {each["state"] for each in again} == {"refused"}
    assert tried == 2  # by eight channels, two wrong passwords
    assert (done["state"], done["parked_until"]) == ("done", None)
