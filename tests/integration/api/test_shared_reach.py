"""What a limited operator writes: nothing out of his reach is changed by it, reached, or told."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from registry.models import Camera, Credential, Device, Feed, Recorder, Site
from registry.security.reach import Reach
from registry.targets import Login
from registry.vocabulary import Role, Sector
from tests.fakes.service import SEALER, Service

CITY = "zhetisu/taldykorgan"
SINCE = "2026-11-01T00:00:00Z"
# Whatever of the estate below lies outside of the city, in any answer.
OUTSIDE = ("hidden", "far", "198.18.7", "198.18.0.2", "duty-aksu", "SN-OUT", "Ghost")


class Asker:
    """Sends as one person, and keeps every answer that he got."""

    def __init__(self, service: Service, headers: dict[str, str]) -> None:
        self._client = service.client
        self._headers = headers

    async def send(
        self, method: str, path: str, body: Any = None, *, data: str | None = None
    ) -> tuple[int, str]:
        headers = self._headers | {"If-Match": "*"}
        more = {"json": body} if data is None else {"data": data.encode()}
        if method == "GET" or (method == "DELETE" and data is None):
            more = {}
        answer = await self._client.request(method, f"/api/v1/{path}", headers=headers, **more)
        return answer.status, await answer.text()

    async def status(self, method: str, path: str, body: Any = None) -> int:
        return (await self.send(method, path, body))[0]

    async def planned(self, *lines: str) -> tuple[int, Any]:
        status, text = await self.send("POST", "imports", data="\n".join(lines) + "\n")
        return status, json.loads(text)


@pytest.fixture
async def estate(service: Service) -> Service:
    """`near` in the city, `far` in the district; a login used by both, and one by `far` alone."""
    await service.plant_contractor()
    async with service.planting() as plant:
        near = await plant.camera("near")
        far = await plant.camera("far", name="Ghost", area_id=3, centers=(1, 2))
        session = plant.session
        bound = {"shared": ["198.18.0.0/16"], "far-login": ["198.18.7.7"], "own": ["198.18.0.1"]}
        logins = {
            code: Credential(
                code=code,
                sealed=SEALER.seal(Login("admin", f"{code}-word")),
                hosts=hosts,
                changed_at=plant.now,
            )
            for code, hosts in bound.items()
        }
        site = Site(code="far-site", name="F", sector=Sector.STREET, area_id=3)
        session.add_all([*logins.values(), site, Device(camera_id=far.id, serial="SN-OUT")])
        await session.flush()
        session.add(Recorder(code="far-nvr", name="F", host="198.18.7.8", site_id=site.id))
        session.add(Recorder(code="nvr", name="N", host="198.18.0.9", site_id=1))
        urls = {near.id: "rtsp://198.18.0.1/in", far.id: "rtsp://198.18.0.2:8554/hidden"}
        for feed in await session.scalars(sa.select(Feed)):
            feed.credential_id = logins["shared"].id
            feed.url = urls[feed.camera_id]
        own = {"camera_id": near.id, "name": "sub", "hop": "camera"}
        session.add(Feed(url="rtsp://198.18.0.1/2", credential_id=logins["own"].id, **own))
    return service


@pytest.fixture
async def limited(estate: Service) -> Asker:
    return Asker(estate, await estate.issue(Role.OPERATOR, Reach(areas=(CITY,))))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("cameras/near", {"recorder": "far-nvr"}),
        ("cameras/near", {"site": "far-site"}),
        ("cameras/near", {"area": "zhetisu/aksu"}),
        ("cameras/near/feeds/main", {"credential": "far-login", "url": "rtsp://198.18.7.7/x"}),
        ("cameras/near/feeds/main", {"delivers_to": "duty-aksu"}),
    ],
)
async def test_nothing_out_of_reach_is_referred_to(limited: Asker, path: str, body: Any):
    """Or it would be in reach afterwards, and who asked was told by the answer that it exists."""
    (name, code), *_ = body.items()
    refused = await limited.send("PATCH", path, body)
    unknown = await limited.send("PATCH", path, body | {name: "no-such"})

    assert refused[0] == unknown[0] == 422
    assert refused[1].replace(code, "no-such") == unknown[1]
    for place in ("recorders/far-nvr", "sites/far-site", "credentials/far-login"):
        assert await limited.status("GET", place) == 404


async def test_an_assignment_does_not_widen_the_reach_that_it_gives(estate: Service):
    async with estate.planting() as plant:
        other = await plant.camera("other")  # at the site in the city, though not of the contract
        await plant.session.execute(
            sa.update(Camera).where(Camera.id == other.id).values(site_id=None)
        )
    of_contract = Asker(estate, await estate.issue(Role.OPERATOR, Reach(contractor="almatel")))
    new = {"contract": "2026-1", "starts_at": SINCE}

    made = [
        await of_contract.status("POST", "assignments", new | about)
        for about in ({"camera": "far"}, {"area": "zhetisu/aksu"}, {"area": CITY})
    ]
    own = await of_contract.status("POST", "assignments", new | {"camera": "near"})

    assert (made, own) == ([422, 422, 409], 201)
    assert [await of_contract.status("GET", f"cameras/{code}") for code in ("far", "other")] == [
        404,
        404,
    ]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "credentials/shared", {"hosts": ["198.18.0.1"]}),
        ("PATCH", "credentials/shared", {"login": {"username": "a", "password": "wrong"}}),
        ("PATCH", "centers/ou", {"name": "Another"}),
        ("DELETE", "credentials/shared", None),
        ("DELETE", "centers/ou", None),
        ("POST", "centers/ou/retire", {"reason": "so"}),
        ("POST", "desks", {"name": "D", "center": "ou", "phone": "1"}),
    ],
)
async def test_what_is_used_out_of_reach_too_is_not_changed(limited, method, path, body):
    status, text = await limited.send(method, path, body)

    assert status == 409
    assert "outside of what you may change" in text
    assert not [word for word in OUTSIDE if word in text]


async def test_what_is_used_in_reach_alone_is_changed(limited: Asker):
    own = {"login": {"username": "admin", "password": "new"}, "hosts": ["198.18.0.1", "198.18.0.9"]}

    assert await limited.status("PATCH", "credentials/own", own) == 200
    assert await limited.status("PATCH", "sites/zhansugurov-114", {"name": "S"}) == 200
    assert await limited.status("PATCH", f"areas/{CITY.replace('/', '%2F')}", {"name": "C"}) == 200
    assert await limited.status("PATCH", "cameras/near", {"recorder": "nvr"}) == 200
    assert await limited.status("PATCH", "recorders/nvr", {"session_budget": 2}) == 200
    desk = {"name": "D", "site": "zhansugurov-114", "phone": "1"}
    assert await limited.status("POST", "desks", desk) == 201
    care = {"contract": "2026-1", "site": "zhansugurov-114", "starts_at": SINCE}
    assert await limited.status("POST", "assignments", care) == 201


async def test_a_refusal_names_no_holder_out_of_reach(estate: Service):
    """A camera is held by the contract of somebody whom a contractor does not see."""
    operator = Asker(estate, estate.bearer(Role.OPERATOR))
    for path, body in (
        ("contractors", {"code": "far-firm", "name": "F"}),
        ("contracts", {"code": "far-deal", "contractor": "far-firm", "starts_on": "2026-01-01"}),
        ("assignments", {"code": "far-as", "contract": "far-deal", "camera": "near"}),
    ):
        said = body | ({"starts_at": SINCE} if path == "assignments" else {})
        assert await operator.status("POST", path, said) == 201
    of_contract = Asker(estate, await estate.issue(Role.OPERATOR, Reach(contractor="almatel")))

    _, told = await operator.send("DELETE", "cameras/near")
    status, text = await of_contract.send("DELETE", "cameras/near")

    assert "assignment far-as" in told
    assert (status, "lies outside" in text, "far-as" in text) == (409, True, False)


@pytest.mark.parametrize(
    "rows",
    [
        ("camera,area,kind,camera_name", "far,zhetisu/aksu,street,Ghost"),
        ("camera,area,kind,camera_name", "far,zhetisu/aksu,street,Guess"),
        ("camera,area,kind", f"far,{CITY},street"),
        ("camera,area,recorder", f"near,{CITY},far-nvr"),
        ("camera,area,feed,credential", f"near,{CITY},main,far-login"),
        ("camera,area,site,site_area,sector,kind", f"new,{CITY},s1,zhetisu/aksu,street,yard"),
    ],
)
async def test_a_file_learns_nothing_of_what_it_guesses(limited: Asker, rows: tuple[str, ...]):
    status, plan = await limited.planned(*rows)

    assert status == 422
    assert "within what you may change" in plan["errors"][0]["detail"]
    assert not [word for word in ("Ghost", "198.18.7") if word in json.dumps(plan)]


async def test_hints_speak_of_the_file_and_of_what_is_in_reach(limited: Asker, estate: Service):
    rows = (
        "camera,area,kind,feed,url,serial",
        f"new,{CITY},street,main,rtsp://198.18.0.2:8554/hidden,SN-OUT",
    )

    status, plan = await limited.planned(*rows)
    _, whole = await Asker(estate, estate.bearer(Role.OPERATOR)).planned(*rows)

    assert status == 201, plan
    assert (plan["hints"], len(whole["hints"])) == ([], 2)


async def test_a_file_that_would_lead_out_of_reach_is_not_carried_out(estate: Service):
    of_center = Asker(estate, await estate.issue(Role.OPERATOR, Reach(centers=("duty-aksu",))))
    rows = ("camera,area,kind", "new,zhetisu/aksu,street")
    planned, plan = await of_center.planned(*rows)
    assert planned == 201, plan

    status, text = await of_center.send("POST", f"imports/{plan['id']}/apply")

    assert (status, "within what you may change" in text) == (422, True)
    async with estate.database.read() as session:
        assert await session.scalar(sa.select(Camera.id).where(Camera.code == "new")) is None


async def test_what_is_used_out_of_reach_too_is_not_changed_by_a_file(limited: Asker):
    rows = ("camera,area,delivers_to,center_name", f"near,{CITY},ou,Another")

    status, plan = await limited.planned(*rows)
    unchanged, _ = await limited.planned("camera,area,delivers_to", f"near,{CITY},ou")

    assert (status, unchanged) == (422, 201)
    assert "used nowhere but within what you may change" in plan["errors"][0]["detail"]


async def test_no_clock_is_told_of_a_place_out_of_reach(limited: Asker):
    there, nowhere = [
        await limited.send("GET", f"at?time=2026-01-01T10:00&area=zhetisu/{name}")
        for name in ("aksu", "nothing")
    ]

    assert there == nowhere
    assert there[0] == 422
