"""A login that was given goes in and never comes out: neither to other hosts, nor by guessing."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from registry.models import AuditEntry, Credential, Feed, LoggedChange
from registry.targets import Login
from registry.vocabulary import Role
from tests.fakes.service import SEALER, Service

CREDENTIAL = "credentials/kept"
LOGIN = {"username": "admin", "password": "Winter2026"}
HEADER = "camera,area,kind,feed,hop,url,credential,username,password,basic"
CITY = "zhetisu/taldykorgan"


class Operator:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._headers = service.bearer(Role.OPERATOR) | {"If-Match": "*"}

    async def ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = await self._service.client.request(
            method, f"/api/v1/{path}", headers=self._headers, **more
        )
        text = await answer.text()
        assert answer.status == status, text
        return {"batch": answer.headers.get("X-Change-Batch")} | json.loads(text)

    async def planned(self, *rows: str, status: int = 201) -> Any:
        file = "\n".join((HEADER, *rows)) + "\n"
        return await self.ask("POST", "imports", status, data=file.encode())

    async def imported(self, *rows: str) -> Any:
        plan = await self.planned(*rows)
        return await self.ask("POST", f"imports/{plan['id']}/apply")


@pytest.fixture
async def operator(service: Service) -> Operator:
    async with service.planting() as plant:
        camera = await plant.camera("K1", feeds=False)
        hosts = ["198.18.0.0/24", "198.18.0.1"]
        sealed = SEALER.seal(Login(LOGIN["username"], LOGIN["password"]))
        kept = Credential(code="kept", sealed=sealed, hosts=hosts, changed_at=plant.now)
        plant.session.add(kept)
        await plant.session.flush()
        feed = {"camera_id": camera.id, "credential_id": kept.id, "hop": "camera"}
        plant.session.add(Feed(name="main", url="rtsp://198.18.0.1/in", **feed))
    return Operator(service)


def row(camera: str = "K1", url: str = "rtsp://198.18.0.1/in", **cells: str) -> str:
    said = {"camera": camera, "area": CITY, "kind": "street", "feed": "main", "hop": "camera"}
    said |= {"url": url, **cells}
    return ",".join(said.get(name, "") for name in HEADER.split(","))


def shown(plan: Any) -> list[tuple[str, str]]:
    """Which logins a plan would write, and for which feed."""
    return sorted(
        (each["what"], "/".join(each["key"]))
        for each in plan["changes"]
        if any(field["field"] in ("login", "credential") for field in each["fields"])
    )


@pytest.mark.parametrize(
    "wider", [{"hosts": ["198.18.0.0/24", "203.0.113.66"]}, {"allow_basic": True}]
)
async def test_a_login_goes_further_only_if_it_is_given_anew(operator: Operator, wider: Any):
    (field,) = wider
    refused = await operator.ask("PATCH", CREDENTIAL, 422, json=wider)
    taken = await operator.ask("PATCH", CREDENTIAL, json=wider | {"login": LOGIN})

    assert refused["errors"][0]["field"] == f"body.{field}"
    assert "login given anew" in refused["errors"][0]["detail"]
    assert taken[field] == wider[field]


async def test_an_undo_does_not_widen_where_a_login_goes(operator: Operator):
    narrowed = await operator.ask("PATCH", CREDENTIAL, json={"hosts": ["198.18.0.1"]})

    plan = await operator.ask("POST", f"changes/{narrowed['batch']}/undo", json={})

    assert (plan["changes"], plan["conflicts"]) == (0, 1)
    assert "login given anew" in plan["hindered"][0]["detail"]


async def test_a_file_allows_basic_only_with_the_login(operator: Operator):
    refused = await operator.planned(row(basic="yes"), status=422)
    taken = await operator.planned(row(basic="yes", **LOGIN))

    assert [(each["row"], each["column"]) for each in refused["errors"]] == [(2, "basic")]
    assert [each["key"] for each in taken["changes"]] == [["kept"]]


async def test_new_feeds_are_no_place_to_try_passwords_at(operator: Operator):
    """Each gets a login of its own, whether or not it is that of another feed of this host."""
    right = await operator.planned(row("N1", "rtsp://198.18.0.1/2", **LOGIN))
    wrong = await operator.planned(
        row("N1", "rtsp://198.18.0.1/2", username="admin", password="guess")
    )

    new = [("credential", "login-198.18.0.1"), ("feed", "N1/main")]
    assert shown(right) == shown(wrong) == new
    assert right["plan"] == wrong["plan"]


async def test_a_file_tries_one_login_for_each_that_is_in_use(operator: Operator):
    """The others of the same file are new ones, even if one of them is the right one."""
    async with operator._service.planting() as plant:
        feed = {"camera_id": 1, "credential_id": 1, "hop": "camera"}
        names = ("a", "b", "c")
        urls = [f"rtsp://198.18.0.1/{name}" for name in names]
        plant.session.add_all(
            Feed(name=name, url=url, **feed) for name, url in zip(names, urls, strict=True)
        )
    words = ("wrong", "wrong", LOGIN["password"])
    guesses = [
        row(url=url, feed=name, username="admin", password=word)
        for name, url, word in zip(names, urls, words, strict=True)
    ]

    plan = await operator.planned(*guesses)

    assert [key for what, key in shown(plan) if what == "feed"] == ["K1/a", "K1/b", "K1/c"]


async def test_ones_own_list_is_unchanged_when_it_comes_again(operator: Operator):
    rows = (row(**LOGIN), row("N1", "rtsp://198.18.0.1/2", **LOGIN))
    await operator.imported(*rows)

    again = await operator.planned(*rows)

    assert again["changes"] == []


async def test_a_new_password_of_one_host_is_taken_over(operator: Operator):
    own = {"username": "op", "password": "old-word"}
    await operator.imported(row("N1", "rtsp://198.18.0.7/1", **own))

    plan = await operator.planned(row("N1", "rtsp://198.18.0.7/1", **own | {"password": "new"}))

    assert shown(plan) == [("credential", "login-198.18.0.7")]


async def test_wrong_logins_are_counted_and_end_in_waiting(operator: Operator, service: Service):
    for guess in range(10):
        await operator.planned(row(username="admin", password=f"guess-{guess}"))
    await operator.planned(row(username="admin", password="guess-10"), status=429)
    await operator.planned(row(**LOGIN))

    async with service.database.read() as session:
        of_plans = sa.select(AuditEntry).where(AuditEntry.action == "import_planned")
        entries = (await session.scalars(of_plans.order_by(AuditEntry.id))).all()
    assert [each.detail["logins_differing"] for each in entries] == [1] * 11 + [0]
    assert all(each.address and each.request_id for each in entries)


async def test_changes_are_audited_with_address_and_request(operator: Operator, service: Service):
    await operator.ask("PATCH", "cameras/K1", json={"name": "K"})
    applied = await operator.imported(row("N1", "rtsp://198.18.0.1/2"))

    async with service.database.read() as session:
        deeds = AuditEntry.action.in_(["registry.changed", "import"])
        of_deeds = sa.select(AuditEntry).where(deeds).order_by(AuditEntry.id)
        entries = (await session.scalars(of_deeds)).all()
        of_batch = sa.select(LoggedChange.request_id).where(LoggedChange.batch == applied["batch"])
        requests = set(await session.scalars(of_batch))
    assert [bool(each.address and each.request_id) for each in entries] == [True, True]
    assert requests == {entries[1].request_id}
