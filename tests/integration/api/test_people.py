"""Accounts, their tokens and sessions: made, narrowed, ended; no password comes out again."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from registry.models import AuditEntry
from registry.security.accounts import create_account
from registry.security.reach import EVERYTHING, Reach
from registry.vocabulary import Role
from tests.fakes.service import QUICK, Service

PASSWORD = "tea with milk 7"
OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
ACCOUNTS = "/api/v1/accounts"


@pytest.fixture
async def people(service: Service) -> Service:
    """Admin `chief`, and `aigerim`, an operator of the city."""
    city = Reach(areas=("zhetisu/taldykorgan",))
    async with service.planting() as plant:
        await plant.camera("inside")
        await plant.camera("outside", area_id=3, centers=(2,))
        for name, role, reach in (
            ("chief", Role.ADMIN, EVERYTHING),
            ("Aigerim", Role.OPERATOR, city),
        ):
            await create_account(
                plant.session,
                name=name,
                password_hash=QUICK.hash(PASSWORD),
                role=role,
                now=service.clock.now(),
                reach=reach,
            )
    return service


async def sign_in(service: Service, name: str, password: str = PASSWORD) -> int:
    answer = await service.client.post(
        "/login", data={"name": name, "password": password}, headers=OURS, allow_redirects=False
    )
    return answer.status


async def ask(service: Service, method: str, path: str, **more: Any) -> Any:
    headers = more.pop("headers", service.bearer(Role.ADMIN))
    answer = await service.client.request(method, path, headers=headers, **more)
    return answer.status, await answer.json()


async def audited(service: Service, action: str) -> list[tuple[str, str, dict[str, Any]]]:
    async with service.database.read() as session:
        found = await session.scalars(sa.select(AuditEntry).where(AuditEntry.action == action))
        return [(entry.who, entry.subject, entry.detail) for entry in found]


async def test_who_signs_in_is_himself_within_his_reach(people: Service):
    assert await sign_in(people, "AIGERIM") == 303

    me = await (await people.client.get("/api/v1/me")).json()
    page = await (await people.client.get("/api/v1/cameras")).json()

    assert (me["name"], me["role"]) == ("Aigerim", "operator")
    assert me["reach"][0]["areas"] == ["zhetisu/taldykorgan"]
    assert [camera["code"] for camera in page["items"]] == ["inside"]
    assert await audited(people, "login.good") == [("Aigerim", "Aigerim", {})]


@pytest.mark.parametrize(
    ("name", "password", "traces"),
    [
        ("Aigerim", "wrong", [("Aigerim", "Aigerim", {})]),
        ("nobody", PASSWORD, [("", "", {})]),
        ("", "", [("", "", {})]),
    ],
)
async def test_a_wrong_name_and_a_wrong_password_get_the_same_answer_and_leave_a_trace(
    people: Service, name: str, password: str, traces: list[Any]
):
    assert await sign_in(people, name, password) == 401
    assert await audited(people, "login.bad") == traces


async def test_guesses_lock_strangers_out_and_not_the_owner_where_he_signs_in_from(
    people: Service,
):
    async with people.database.write() as session:
        await session.execute(sa.text("update account set failures = 4"))
    assert await sign_in(people, "Aigerim", "wrong") == 401

    assert await sign_in(people, "Aigerim") == 429
    people.fake_clock.jump(31)
    assert await sign_in(people, "Aigerim") == 303
    async with people.database.write() as session:
        await session.execute(sa.text("update account set failures = 9"))
    assert await sign_in(people, "Aigerim", "wrong") == 401
    assert await sign_in(people, "Aigerim") == 303


@pytest.mark.parametrize(
    "change",
    [{"disabled": True}, {"role": "viewer"}, {"reach": {"centers": ["ou"]}}],
)
async def test_sessions_end_when_the_account_changes(people: Service, change: dict[str, Any]):
    await sign_in(people, "Aigerim")
    before = (await people.client.get("/api/v1/me")).status

    status, shown = await ask(people, "PATCH", f"{ACCOUNTS}/aigerim", json=change)

    assert (before, status) == (200, 200)
    assert (await people.client.get("/api/v1/me")).status == 401
    assert await sign_in(people, "Aigerim") == (401 if shown["disabled"] else 303)
    ((_, subject, detail),) = await audited(people, "account.changed")
    assert (subject, detail["ended"]) == ("Aigerim", 1)


async def test_guesses_at_once_are_compared_as_few_as_guesses_in_a_row(people: Service):
    """They all knock before the first is answered: each is looked at again when its turn comes."""
    guesses = ["wrong" if number != 28 else PASSWORD for number in range(30)]

    answers = await asyncio.gather(*(sign_in(people, "Aigerim", each) for each in guesses))

    assert Counter(answers) == {401: 5, 429: 25}
    assert len(await audited(people, "login.bad")) == 5


async def test_guesses_at_once_at_many_names_wait_by_their_address(people: Service):
    answers = await asyncio.gather(*(sign_in(people, f"nobody{each}") for each in range(30)))

    assert Counter(answers) == {401: 10, 429: 20}


async def test_guessing_the_old_password_in_a_session_waits_by_its_address(people: Service):
    assert await sign_in(people, "Aigerim") == 303
    asked = {"old": "wrong", "password": "samovar & four cups"}

    statuses = [
        (await people.client.put("/api/v1/me/password", json=asked, headers=OURS)).status
        for _ in range(11)
    ]

    assert statuses == [422] * 10 + [429]


async def test_an_account_is_made_without_its_password_being_seen_again(people: Service):
    body = {"name": "duty", "password": "samovar & four cups", "role": "viewer"}

    status, shown = await ask(people, "POST", ACCOUNTS, json=body)
    again, _ = await ask(people, "POST", ACCOUNTS, json=body | {"name": "DUTY"})

    assert (status, again) == (201, 409)
    assert "samovar" not in str(shown) + str(await audited(people, "account.created"))
    assert await sign_in(people, "duty", "samovar & four cups") == 303


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": "short"}, "body.password"),
        ({"password": "Somebody-is-here"}, "body.password"),
        ({"role": "scrape"}, "body.role"),
        ({"role": "contractor"}, "body.reach.contractor"),
        ({"reach": {"areas": ["nowhere"]}}, "body.reach.areas"),
        ({"name": "a/b"}, "body.name"),
    ],
)
async def test_a_refused_account_says_which_field(people: Service, body: Any, field: str):
    good = {"name": "somebody", "password": "samovar & four cups"}

    status, problem = await ask(people, "POST", ACCOUNTS, json=good | body)

    assert status == 422
    assert [error["field"] for error in problem["errors"]] == [field]
    assert "samovar" not in str(problem)


async def test_the_last_admin_cannot_be_shut_out(people: Service):
    for change in ({"disabled": True}, {"role": "viewer"}, {"reach": {"areas": ["zhetisu"]}}):
        status, _ = await ask(people, "PATCH", f"{ACCOUNTS}/chief", json=change)
        assert status == 409


async def test_ones_own_password_is_changed_with_the_old_one_and_ends_other_sessions(
    people: Service,
):
    await sign_in(people, "Aigerim")
    await sign_in(people, "Aigerim")
    new = "samovar & four cups"

    async def change(old: str) -> int:
        body = {"old": old, "password": new}
        return (await people.client.put("/api/v1/me/password", json=body, headers=OURS)).status

    assert [await change("wrong"), await change(PASSWORD)] == [422, 200]
    assert (await people.client.get("/api/v1/me")).status == 200
    sessions = await (await people.client.get("/api/v1/me/sessions")).json()
    assert [each["current"] for each in sessions["items"]] == [True]
    assert [await sign_in(people, "Aigerim"), await sign_in(people, "Aigerim", new)] == [401, 303]


async def test_a_session_can_be_ended_by_its_owner_and_by_an_admin(people: Service):
    await sign_in(people, "Aigerim")
    foreign, _ = await ask(people, "DELETE", "/api/v1/me/sessions/9999", headers=OURS)
    status, ended = await ask(people, "DELETE", f"{ACCOUNTS}/aigerim/sessions")

    assert (foreign, status, ended) == (404, 200, {"sessions": 1})
    assert (await people.client.get("/api/v1/me")).status == 401
    await sign_in(people, "Aigerim")
    own = (await (await people.client.get("/api/v1/me/sessions")).json())["items"][0]["id"]
    await people.client.delete(f"/api/v1/me/sessions/{own}", headers=OURS)
    assert (await people.client.get("/api/v1/me")).status == 401


async def test_a_token_of_an_account_may_no_more_than_the_account(people: Service):
    body = {"name": "script", "role": "admin", "account": "aigerim", "reach": {"centers": ["ou"]}}
    status, issued = await ask(people, "POST", "/api/v1/tokens", json=body)
    headers = {"Authorization": f"Bearer {issued['token']}"}

    _, me = await ask(people, "GET", "/api/v1/me", headers=headers)
    forbidden, _ = await ask(people, "GET", ACCOUNTS, headers=headers)
    own_password, _ = await ask(people, "GET", "/api/v1/me/sessions", headers=headers)
    await ask(people, "PATCH", f"{ACCOUNTS}/aigerim", json={"disabled": True})
    gone, _ = await ask(people, "GET", "/api/v1/me", headers=headers)

    assert (status, me["name"], me["role"]) == (201, "Aigerim (script)", "operator")
    assert [each["areas"] + each["centers"] for each in me["reach"]] == [
        ["ou"],
        ["zhetisu/taldykorgan"],
    ]
    assert (forbidden, own_password, gone) == (403, 403, 401)


async def test_a_token_is_listed_without_its_secret_and_ends_when_revoked(people: Service):
    _, issued = await ask(people, "POST", "/api/v1/tokens", json={"name": "grafana"})
    secret = issued["token"].partition(".")[2]

    _, listed = await ask(people, "GET", "/api/v1/tokens")
    status, shown = await ask(people, "DELETE", f"/api/v1/tokens/{issued['id']}")
    again, _ = await ask(people, "DELETE", f"/api/v1/tokens/{issued['id']}")

    assert listed["items"][0]["id"] == issued["id"]
    assert secret not in str(listed)
    assert (status, again) == (200, 404)
    assert shown["revoked_at"] is not None


async def test_the_audit_is_read_page_by_page_and_by_filter(people: Service):
    for name in ("grafana", "backup"):
        await ask(people, "POST", "/api/v1/tokens", json={"name": name})

    _, first = await ask(people, "GET", "/api/v1/audit?action=token.created&limit=1")
    _, second = await ask(
        people, "GET", f"/api/v1/audit?action=token.created&cursor={first['next']}"
    )

    assert [each["detail"]["name"] for each in (*first["items"], *second["items"])] == [
        "backup",
        "grafana",
    ]
    assert second["next"] is None
    assert all(each["request_id"] and each["address"] for each in first["items"])
