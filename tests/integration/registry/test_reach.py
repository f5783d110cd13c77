"""A reach in SQL: what of a planted estate each of them sees, class by class, on both databases."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from registry.models import (
    Area,
    Assignment,
    Base,
    Camera,
    Center,
    Contact,
    Contract,
    Contractor,
    Credential,
    Delivery,
    Feed,
    FeedStatus,
    Outage,
    Program,
    Recorder,
    Site,
    System,
)
from registry.security.limits import ReachRefused, require_existing
from registry.security.reach import EVERYTHING, Reach
from registry.security.within import within
from registry.vocabulary import AreaKind, Reason, Role, Sector
from tests.fakes.estate import Estate

CITY = Reach(areas=("zhetisu/taldykorgan",))
DISTRICT = Reach(areas=("zhetisu/aksu",))
DUTY = Reach(centers=("duty-aksu",))
ALMATEL = Reach(contractor="almatel")
LABELS: dict[type[Base], Any] = {
    Area: Area.path,
    Center: Center.code,
    Site: Site.code,
    System: System.code,
    Recorder: Recorder.code,
    Program: Program.code,
    Contractor: Contractor.code,
    Contract: Contract.code,
    Credential: Credential.code,
    Contact: Contact.name,
}


@pytest.fixture
async def seen(database, clock):
    """Cameras: c1 in the city, d1 in the district, dc in the district for both centers."""
    async with database.write() as session:
        plant = Estate(session, clock.now())
        await plant.places()
        await plant.contractor()
        await plant.camera("c1")
        district = await plant.camera("d1", area_id=3, centers=(2,))
        await plant.camera("dc", area_id=3, centers=(2, 1))
        await objects(session, district, clock)

    async def codes(reach: Reach, shown: type[Base] = Camera) -> Collection[str]:
        async with database.read() as session:
            statement = sa.select(LABELS.get(shown, Camera.code))
            if shown not in LABELS:
                statement = through(shown)
            rows = await session.scalars(statement.where(within(shown, reach, clock.now())))
            return set(rows)

    return codes


def through(shown: type[Base]) -> sa.Select[Any]:
    """The codes of the cameras that rows of this class belong to."""
    statement = sa.select(Camera.code)
    if shown is Camera:
        return statement
    if shown is Delivery:
        return statement.join(Delivery, Delivery.camera_id == Camera.id)
    statement = statement.join(Feed, Feed.camera_id == Camera.id)
    if shown is Feed:
        return statement
    model: Any = shown
    return statement.join(model, model.feed_id == Feed.id)


async def objects(session: Any, district: Camera, clock: Any) -> None:
    zone = "Asia/Almaty"
    near = Area(path="zhetisu/aksu2", name="x", kind=AreaKind.DISTRICT, parent_id=1, time_zone=zone)
    session.add(near)
    session.add(Site(code="aksu-1", name="a", sector=Sector.STREET, area_id=3))
    await session.flush()
    rows: list[Base] = [
        System(code="s-aksu", name="s", site_id=2),
        System(code="s-adrift", name="s"),
        Program(code="carpet", name="p"),
        Contractor(id=91, code="other", name="o"),
        Credential(code="login", sealed=b"x", hosts=[], changed_at=clock.now()),
        Contact(site_id=2, name="at the site"),
        Contact(center_id=1, name="at the center"),
    ]
    session.add_all(rows)
    await session.flush()
    session.add_all(
        [
            Recorder(code="r-city", name="r", site_id=1),
            Recorder(code="r-aksu", name="r", system_id=1),
            Recorder(code="r-used", name="r"),
        ]
    )
    await session.flush()
    district.recorder_id, district.program_id = 3, 1
    feed = await session.scalar(sa.select(Feed).where(Feed.camera_id == district.id))
    feed.credential_id = 1
    session.add(
        Outage(feed_id=feed.id, vantage_id=1, reason=Reason.TIMEOUT, first_bad_at=clock.now())
    )
    await session.flush()


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        (EVERYTHING, {"c1", "d1", "dc"}),
        (Reach(areas=("zhetisu",)), {"c1", "d1", "dc"}),
        (CITY, {"c1"}),
        (DISTRICT, {"d1", "dc"}),
        (Reach(areas=("zhetisu/ak",)), set()),
        (Reach(areas=("zhetisu/_aldykorgan", "%")), set()),
        (Reach(areas=("zhetisu/aksu2", "zhetisu/taldykorgan")), {"c1"}),
        (DUTY, {"d1", "dc"}),
        (Reach(centers=("ou",)), {"c1", "dc"}),
        (Reach(areas=CITY.areas, centers=DUTY.centers), set()),
        (Reach(areas=DISTRICT.areas, within=Reach(centers=("ou",))), {"dc"}),
        (Reach(within=CITY), {"c1"}),
        (Reach(centers=("gone",)), set()),
        (ALMATEL, {"c1"}),
        (Reach(contractor="other"), set()),
    ],
)
async def test_a_reach_sees_these_cameras_and_no_others(seen, reach, expected):
    assert await seen(reach) == expected
    assert await seen(reach, Feed) == expected
    assert await seen(reach, Delivery) == expected
    assert await seen(reach, FeedStatus) == expected
    assert await seen(reach, Outage) == expected & {"d1"}


@pytest.mark.parametrize(
    ("shown", "reach", "expected"),
    [
        (Area, DISTRICT, {"zhetisu/aksu"}),
        (Area, DUTY, {"zhetisu/aksu"}),
        (Area, Reach(areas=("zhetisu",), within=CITY), {"zhetisu/taldykorgan"}),
        (Center, CITY, {"ou"}),
        (Center, DISTRICT, {"ou", "duty-aksu"}),  # `dc` must be seen in both
        (Center, Reach(centers=("ou",)), {"ou", "duty-aksu"}),
        (Center, ALMATEL, {"ou"}),
        (Site, CITY, {"zhansugurov-114"}),
        (Site, DISTRICT, {"aksu-1"}),
        (Site, DUTY, set()),
        (System, DISTRICT, {"s-aksu"}),
        (System, CITY, set()),
        (Recorder, CITY, {"r-city"}),
        (Recorder, DISTRICT, {"r-aksu", "r-used"}),
        (Recorder, DUTY, {"r-used"}),
        (Program, DISTRICT, {"carpet"}),
        (Program, CITY, set()),
        (Credential, DISTRICT, {"login"}),
        (Credential, CITY, set()),
        (Contractor, CITY, {"almatel", "other"}),
        (Contractor, ALMATEL, {"almatel"}),
        (Contract, ALMATEL, {"2026-1"}),
        (Contract, Reach(contractor="other"), set()),
        (Contact, CITY, {"at the center"}),
        (Contact, DISTRICT, {"at the site", "at the center"}),
        (Contact, Reach(contractor="other"), set()),
    ],
)
async def test_what_surrounds_cameras_is_seen_by_its_place_or_by_them(seen, shown, reach, expected):
    assert await seen(reach, shown) == expected


@pytest.mark.parametrize(
    ("held", "inside"),
    [({"camera_id": 2}, True), ({"area_id": 1}, True), ({"area_id": 2}, False)],
)
async def test_a_contractor_sees_what_he_answers_for_now(seen, database, clock, held, inside):
    now = clock.now()
    past = {"starts_at": now - timedelta(days=2), "ends_at": now - timedelta(days=1)}
    async with database.write() as session:
        session.add(Contract(id=91, code="c", contractor_id=91, starts_on=now.date()))
        await session.flush()
        session.add(Assignment(contract_id=91, camera_id=3, hops=[], **past))
        session.add(Assignment(contract_id=91, hops=[], starts_at=now, **held))

    cameras = await seen(Reach(contractor="other"))

    assert ("d1" in cameras, "dc" in cameras) == (inside, "area_id" in held and inside)


async def test_every_class_that_is_shown_has_a_rule_and_the_rest_is_never_shown(clock):
    inner = {"account", "api_token", "audit", "event", "heartbeat", "import_mapping", "revision"}
    inner |= {"vantage", "web_session"}
    for mapper in Base.registry.mappers:
        if mapper.local_table.name in inner:  # type: ignore[attr-defined]
            with pytest.raises(KeyError):
                within(mapper.class_, CITY, clock.now())
        else:
            within(mapper.class_, CITY, clock.now())


@pytest.mark.parametrize(
    ("role", "reach", "field"),
    [
        (Role.CONTRACTOR, EVERYTHING, "contractor"),
        (Role.CONTRACTOR, Reach(contractor="nobody"), "contractor"),
        (Role.VIEWER, Reach(areas=("zhetisu", "nowhere")), "area"),
        (Role.VIEWER, Reach(centers=("nowhere",)), "center"),
        (Role.SCRAPE, CITY, "role"),
    ],
)
async def test_limits_that_fit_nothing_are_refused_by_name(seen, database, role, reach, field):
    async with database.read() as session:
        with pytest.raises(ReachRefused) as refused:
            await require_existing(session, role, reach)

    assert refused.value.field == field
