"""Rows -> what a monitor follows: who is looked at, with which login, along which path."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from registry.estate import ensure_vantage, load_estate
from registry.look import FeedKey
from registry.models import (
    Assignment,
    Base,
    Camera,
    Center,
    Contract,
    Contractor,
    Credential,
    Feed,
    Site,
)
from registry.sample import demo_estate, demo_feeds, plant, sample_csv
from registry.security.sealing import Sealer, SealingError
from registry.transfer import apply_plan, plan_import
from registry.vocabulary import CameraKind, Hop, Lifecycle, Proof

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def bring(database, sealer, clock):
    async def bring_in(text: str) -> None:
        plan = await plan_import(database, text.encode(), sealer=sealer, clock=clock)
        await apply_plan(database, plan, sealer=sealer, clock=clock)
        async with database.write() as session:
            await ensure_vantage(session, "here", "Here")

    return bring_in


@pytest.fixture
def estate_of(database, sealer):
    async def load(with_sealer: Sealer = sealer):
        async with database.read() as session:
            return await load_estate(session, "here", with_sealer, NOW)

    return load


def demo(cameras: int = 14) -> str:
    feeds = demo_feeds(cameras)
    hosts = {
        name: f"127.0.1.{n}" for n, name in enumerate(sorted({f.recorder or "" for f in feeds}))
    }
    return demo_estate(
        cameras,
        lambda feed: (
            f"rtsp://op:word@{hosts[feed.recorder]}:8554/{feed.key}"
            if feed.recorder
            else f"rtsp://op:word@127.0.2.{feeds.index(feed) + 1}:8554/{feed.key.feed}"
        ),
    )


async def test_the_path_of_a_delivery_runs_from_the_center_back_to_the_lens(bring, estate_of):
    await bring(demo())

    estate = await estate_of()

    paths = {(each.camera, each.center): each for each in estate.deliveries}
    assert paths["yard-01", "cou"].path == (
        FeedKey("yard-01", "cou"),
        FeedKey("yard-01", "nvr"),
        FeedKey("yard-01", "main"),
    )
    assert paths["yard-01", "cou"].proof is Proof.HANDED_ON
    assert paths["street-002", "duty-north"].path == (FeedKey("street-002", "main"),)
    assert paths["mall-01", "cou"].path == ()
    assert not [each for each in estate.deliveries if each.camera == "door-01"]


async def test_only_cameras_that_are_probed_have_targets(bring, estate_of, database):
    await bring(demo())
    async with database.write() as session:
        camera = (await session.scalars(sa.select(Camera).where(Camera.code == "yard-02"))).one()
        camera.lifecycle = Lifecycle.RETIRED

    estate = await estate_of()

    targets = {key.camera for key in estate.targets}
    assert len(estate.cameras) == 14
    assert estate.cameras["yard-02"].lifecycle is Lifecycle.RETIRED
    assert set(estate.cameras) - targets == {"mall-01", "body-01", "yard-02"}
    assert estate.targets[FeedKey("street-001", "main")].lifecycle is Lifecycle.SUSPENDED
    assert not [each for each in estate.deliveries if each.camera == "yard-02"]


async def test_channels_of_a_recorder_share_its_budget(bring, estate_of):
    await bring(demo())

    targets = (await estate_of()).targets

    nvr = [targets[FeedKey(f"yard-0{n}", "nvr")] for n in range(1, 5)]
    assert {target.host_key for target in nvr} == {"recorder:nvr-01"}
    assert {target.session_budget for target in nvr} == {4}
    assert targets[FeedKey("car-01-cabin", "main")].host_key == "recorder:car-01"
    assert targets[FeedKey("yard-01", "cou")].host_key == "recorder:vms-cou"
    assert targets[FeedKey("yard-01", "main")].host_key.startswith("host:127.0.2.")
    assert targets[FeedKey("yard-01", "main")].session_budget == 1


async def test_a_login_is_decrypted_and_shows_nothing(bring, estate_of):
    await bring(demo())

    target = (await estate_of()).targets[FeedKey("yard-01", "nvr")]

    assert target.login is not None
    assert (target.login.username, target.login.password) == ("op", "word")
    assert target.login.hosts == (target.host,)
    assert target.login.fingerprint
    assert "word" not in repr(target)


async def test_a_login_bound_elsewhere_is_not_handed_out(bring, estate_of, database):
    await bring(demo())
    async with database.write() as session:
        await session.execute(sa.update(Credential).values(hosts=["10.0.0.0/8"]))

    estate = await estate_of()

    assert {target.login for target in estate.targets.values()} == {None}


async def test_another_key_file_is_an_error_and_not_a_fleet_without_logins(bring, estate_of):
    await bring(demo())

    with pytest.raises(SealingError, match="none of the"):
        await estate_of(Sealer([b"C" * 43 + b"="]))


@pytest.mark.parametrize(
    ("code", "feed", "kept"),
    [("yard-01", "main", True), ("street-002", "main", True), ("door-01", "cloud", False)],
)
async def test_pictures_of_homes_are_not_kept_unless_an_admin_says_so(
    bring, estate_of, database, code, feed, kept
):
    await bring(demo())
    assert (await estate_of()).targets[FeedKey(code, feed)].snapshots is kept

    async with database.write() as session:
        await session.execute(sa.update(Camera).values(snapshots=not kept))
    assert (await estate_of()).targets[FeedKey(code, feed)].snapshots is not kept


async def test_the_nearest_assignment_in_force_names_the_contractor(bring, estate_of, database):
    await bring(demo())
    async with database.write() as session:
        for code in ("far", "near", "past", "links"):
            contractor = Contractor(code=code, name=code)
            session.add(contractor)
            await session.flush()
            session.add(
                Contract(code=code, contractor_id=contractor.id, starts_on=date(2026, 1, 1))
            )
        contracts = {c.code: c.id for c in await session.scalars(sa.select(Contract))}
        cameras = {c.code: c.id for c in await session.scalars(sa.select(Camera))}
        region = await session.scalar(
            sa.select(Base.metadata.tables["area"].c.id).where(
                Base.metadata.tables["area"].c.path == "demo"
            )
        )
        since = datetime(2026, 1, 1, tzinfo=UTC)
        site = await session.scalar(sa.select(Site.id).where(Site.code == "site-001"))
        session.add_all(
            [
                Assignment(contract_id=contracts["far"], area_id=region, hops=[], starts_at=since),
                Assignment(contract_id=contracts["near"], site_id=site, hops=[], starts_at=since),
                Assignment(
                    contract_id=contracts["links"],
                    site_id=site,
                    hops=["recorder"],
                    starts_at=datetime(2026, 6, 1, tzinfo=UTC),
                ),
                Assignment(
                    contract_id=contracts["past"],
                    camera_id=cameras["yard-01"],
                    hops=[],
                    starts_at=since,
                    ends_at=datetime(2026, 6, 1, tzinfo=UTC),
                ),
            ]
        )

    facts = (await estate_of()).cameras

    assert facts["yard-01"].contractor == "near"
    assert facts["yard-02"].contractor == "far"


async def test_a_circle_of_feeds_ends_where_it_would_begin_again(bring, estate_of, database):
    await bring(demo())
    async with database.write() as session:
        feeds = {
            feed.name: feed
            for feed in await session.scalars(
                sa.select(Feed).join(Camera).where(Camera.code == "yard-01")
            )
        }
        feeds["main"].taken_from_id = feeds["cou"].id

    paths = {(each.camera, each.center): each.path for each in (await estate_of()).deliveries}

    assert [key.feed for key in paths["yard-01", "cou"]] == ["cou", "nvr", "main"]


async def test_the_vantage_is_made_once(database):
    async with database.write() as session:
        first = await ensure_vantage(session, "here", "Here")
    async with database.write() as session:
        assert await ensure_vantage(session, "here", "Other name") == first


async def test_a_vantage_nobody_made_is_an_error(estate_of):
    with pytest.raises(LookupError, match="'here'"):
        await estate_of()


async def test_the_sample_has_the_shape_of_the_region(bring, estate_of, database):
    await bring(await asyncio.to_thread(sample_csv))
    async with database.write() as session:
        await plant(session)

    estate = await estate_of()

    def cameras(kind: CameraKind) -> set[str]:
        return {
            code
            for code, facts in estate.cameras.items()
            if facts.kind is kind and facts.lifecycle is not Lifecycle.PLANNED
        }

    arriving = {d.camera for d in estate.deliveries if d.center.startswith("duty-")}
    shown_in_duty_units = arriving & cameras(CameraKind.STREET)
    targets = {key.camera for key in estate.targets}
    assert shown_in_duty_units == cameras(CameraKind.STREET)
    assert all(estate.cameras[code].kind is CameraKind.STREET for code in arriving)
    assert len(shown_in_duty_units) == 968
    assert len(cameras(CameraKind.DOORWAY)) == 338
    assert not cameras(CameraKind.DOORWAY) & {d.camera for d in estate.deliveries}
    assert len(cameras(CameraKind.BODY)) > 800
    assert not cameras(CameraKind.BODY) & targets
    assert not cameras(CameraKind.FACILITY) & targets
    assert len({f.system for f in estate.cameras.values() if f.system}) == 871
    assert (
        len({f.recorder for f in estate.cameras.values() if f.recorder.startswith("car-")}) == 140
    )
    assert max(len(d.path) for d in estate.deliveries) == 3
    assert all(t.host.startswith(("198.18.", "198.19.")) for t in estate.targets.values())
    assert all(t.login is not None for t in estate.targets.values())
    assert {f.contractor for f in estate.cameras.values()} == {
        "region-service",
        "city-optic",
        "telecom",
    }


@pytest.mark.parametrize("cameras", [12, 40])
async def test_the_demo_has_as_many_cameras_as_asked_for(bring, estate_of, cameras):
    await bring(demo(cameras))

    estate = await estate_of()

    assert len(estate.cameras) == cameras
    assert len(estate.targets) == len(demo_feeds(cameras))
    assert {target.hop for target in estate.targets.values()} == {
        Hop.CAMERA,
        Hop.RECORDER,
        Hop.CENTER,
    }


async def test_a_look_loads_the_line_of_the_center_that_hands_the_picture_on(
    bring, estate_of, database
):
    await bring(demo())
    async with database.write() as session:
        await session.execute(sa.update(Center).values(network_kbit=5_000))

    estate = await estate_of()

    handed_on = {t.center for t in estate.targets.values() if t.hop in (Hop.RELAY, Hop.CENTER)}
    others = {t.center for t in estate.targets.values() if t.hop in (Hop.CAMERA, Hop.RECORDER)}
    assert handed_on <= estate.centers.keys()
    assert handed_on
    assert others == {None}
    assert {t.center_kbit for t in estate.targets.values() if t.center} == {5_000}


async def test_a_prober_inside_a_center_loads_its_line_with_every_look(bring, estate_of, database):
    await bring(demo())
    code = min((await estate_of()).centers)
    async with database.write() as session:
        await ensure_vantage(session, "here", "Here", center=code)

    estate = await estate_of()

    assert {t.center for t in estate.targets.values() if t.hop is Hop.CAMERA} == {code}
