"""Rows -> the estate a monitor follows, in a few set-based queries.

It never looks at anything and decides nothing about what is seen.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from registry.database import current_revision
from registry.feed_url import BadFeedUrl, feed_address, is_bound
from registry.look import FeedKey
from registry.models import (
    Area,
    Assignment,
    Camera,
    Center,
    Contract,
    Contractor,
    Credential,
    Delivery,
    Feed,
    Program,
    Recorder,
    Site,
    System,
    Vantage,
)
from registry.security.sealing import Sealer, SealingError
from registry.targets import CameraFacts, CenterFacts, DeliveryTarget, Estate, Login, Target
from registry.vocabulary import CameraKind, Hop, Lifecycle

ROWS_PER_SLICE = 2_000

_Row: TypeAlias = sa.Row[*tuple[Any, ...]]

log = structlog.get_logger()

# Homes, and what a policeman carries or drives, are shown only once an admin has said so.
KINDS_WITHOUT_SNAPSHOTS = frozenset({CameraKind.DOORWAY, CameraKind.BODY, CameraKind.IN_CAR})

# A camera serves one session without harm, a recorder a few, a relay or a center's system many.
SESSION_BUDGETS = {Hop.CAMERA: 1, Hop.RECORDER: 4, Hop.RELAY: 16, Hop.CENTER: 16}


async def load_estate(
    session: AsyncSession, vantage_code: str, sealer: Sealer, now: datetime | None = None
) -> Estate:
    """Everything as it stands at one revision; one session sees one consistent view.

    Rows arrive in slices and are put together in a thread: the loop goes on meanwhile.
    """
    revision = await current_revision(session)
    vantage_id = await _vantage_id(session, vantage_code)
    rows = await _load_rows(session, now or datetime.now(UTC))
    return await asyncio.to_thread(_estate, rows, sealer, revision, vantage_code, vantage_id)


def _estate(
    rows: _Rows, sealer: Sealer, revision: int, vantage_code: str, vantage_id: int
) -> Estate:
    places, logins = _places(rows, vantage_id), _logins(rows.credentials, sealer)
    contractors = _Contractors(rows.assignments, places)
    cameras, feeds = _by_id(rows.cameras), _by_id(rows.feeds)
    targets = {
        target.key: target
        for feed in rows.feeds
        if cameras[feed.camera_id].lifecycle.is_probed
        and (target := _target(feed, cameras[feed.camera_id], places, logins)) is not None
    }
    return Estate(
        revision=revision,
        vantage=vantage_code,
        vantage_id=vantage_id,
        targets=targets,
        deliveries=tuple(_deliveries(rows.deliveries, feeds, cameras)),
        cameras={
            camera.code: _facts(camera, places, contractors.of(camera)) for camera in rows.cameras
        },
        centers={
            center.code: CenterFacts(
                code=center.code, kind=center.kind, area=places.areas[center.area_id].path
            )
            for center in rows.centers
        },
    )


async def ensure_vantage(
    session: AsyncSession, code: str, name: str, *, center: str | None = None
) -> int:
    """The id of the vantage, made on the first start of a prober that stands there.

    `center` is the code of the center inside whose network that is; None leaves what is known.
    """
    vantage = await session.scalar(sa.select(Vantage).where(Vantage.code == code))
    if vantage is None:
        vantage = Vantage(code=code, name=name)
        session.add(vantage)
    if center:
        vantage.center_id = await session.scalar(sa.select(Center.id).where(Center.code == center))
        if vantage.center_id is None:
            log.warning("center_not_in_registry", center=center)
    await session.flush()
    return vantage.id


async def _vantage_id(session: AsyncSession, code: str) -> int:
    found = await session.scalar(sa.select(Vantage.id).where(Vantage.code == code))
    if found is None:
        raise LookupError(f"vantage {code!r} is not in the registry")
    return found


_CAMERAS = sa.select(
    Camera.id,
    Camera.code,
    Camera.kind,
    Camera.importance,
    Camera.lifecycle,
    Camera.area_id,
    Camera.site_id,
    Camera.system_id,
    Camera.recorder_id,
    Camera.program_id,
    Camera.snapshots,
).order_by(Camera.code)

_FEEDS = (
    sa.select(*Feed.__table__.columns)
    .where(Feed.retired_at.is_(None))
    .order_by(Feed.camera_id, Feed.id)
)

_DELIVERIES = (
    sa.select(
        Delivery.id,
        Delivery.camera_id,
        Delivery.center_id,
        Delivery.proof,
        Center.code.label("center"),
    )
    .join(Center, Center.id == Delivery.center_id)
    .where(Delivery.retired_at.is_(None))
)


_PLACES = {
    "areas": sa.select(Area.id, Area.path, Area.parent_id),
    "sites": sa.select(Site.id, Site.code, Site.network_kbit),
    "systems": sa.select(System.id, System.code),
    "recorders": sa.select(
        Recorder.id,
        Recorder.code,
        Recorder.host,
        Recorder.site_id,
        Recorder.session_budget,
        Recorder.retired_at,
    ),
    "programs": sa.select(Program.id, Program.code),
    "centers": sa.select(Center.id, Center.code, Center.kind, Center.area_id, Center.network_kbit),
    "vantages": sa.select(Vantage.id, Vantage.center_id),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    areas: list[_Row]
    sites: list[_Row]
    systems: list[_Row]
    recorders: list[_Row]
    programs: list[_Row]
    centers: list[_Row]
    vantages: list[_Row]
    credentials: list[_Row]
    assignments: list[_Row]
    cameras: list[_Row]
    feeds: list[_Row]
    deliveries: list[_Row]


async def _load_rows(session: AsyncSession, now: datetime) -> _Rows:
    in_force = (
        sa.select(*Assignment.__table__.columns, Contractor.code.label("contractor"))
        .join(Contract, Contract.id == Assignment.contract_id)
        .join(Contractor, Contractor.id == Contract.contractor_id)
        .where(Assignment.starts_at <= now)
        .where(sa.or_(Assignment.ends_at.is_(None), Assignment.ends_at > now))
    )
    return _Rows(
        **{name: await _all(session, query) for name, query in _PLACES.items()},
        credentials=await _all(session, sa.select(*Credential.__table__.columns)),
        assignments=await _all(session, in_force),
        cameras=await _all(session, _CAMERAS),
        feeds=await _all(session, _FEEDS),
        deliveries=await _all(session, _DELIVERIES),
    )


async def _all(session: AsyncSession, query: sa.Select[*tuple[Any, ...]]) -> list[_Row]:
    rows: list[_Row] = []
    async for part in (await session.stream(query)).partitions(ROWS_PER_SLICE):
        rows.extend(part)
    return rows


def _by_id(rows: Iterable[_Row]) -> dict[int, _Row]:
    return {row.id: row for row in rows}


@dataclass(frozen=True, slots=True)
class _Places:
    """What cameras and feeds refer to, by id."""

    areas: Mapping[int, _Row]
    sites: Mapping[int, _Row]
    systems: Mapping[int, _Row]
    recorders: Mapping[int, _Row]
    programs: Mapping[int, _Row]
    recorder_at: Mapping[str, _Row]
    centers: Mapping[int, _Row]
    stands_in: int | None  # the center inside whose network the prober stands


def _places(rows: _Rows, vantage_id: int) -> _Places:
    return _Places(
        areas=_by_id(rows.areas),
        sites=_by_id(rows.sites),
        systems=_by_id(rows.systems),
        recorders=_by_id(rows.recorders),
        programs=_by_id(rows.programs),
        recorder_at={
            row.host.lower(): row for row in rows.recorders if row.host and row.retired_at is None
        },
        centers=_by_id(rows.centers),
        stands_in=next((row.center_id for row in rows.vantages if row.id == vantage_id), None),
    )


def _logins(rows: Iterable[_Row], sealer: Sealer) -> dict[int, Login]:
    """Decrypted logins. One that does not open leaves its feeds without.

    If none opens, the key file is the wrong one, and that is an error.
    """
    logins: dict[int, Login] = {}
    closed = []
    for row in rows:
        try:
            logins[row.id] = sealer.unseal(row.sealed, hosts=row.hosts, allow_basic=row.allow_basic)
        except SealingError:
            closed.append(row.code)
    if closed and not logins:
        raise SealingError(f"none of the {len(closed)} sealed logins opens with this key file")
    for code in closed:
        log.warning("credential_not_opened", credential=code)
    return logins


class _Contractors:
    """Who answers for a camera as a whole: the nearest assignment in force wins."""

    def __init__(self, assignments: Iterable[_Row], places: _Places) -> None:
        self._places = places
        self._by_object: dict[str, dict[int, str]] = defaultdict(dict)
        for row in sorted(assignments, key=_weight):
            for kind in ("camera", "recorder", "system", "site", "area"):
                if (object_id := getattr(row, f"{kind}_id")) is not None:
                    self._by_object[kind][object_id] = row.contractor

    def of(self, camera: _Row) -> str:
        nearest_first = (
            ("camera", camera.id),
            ("recorder", camera.recorder_id),
            ("system", camera.system_id),
            ("site", camera.site_id),
            *(("area", area_id) for area_id in self._areas_up(camera.area_id)),
        )
        for kind, object_id in nearest_first:
            if code := self._by_object[kind].get(object_id):
                return code
        return ""

    def _areas_up(self, area_id: int | None) -> Iterator[int]:
        seen: set[int] = set()
        while area_id is not None and area_id not in seen:
            seen.add(area_id)
            yield area_id
            area_id = self._places.areas[area_id].parent_id


def _weight(assignment: _Row) -> tuple[bool, datetime, int]:
    """Of two on the same object the one that covers the lens, then the later, is the label."""
    covers_lens = not assignment.hops or Hop.CAMERA.value in assignment.hops
    return covers_lens, assignment.starts_at, assignment.id


def _target(
    feed: _Row, camera: _Row, places: _Places, logins: Mapping[int, Login]
) -> Target | None:
    key = FeedKey(camera.code, feed.name)
    try:
        host, port = feed_address(feed.url)
    except BadFeedUrl as error:
        log.warning("feed_not_probed", feed=str(key), why=str(error))
        return None
    recorder = _recorder(feed, camera, host, places)
    site = _site(feed, camera, recorder, places)
    center = _center(feed, places)
    return Target(
        key=key,
        feed_id=feed.id,
        url=feed.url,
        host=host,
        port=port,
        hop=feed.hop,
        kind=camera.kind,
        importance=camera.importance,
        lifecycle=camera.lifecycle,
        login=_login(feed, key, host, logins),
        transport=feed.transport,
        tls_policy=feed.tls_policy,
        recorder=recorder.code if recorder else None,
        session_budget=recorder.session_budget if recorder else SESSION_BUDGETS[feed.hop],
        site=site.code if site else None,
        site_kbit=site.network_kbit if site else None,
        center=center.code if center else None,
        center_kbit=center.network_kbit if center else None,
        snapshots=_snapshots(camera),
        expected_codec=feed.expected_codec,
        expected_width=feed.expected_width,
        expected_height=feed.expected_height,
        expected_fps=feed.expected_fps,
        keyframe_limit_s=feed.keyframe_limit_s,
        liveness_every_s=feed.liveness_every_s,
        picture_every_s=feed.picture_every_s,
    )


def _login(feed: _Row, key: FeedKey, host: str, logins: Mapping[int, Login]) -> Login | None:
    login = logins.get(feed.credential_id)
    if login is not None and not is_bound(host, login.hosts):
        log.warning("credential_bound_elsewhere", feed=str(key), host=host)
        return None
    return login


def _recorder(feed: _Row, camera: _Row, host: str, places: _Places) -> _Row | None:
    """The box that serves this feed, if it is one that serves others too."""
    own = places.recorders.get(camera.recorder_id)
    if own is not None and own.host.lower() == host:
        return own
    return places.recorder_at.get(host) or (own if feed.hop is Hop.RECORDER else None)


def _site(feed: _Row, camera: _Row, recorder: _Row | None, places: _Places) -> _Row | None:
    """The site whose line a look would load; a relay or a center is behind none."""
    if recorder is not None:
        return places.sites.get(recorder.site_id)
    return places.sites.get(camera.site_id) if feed.hop is Hop.CAMERA else None


def _center(feed: _Row, places: _Places) -> _Row | None:
    """The center whose line a look loads: outward where the center hands the picture on, inward
    where the prober stands in it.
    """
    handed_on = feed.hop in (Hop.RELAY, Hop.CENTER) and feed.delivers_to_id is not None
    center_id: int | None = feed.delivers_to_id if handed_on else places.stands_in
    return places.centers[center_id] if center_id is not None else None


def _snapshots(camera: _Row) -> bool:
    if camera.snapshots is None:
        return camera.kind not in KINDS_WITHOUT_SNAPSHOTS
    return bool(camera.snapshots)


def _facts(camera: _Row, places: _Places, contractor: str) -> CameraFacts:
    def code(rows: Mapping[int, _Row], row_id: int | None) -> str:
        return rows[row_id].code if row_id is not None else ""

    return CameraFacts(
        camera=camera.code,
        kind=camera.kind,
        importance=camera.importance,
        lifecycle=camera.lifecycle,
        area=places.areas[camera.area_id].path,
        site=code(places.sites, camera.site_id),
        system=code(places.systems, camera.system_id),
        recorder=code(places.recorders, camera.recorder_id),
        contractor=contractor,
        program=code(places.programs, camera.program_id),
    )


def _deliveries(
    deliveries: Iterable[_Row],
    feeds: Mapping[int, _Row],
    cameras: Mapping[int, _Row],
) -> Iterator[DeliveryTarget]:
    delivering: dict[tuple[int, int], _Row] = {}
    for feed in feeds.values():
        if feed.delivers_to_id is not None:
            delivering.setdefault((feed.camera_id, feed.delivers_to_id), feed)
    for delivery in deliveries:
        camera = cameras[delivery.camera_id]
        if camera.lifecycle is Lifecycle.RETIRED:
            continue
        last = delivering.get((delivery.camera_id, delivery.center_id))
        yield DeliveryTarget(
            delivery_id=delivery.id,
            camera=camera.code,
            center=delivery.center,
            proof=delivery.proof,
            path=_path(last, feeds, camera.code),
        )


def _path(feed: _Row | None, feeds: Mapping[int, _Row], camera: str) -> tuple[FeedKey, ...]:
    """From the center's end back to the lens; a circle ends where it would begin again."""
    path: dict[FeedKey, None] = {}
    while feed is not None and (key := FeedKey(camera, feed.name)) not in path:
        path[key] = None
        feed = feeds.get(feed.taken_from_id)
    return tuple(path)
