"""Who gets what: the matrix of roles made of the route table, and every refusal as a problem."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from registry.api import bulk, objects
from registry.api.routing import Route
from registry.api.setup import ROUTES
from registry.live import Frame, LookState
from registry.look import FeedKey
from registry.models import AuditEntry
from registry.security.access import RULES
from registry.security.tokens import create_token, revoke_token
from registry.vocabulary import CameraKind, Depth, Lifecycle, Role, Stage
from tests.fakes.belongings import SINGLES, belong
from tests.fakes.clock import FakeClock
from tests.fakes.service import Service

BODIES = {"tellContact": {"camera": "A1", "state": "docked"}}
# Accounts and tokens answer otherwise to who has no session: test_people, test_authorisation.
OBJECTS = [route for route in ROUTES if route.tag != "people"]
READS = [route for route in OBJECTS if route.method == "GET"]
WRITES = [*objects.ROUTES, *bulk.ROUTES]
DEEDS = [route for route in OBJECTS if route.method != "GET" and route not in WRITES]
MAIN_FRAME = "/api/v1/cameras/A1/feeds/main/frame?t=1"
JPEG = b"\xff\xd8\xff\xe0 a picture"


@pytest.fixture
async def estate(service: Service) -> Service:
    await service.plant_contractor()
    async with service.planting() as plant:
        await belong(plant, await plant.camera("A1"))
    service.live.frames[FeedKey("A1", "main")] = Frame(JPEG, service.clock.now())
    service.live.look_now(FeedKey("A1", "main"), Depth.PICTURE)
    return service


def address(route: Route) -> str:
    known = {"code": "A1", "id": "0", "ticket": "ticket-1", "center": "ou", "name": "x"}
    if "/feeds/" in route.path:
        known["id"] = "main"
    known |= {"path": "zhetisu", "batch": "0" * 32}
    found = SINGLES.get(route.path) or route.path.format(**known)
    is_past = route.query_model.model_fields.get("time") is not None
    # A contractor's assignment began a second before: he sees nothing of the time before it.
    return f"{found}?time={FakeClock().now():%Y-%m-%dT%H:%M:%SZ}" if is_past else found


async def problem(answer: Any) -> Any:
    assert answer.content_type == "application/problem+json", await answer.text()
    body = await answer.json()
    assert body["status"] == answer.status
    assert body["title"]
    assert body["detail"]
    return body


async def test_each_read_answers_exactly_the_roles_its_declaration_permits(estate: Service):
    for route in READS:
        await expect_the_roles_permitted(estate, route)


@pytest.mark.parametrize("route", DEEDS, ids=lambda route: route.name)
async def test_each_deed_is_done_for_exactly_the_roles_its_declaration_permits(
    estate: Service, route: Route
):
    await expect_the_roles_permitted(estate, route)


async def test_each_way_to_write_is_open_to_exactly_the_roles_of_its_declaration(estate: Service):
    """Nothing is named, neither in a body nor by If-Match: who may is told what is missing."""
    for route in WRITES:
        for role in Role:
            answer = await estate.client.request(
                route.method, address(route), headers=estate.bearer(role), json={}
            )
            is_open = answer.status not in (401, 403)
            assert is_open is (role in RULES[route.access].roles), (route.name, role, answer.status)


async def expect_the_roles_permitted(estate: Service, route: Route) -> None:
    for role in Role:
        answer = await estate.client.request(
            route.method, address(route), headers=estate.bearer(role), json=BODIES.get(route.name)
        )
        if role in RULES[route.access].roles:
            # A deed without what it needs is refused by its own room; here it is not forbidden.
            good = {route.status} if route.method == "GET" else {route.status, 400, 404, 409, 422}
            assert answer.status in good, f"{route.name}: {await answer.text()}"
        else:
            assert answer.status == 403, route.name
            await problem(answer)


async def test_no_route_answers_a_stranger(estate: Service):
    for route in ROUTES:
        for headers in ({}, {"Authorization": "Bearer x.y"}, {"Authorization": "Basic eDp5"}):
            answer = await estate.client.request(route.method, address(route), headers=headers)

            assert answer.status == 401, route.name
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            await problem(answer)


async def test_a_token_that_expired_or_was_revoked_opens_nothing(estate: Service):
    now = estate.clock.now()
    async with estate.database.write() as session:
        short = await create_token(
            session, name="short", role=Role.ADMIN, now=now, expires_at=now + timedelta(hours=1)
        )
        revoked = await create_token(session, name="gone", role=Role.ADMIN, now=now)
        await revoke_token(session, revoked.key_id, now)
    estate.fake_clock.jump(3600)

    for token in (short, revoked):
        headers = {"Authorization": f"Bearer {token.text}"}
        answer = await estate.client.get("/api/v1/cameras", headers=headers)
        assert answer.status == 401


async def test_a_session_reads_the_api_and_a_wrong_token_is_not_rescued_by_it(estate: Service):
    await estate.log_in()

    answer = await estate.client.get("/api/v1/cameras")
    wrong = await estate.client.get("/api/v1/cameras", headers={"Authorization": "Bearer x.y"})

    assert (answer.status, wrong.status) == (200, 401)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 202),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_a_session_posts_only_from_our_own_page(
    estate: Service, headers: dict[str, str], status: int
):
    await estate.log_in(Role.OPERATOR)

    answer = await estate.client.post("/api/v1/cameras/A1/feeds/main/look", headers=headers)

    assert answer.status == status


async def test_a_session_posts_from_our_own_page_over_plain_http(estate: Service):
    await estate.log_in(Role.OPERATOR)
    origin = f"http://{estate.client.host}:{estate.client.port}"

    answer = await estate.client.post(
        "/api/v1/cameras/A1/feeds/main/look", headers={"Origin": origin}
    )

    assert answer.status == 202


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/api/v1/cameras?limit=0", 422, "query.limit"),
        ("/api/v1/cameras?limit=501", 422, "query.limit"),
        ("/api/v1/cameras?limit=many", 422, "query.limit"),
        ("/api/v1/cameras?limit=1&limit=2", 422, "query.limit"),
        ("/api/v1/cameras?kind=rocket", 422, "query.kind.0"),
        ("/api/v1/cameras?stat=unknown", 422, "query.stat"),
        ("/api/v1/cameras?cursor=!!!", 422, "query.cursor"),
        ("/api/v1/cameras?cursor=_w", 422, "query.cursor"),
        ("/api/v1/stats?by=weather", 422, "query.by.0"),
        ("/api/v1/cameras/A1/timeline?from=yesterday", 422, "query.from"),
        ("/api/v1/cameras/A1/timeline?from=2026-11-22T00:00:00", 422, "query.from"),
    ],
)
async def test_a_refused_value_is_named_with_what_was_seen(
    estate: Service, path: str, status: int, field: str
):
    answer = await estate.client.get(path, headers=estate.bearer())

    assert answer.status == status
    assert [error["field"] for error in (await problem(answer))["errors"]] == [field]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [("{", 400, "body"), ('{"depth": "soul"}', 422, "body.depth"), ("[]", 422, "body")],
)
async def test_a_refused_body_is_named(estate: Service, body: str, status: int, field: str):
    answer = await estate.client.post(
        "/api/v1/cameras/A1/feeds/main/look", data=body, headers=estate.bearer(Role.OPERATOR)
    )

    assert answer.status == status
    assert [error["field"] for error in (await problem(answer))["errors"]] == [field]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/cameras/none", 404),
        ("GET", "/api/v1/cameras/none/timeline", 404),
        ("GET", "/api/v1/cameras/A1/feeds/none/frame", 404),
        ("POST", "/api/v1/cameras/A1/feeds/none/look", 404),
        ("GET", "/api/v1/looks/none", 404),
        ("GET", "/api/v2/cameras", 404),
        ("DELETE", "/api/v1/cameras", 405),
    ],
)
async def test_what_is_not_there_is_a_problem(estate: Service, method: str, path: str, status: int):
    answer = await estate.client.request(method, path, headers=estate.bearer(Role.ADMIN))

    assert answer.status == status
    await problem(answer)


async def test_a_picture_is_shown_never_stored_and_every_view_of_it_is_audited(estate: Service):
    taken_at = estate.clock.now()
    for _ in range(3):
        estate.fake_clock.jump(1)
        answer = await estate.client.get(MAIN_FRAME, headers=estate.bearer())
        assert await answer.read() == JPEG
        assert answer.content_type == "image/jpeg"
        assert answer.headers["Cache-Control"] == "no-store"

    async with estate.database.read() as session:
        entries = list(await session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)))
    assert await audited(estate) == [("a viewer", "frame.viewed", "A1/main")] * 3
    assert [(entry.at - taken_at).total_seconds() for entry in entries] == [1, 2, 3]
    assert entries[0].detail == {"taken_at": taken_at.isoformat()}


async def test_pictures_asked_for_at_once_are_an_entry_each(estate: Service):
    async def view() -> str:
        answer = await estate.client.get(MAIN_FRAME, headers=estate.bearer())
        return answer.headers["X-Request-Id"]

    requests = await asyncio.gather(*(view() for _ in range(20)))

    async with estate.database.read() as session:
        entries = await session.scalars(sa.select(AuditEntry.request_id))
        assert sorted(entries) == sorted(requests)


async def test_a_picture_whose_view_cannot_be_recorded_is_not_shown(estate: Service):
    async with estate.database.write() as session:
        await session.execute(sa.text("alter table audit rename to out_of_the_way"))

    answers = await asyncio.gather(
        *(estate.client.get(MAIN_FRAME, headers=estate.bearer()) for _ in range(5))
    )

    assert [answer.status for answer in answers] == [503] * 5
    async with estate.database.write() as session:
        await session.execute(sa.text("alter table out_of_the_way rename to audit"))
    assert (await estate.client.get(MAIN_FRAME, headers=estate.bearer())).status == 200


async def audited(service: Service) -> list[tuple[str, str, str]]:
    async with service.database.read() as session:
        entries = await session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))
        return [(entry.who, entry.action, entry.subject) for entry in entries]


@pytest.mark.parametrize(
    ("kind", "snapshots", "lifecycle", "status"),
    [
        (CameraKind.DOORWAY, None, Lifecycle.IN_SERVICE, 403),
        (CameraKind.DOORWAY, True, Lifecycle.IN_SERVICE, 200),
        (CameraKind.BODY, None, Lifecycle.IN_SERVICE, 403),
        (CameraKind.IN_CAR, None, Lifecycle.IN_SERVICE, 403),
        (CameraKind.YARD, None, Lifecycle.IN_SERVICE, 200),
        (CameraKind.STREET, False, Lifecycle.IN_SERVICE, 403),
        (CameraKind.STREET, None, Lifecycle.RETIRED, 403),
    ],
)
async def test_a_picture_is_shown_only_where_pictures_are_on(
    service: Service,
    kind: CameraKind,
    snapshots: bool | None,
    lifecycle: Lifecycle,
    status: int,
):
    async with service.planting() as plant:
        await plant.camera("P1", kind=kind, snapshots=snapshots, lifecycle=lifecycle)
    service.live.frames[FeedKey("P1", "main")] = Frame(JPEG, service.clock.now())

    answer = await service.client.get(
        "/api/v1/cameras/P1/feeds/main/frame", headers=service.bearer(Role.ADMIN)
    )

    assert answer.status == status


async def test_no_answer_holds_a_secret(estate: Service):
    async with estate.planting() as plant:
        camera = await plant.camera("S1", relay=True)
        url = "rtsp://admin:hunter2secret@198.18.0.9/cam?token=hunter2secret"
        await plant.session.execute(
            sa.text("update feed set url = :url where camera_id = :id"),
            {"url": url, "id": camera.id},
        )
    token = estate.tokens[Role.ADMIN]

    for route in ROUTES:
        answer = await estate.client.request(
            route.method,
            address(route).replace("A1", "S1"),
            headers=estate.bearer(Role.ADMIN),
        )
        text = (await answer.read()).decode("latin-1")
        assert "hunter2secret" not in text
        assert token.partition(".")[2] not in text


async def test_a_look_is_queued_and_its_ticket_tells_what_came_of_it(estate: Service):
    asked = await estate.client.post(
        "/api/v1/cameras/A1/feeds/main/look",
        data=json.dumps({"depth": "measure"}),
        headers=estate.bearer(Role.OPERATOR),
    )
    queued = await asked.json()
    told = await estate.client.get(
        f"/api/v1/looks/{queued['ticket']}", headers=estate.bearer(Role.OPERATOR)
    )

    assert asked.status == 202
    assert (queued["state"], queued["depth"], queued["look"]) == ("queued", "measure", None)
    assert await told.json() == queued
    assert ("a operator", "look.asked", "A1/main") in await audited(estate)


async def test_a_look_that_runs_says_what_it_waits_for(estate: Service):
    queued = estate.live.tickets["ticket-1"]
    running = replace(queued, state=LookState.RUNNING, stage=Stage.FIRST_KEYFRAME)
    estate.live.tickets["ticket-1"] = running

    answer = await estate.client.get("/api/v1/looks/ticket-1", headers=estate.bearer(Role.OPERATOR))

    told = await answer.json()
    assert (told["state"], told["stage"]) == ("running", "first_keyframe")


async def test_a_feed_that_is_not_probed_cannot_be_looked_at_now(estate: Service):
    estate.live.not_probed.add(FeedKey("A1", "main"))

    answer = await estate.client.post(
        "/api/v1/cameras/A1/feeds/main/look", headers=estate.bearer(Role.OPERATOR)
    )

    assert answer.status == 409
    await problem(answer)
