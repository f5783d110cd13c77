"""What the OpenAPI document allows, generated and sent by every role, inside and outside a reach.

Whatever comes back: no failure of ours, no secret, nothing that lies beyond role and reach.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase
from schemathesis.generation.modes import GenerationMode

from registry.api.setup import ROUTES
from registry.live import Frame
from registry.look import FeedKey
from registry.models import Camera, Credential, Site
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


@pytest.mark.timeout(240)
async def test_what_an_answer_offers_opens_no_more_than_role_and_reach_do(estate: Service):
    document = await (await estate.client.get("/openapi.json")).json()
    base = str(estate.client.make_url("/")).rstrip("/")
    asking = await holders(estate)

    with contextlib.closing(Everybody(document, base, asking)) as everybody:
        done = await asyncio.to_thread(offer_all, everybody)

    # Operators and admins, with and without limits: each changed, imported, and took it back.
    assert done == ["changed", "undone", "imported", "undone"] * 4
    async with estate.database.read() as session:
        notes = await session.scalars(sa.select(Camera.lifecycle_note))
        assert set(notes) == {""}


class Everybody:
    """Sends one request as its owner, and then as all the others."""

    def __init__(self, document: Any, base: str, asking: list[Holder]) -> None:
        self.asking = asking
        self._base = base
        self._session = requests.Session()
        self._operations = {(o.method.upper(), o.path): o for o in operations(document)}

    def owners(self) -> Iterator[Holder]:
        change = self._operations["POST", "/api/v1/cameras/bulk"]
        return (each for each in self.asking if may_call(change, each))

    def close(self) -> None:
        self._session.close()

    def post(self, holder: Holder, path: str, body: Any = None, **parts: str) -> Any:
        """The answer of the owner, who may."""
        answer = self._post(holder, path, body, parts)
        assert answer.ok, answer.text
        return answer.json()

    def try_as_others(self, owner: Holder, path: str, body: Any = None, **parts: str) -> None:
        for holder in self.asking:
            if holder is not owner:
                answer = self._post(holder, path, body, parts)
                if not holder.reach.is_everything:
                    assert "outside" not in answer.text, answer.text

    def _post(
        self, holder: Holder, path: str, body: Any, parts: dict[str, str]
    ) -> requests.Response:
        data = body if isinstance(body, str) else json.dumps(body or {})
        answer = self._session.post(
            self._base + path.format(**parts), data=data, headers=holder.headers, timeout=20
        )
        judge(self._operations["POST", path], holder, answer, [SECRET])
        return answer


def offer_all(everybody: Everybody) -> list[str]:
    """Real tokens, plans and batches, in the hands of their owners and of everybody else."""
    done: list[str] = []
    for number, owner in enumerate(everybody.owners()):
        done += change_and_undo(everybody, owner, f"note {number}")
        done += import_and_undo(everybody, owner, f"note {number}")
    return done


def change_and_undo(everybody: Everybody, owner: Holder, note: str) -> Iterator[str]:
    bulk = "/api/v1/cameras/bulk"
    body = {"filter": {}, "set": {"lifecycle_note": note}, "reason": "of all in reach"}
    token = everybody.post(owner, bulk, body)["token"]
    everybody.try_as_others(owner, bulk, body)
    everybody.try_as_others(owner, bulk, body | {"filter": {"kind": ["body"]}, "token": token})
    batch = everybody.post(owner, bulk, body | {"token": token})["batch"]
    assert batch is not None
    yield "changed"
    yield from undo(everybody, owner, batch)


def import_and_undo(everybody: Everybody, owner: Holder, note: str) -> Iterator[str]:
    # Anybody who may and sees the same could carry it out; a file is for whoever brought it alone.
    table = f"camera,area,lifecycle_note\ninside,zhetisu/taldykorgan,{note}\n"
    planned = everybody.post(owner, "/api/v1/imports", table)["id"]
    everybody.try_as_others(owner, "/api/v1/imports/{id}/apply", id=planned)
    batch = everybody.post(owner, "/api/v1/imports/{id}/apply", id=planned)["batch"]
    assert batch is not None
    yield "imported"
    yield from undo(everybody, owner, batch)


def undo(everybody: Everybody, owner: Holder, batch: str) -> Iterator[str]:
    path = "/api/v1/changes/{batch}/undo"
    token = everybody.post(owner, path, batch=batch)["token"]
    everybody.try_as_others(owner, path, batch=batch)
    everybody.try_as_others(owner, path, {"token": "0" * 32}, batch=batch)
    assert everybody.post(owner, path, {"token": token}, batch=batch)["batch"] is not None
    everybody.try_as_others(owner, path, {"token": token}, batch=batch)
    yield "undone"


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
                    if offers_token(operation, answers[-1]):
                        taken_up = {**case.body, "token": answers[-1].json()["token"]}
                        answers.append(send(session, base, replace(case, body=taken_up), holder))
                        judge(operation, holder, answers[-1], secrets)
    return answers


def offers_token(operation: Any, answer: requests.Response) -> bool:
    """The preview of a change: what was generated is carried out as well."""
    return answer.ok and operation.path.endswith(("/bulk", "/undo"))


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
