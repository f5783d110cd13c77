"""The matrix of who may call what, made of the routes: every role, inside and outside its reach.

A route that is registered without a rule, or a rule that does not hold, fails here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from monitor.config import build
from monitor.exposition import Exposition
from monitor.http import MACHINES, Health, Telling, build_app
from monitor.self_metrics import SelfMetrics
from registry.api.setup import ROUTES
from registry.security.access import RULES, Access
from registry.security.reach import EVERYTHING, Reach
from registry.serving import SERVING
from registry.vocabulary import Role
from registry.web.setup import PAGES
from tests.fakes.service import Service, service_at

# As from another machine: loopback scrapes freely.
FAR = {"X-Forwarded-For": "198.51.100.7"}
CITY = Reach(areas=("zhetisu/taldykorgan",))
UNKNOWN = {
    "code": "none",
    "id": "0",
    "ticket": "none",
    "name": "none",
    "language": "en",
}


class NoKnowledge:
    estate = None
    feeds: dict[Any, Any] = {}  # noqa: RUF012
    deliveries: dict[Any, Any] = {}  # noqa: RUF012

    def expire(self) -> None:
        """Nothing is known, so nothing runs out."""


def rules() -> Iterator[tuple[str, str, Access]]:
    yield "GET", "/openapi.json", Access.OPEN
    for route in ROUTES:
        yield route.method, route.path, route.access
    for page in PAGES:
        yield page.method, page.path, page.access
    for path, (access, _) in MACHINES.items():
        yield "GET", path, access


@pytest.fixture
async def house(sqlite_files: Any, tmp_path: Any) -> Any:
    with sqlite_files.empty(tmp_path) as url:
        async with service_at(url) as service:
            await service.plant_contractor()
            app = build_app(service.client.app[SERVING], telling())
            async with TestClient(TestServer(app)) as client:
                yield service, client


def telling() -> Telling:
    nothing: Any = NoKnowledge()
    return Telling(
        nothing,
        Exposition("main", "all"),
        SelfMetrics("0"),
        Health(lambda: None, lambda: None),
        build().metrics,
    )


def address(path: str) -> str:
    """Of nothing that exists: who may is told 404 or what is wrong, who may not 403."""
    parts = [
        UNKNOWN.get(part[1:-1], "none") if part[:1] == "{" else part for part in path.split("/")
    ]
    return "/".join(parts)


def registered(app: web.Application) -> set[tuple[str, str]]:
    return {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }


async def test_every_route_that_answers_has_a_rule(house: tuple[Service, Any]):
    _, client = house

    assert registered(client.app) == {(method, path) for method, path, _ in rules()}


async def status(client: Any, method: str, path: str, headers: dict[str, str]) -> int:
    async with client.request(
        method, address(path), headers=headers, allow_redirects=False
    ) as answer:
        code: int = answer.status
        return code


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_gets_what_the_table_says_and_nothing_else(
    house: tuple[Service, Any], role: Role
):
    service, client = house
    limited = CITY if role is not Role.CONTRACTOR else Reach(CITY.areas, (), "almatel")
    holders = [(EVERYTHING, FAR | service.bearer(role))]
    if role is not Role.SCRAPE:
        holders.append((limited, FAR | await service.issue(role, limited)))

    for reach, headers in holders:
        for method, path, access in rules():
            if access is Access.OPEN:
                continue
            rule = RULES[access]
            may = role in rule.roles and (reach.is_everything or not rule.whole)
            got = await status(client, method, path, headers)
            refused = 401 if access is Access.SCRAPE else 403
            if may:
                assert got not in (401, 403) or path.startswith("/api/v1/me/"), (path, got)
                assert got < 500, (path, got)
            else:
                assert got == refused, (method, path, role, got)


async def test_a_stranger_gets_what_is_open_and_nothing_else(house: tuple[Service, Any]):
    _, client = house

    for method, path, access in rules():
        got = await status(client, method, path, FAR)
        assert (got == 401) is (access is not Access.OPEN), (method, path, got)
