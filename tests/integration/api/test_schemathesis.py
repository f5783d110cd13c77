"""What the OpenAPI document allows, generated and sent by every role, inside and outside a reach.

Whatever comes back: no failure of ours, no secret, nothing that lies beyond role and reach.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis.generation.modes import GenerationMode

from registry.api.setup import ROUTES
from registry.live import Frame
from registry.look import FeedKey
from registry.models import Credential, Site
from registry.security.access import RULES
from registry.security.accounts import create_account
from registry.security.reach import EVERYTHING, Reach
from registry.vocabulary import DeliveryState, Depth, Reason, Role, Sector
from tests.fakes.service import Service

EXAMPLES = {GenerationMode.POSITIVE: 2, GenerationMode.NEGATIVE: 1}
SECRET = "kept-secret"  # in a stored login, in a URL and in a hash: no answer may hold it
HIDDEN = "Beyond-the-reach"  # in everything that lies outside the city
CITY = Reach(areas=("zhetisu/taldykorgan",))
KNOWN = {
    "code": ("inside", "outside"),
    "id": ("main", "1"),
    "ticket": ("ticket-1", "ticket-2"),
    "name": ("aigerim",),
}
RULE_OF = {(route.method, route.path): RULES[route.access] for route in ROUTES}


@dataclass(frozen=True)
class Holder:
    role: Role
    reach: Reach
    headers: dict[str, str]


@pytest.fixture
async def estate(service: Service) -> Service:
    now = service.clock.now()
    async with service.planting() as plant:
        session = plant.session
        sealed = f"sealed {SECRET}".encode()
        session.add(Credential(code="login", sealed=sealed, hosts=[], changed_at=now))
        site = Site(code=f"{HIDDEN}-site", name=HIDDEN, sector=Sector.STREET, area_id=3)
        session.add(site)
        await plant.camera("inside")
        outside = await plant.camera(
            "outside",
            name=HIDDEN,
            area_id=3,
            centers=(2,),
            state=DeliveryState.NOT_REACHING,
            reason=Reason.TIMEOUT,
        )
        outside.site_id = site.id
        await create_account(
            session, name="aigerim", password_hash=SECRET, role=Role.ADMIN, now=now
        )
    await service.plant_contractor()
    for code, picture in (("inside", "here"), ("outside", HIDDEN)):
        key = FeedKey(code, "main")
        service.live.frames[key] = Frame(picture.encode(), now)
        service.live.look_now(key, Depth.PICTURE)
    return service


async def holders(service: Service) -> list[Holder]:
    """Of every role, without limits where there may be none, and within the city."""
    found = [
        Holder(role, EVERYTHING, service.bearer(role))
        for role in Role
        if role is not Role.CONTRACTOR
    ]
    contractor = Reach(contractor="almatel")
    found.append(Holder(Role.CONTRACTOR, contractor, service.bearer(Role.CONTRACTOR)))
    for role in (Role.VIEWER, Role.OPERATOR, Role.ADMIN, Role.DEVICE):
        found.append(Holder(role, CITY, await service.issue(role, CITY)))
    return found


@pytest.mark.timeout(240)  # some thousand requests
async def test_nothing_fails_and_nothing_leaks_whatever_is_sent(estate: Service):
    document = await (await estate.client.get("/openapi.json")).json()
    base = str(estate.client.make_url("/")).rstrip("/")
    asking = await holders(estate)
    secrets = [SECRET, *(token.partition(".")[2] for token in estate.tokens.values())]

    answers = await asyncio.to_thread(send_all, document, base, asking, secrets)

    assert len(answers) >= len(ROUTES) * len(asking)
    # That it was not all refused, and that there was something to leak.
    assert sum(answer.ok for answer in answers) > len(ROUTES)
    assert any(HIDDEN in answer.text for answer in answers)


def send_all(
    document: Any, base: str, asking: list[Holder], secrets: list[str]
) -> list[requests.Response]:
    answers = []
    with requests.Session() as session:
        for operation in operations(document):
            for number, case in enumerate(cases(operation)):
                for holder in asking:
                    if number and not may_call(operation, holder):
                        continue  # refused before anything of it is read: once shows it
                    answers.append(send(session, base, case, holder))
                    judge(operation, holder, answers[-1], secrets)
    return answers


def operations(document: Any) -> Iterator[Any]:
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation: Any = found
        yield operation.ok()


def cases(operation: Any) -> list[Any]:
    """A few of each kind, of what the document allows and of what it does not."""
    found: list[Any] = []
    for mode, examples in EXAMPLES.items():
        found += generated(operation, mode, examples)
    known = {name: cycle(values) for name, values in KNOWN.items()}
    for case in found[::2]:  # of every other one the objects exist
        for name in case.path_parameters or {}:
            if name in known:
                case.path_parameters[name] = next(known[name])
    return found


def generated(operation: Any, mode: GenerationMode, examples: int) -> list[Any]:
    found: list[Any] = []

    @hypothesis.seed(20261122)
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def take(case: Any) -> None:
        found.append(case)

    try:
        take()
    except hypothesis.errors.Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # an operation without input cannot be sent wrong
    return found


def send(session: requests.Session, base: str, case: Any, holder: Holder) -> requests.Response:
    given = case.as_transport_kwargs(base_url=base)
    given["headers"] = dict(given["headers"] or {}) | holder.headers
    given.pop("cookies", None)
    return session.request(**given, timeout=20, allow_redirects=False)


def may_call(operation: Any, holder: Holder) -> bool:
    rule = RULE_OF[operation.method.upper(), operation.path]
    return holder.role in rule.roles and (holder.reach.is_everything or not rule.whole)


def judge(operation: Any, holder: Holder, answer: requests.Response, secrets: list[str]) -> None:
    said = f"{answer.headers} {answer.content.decode('utf-8', 'replace')}"
    about = f"{operation.method} {answer.url} as {holder.role} {holder.reach}: {answer.status_code}"
    assert answer.status_code < 500, f"{about} {said[:500]}"
    if "X-Request-Id" not in answer.headers:  # refused by the server before it reached a route
        assert answer.status_code in (400, 404, 405), about
    elif not may_call(operation, holder):
        assert answer.status_code in (403, 404, 405), about
    for secret in secrets:
        assert secret not in said, about
    if not holder.reach.is_everything:
        assert HIDDEN not in said, about
