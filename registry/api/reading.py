"""Cameras with feeds, deliveries and what is known of them: four statements, however many cameras.

It never walks a relationship, and states come out of the database already judged by `standing`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.care import care_since
from registry.api.shapes import (
    CameraShape,
    ContactShape,
    DeliveryShape,
    FeedShape,
    PictureShape,
)
from registry.api.standing import (
    ANY_MOMENT,
    Moment,
    Row,
    Select,
    failing_at_known,
    of_delivery,
    of_feed,
    reason_known,
    since_known,
    standing,
    state_known,
)
from registry.device_contacts import DEFAULT_LIMITS, SilenceLimits
from registry.dialects import Ids, among
from registry.estate import KINDS_WITHOUT_SNAPSHOTS
from registry.live import LiveView
from registry.look import FeedKey
from registry.models import (
    Area,
    Camera,
    Center,
    Delivery,
    DeliveryStatus,
    DeviceContact,
    Feed,
    FeedStatus,
    Program,
    Recorder,
    Site,
    System,
)
from registry.next_steps import next_step
from registry.security.reach import EVERYTHING, Reach
from registry.security.redaction import redacted_text
from registry.vocabulary import WORDS, CameraKind, Reason

_CENTERS_KEPT: Final = 64  # selections of centers whose statement is kept


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads: the moment, the live view, and what he may be shown of it."""

    moment: Moment
    live: LiveView
    technical: bool = False
    centers: Sequence[str] = ()
    language: str = "en"
    detailed: bool = False  # one camera, told with what to do about it
    silence: SilenceLimits = DEFAULT_LIMITS
    pictures: bool = True
    reach: Reach = EVERYTHING


async def read_cameras(
    session: AsyncSession, ids: Sequence[int], reading: Reading
) -> list[CameraShape]:
    """In the order of `ids`."""
    if not ids:
        return []
    asked = {"ids": list(ids), **reading.moment.values}
    of_centers = _cameras(tuple(reading.centers))
    cameras = {row.id: row for row in await session.execute(of_centers, asked)}
    feeds = _by_camera(await session.execute(_FEEDS, asked))
    deliveries = _by_camera(await session.execute(_DELIVERIES, asked))
    contacts = await _contacts(session, asked, reading)
    answered_since = await care_since(session, ids, reading.reach, reading.moment.now)
    found = {
        id_: _camera(row, feeds[id_], deliveries[id_], contacts.get(id_), reading)
        for id_, row in cameras.items()
    }
    for id_, since in answered_since.items():
        _forget_before(since, found[id_])
    return [found[id_] for id_ in ids if id_ in found]


def pictures_allowed(kind: CameraKind, snapshots: bool | None) -> bool:
    """What an admin decided for the camera, or else what its kind says."""
    return kind not in KINDS_WITHOUT_SNAPSHOTS if snapshots is None else snapshots


_IDS: Final = sa.bindparam("ids", type_=Ids())


@lru_cache(_CENTERS_KEPT)
def _cameras(centers: tuple[str, ...]) -> Select:
    return (
        sa.select(
            Camera.id,
            Camera.code,
            Camera.name,
            Camera.kind,
            Camera.importance,
            Camera.lifecycle,
            Camera.lifecycle_note,
            Camera.snapshots,
            Camera.azimuth_degrees,
            Camera.view_degrees,
            Camera.range_m,
            Area.path.label("area"),
            Area.name.label("area_name"),
            Area.time_zone,
            Site.code.label("site"),
            sa.func.coalesce(Site.address, "").label("address"),
            System.code.label("system"),
            Recorder.code.label("recorder"),
            Program.code.label("program"),
            standing(ANY_MOMENT, centers).label("standing"),
        )
        .join(Area, Area.id == Camera.area_id)
        .outerjoin(Site, Site.id == Camera.site_id)
        .outerjoin(System, System.id == Camera.system_id)
        .outerjoin(Recorder, Recorder.id == Camera.recorder_id)
        .outerjoin(Program, Program.id == Camera.program_id)
        .where(among(Camera.id, _IDS))
    )


_FEEDS: Final[Select] = (
    sa.select(
        Feed.id,
        Feed.camera_id,
        Feed.name,
        Feed.hop,
        Feed.url,
        Feed.taken_from_id,
        Feed.delivers_to_id,
        Center.code.label("delivers_to"),
        state_known(FeedStatus, ANY_MOMENT).label("state"),
        reason_known(FeedStatus, ANY_MOMENT).label("reason"),
        since_known(FeedStatus, ANY_MOMENT).label("since"),
        FeedStatus.detail,
        FeedStatus.valid_until,
        FeedStatus.last_look_at,
        FeedStatus.last_frame_at,
        FeedStatus.last_fresh_picture_at,
    )
    .outerjoin(FeedStatus, of_feed(ANY_MOMENT))
    .outerjoin(Center, Center.id == Feed.delivers_to_id)
    .where(among(Feed.camera_id, _IDS), Feed.retired_at.is_(None))
    .order_by(Feed.id)
)
_DELIVERIES: Final[Select] = (
    sa.select(
        Delivery.camera_id,
        Delivery.center_id,
        Delivery.proof,
        Center.code,
        Center.name,
        Center.kind,
        state_known(DeliveryStatus, ANY_MOMENT).label("state"),
        reason_known(DeliveryStatus, ANY_MOMENT).label("reason"),
        failing_at_known(ANY_MOMENT).label("failing_at"),
        since_known(DeliveryStatus, ANY_MOMENT).label("since"),
        DeliveryStatus.valid_until,
    )
    .join(Center, Center.id == Delivery.center_id)
    .outerjoin(DeliveryStatus, of_delivery(ANY_MOMENT))
    .where(among(Delivery.camera_id, _IDS), Delivery.retired_at.is_(None))
    .order_by(Center.code)
)
_CONTACTS: Final = sa.select(DeviceContact).where(among(DeviceContact.camera_id, _IDS))


async def _contacts(
    session: AsyncSession, asked: Mapping[str, Any], reading: Reading
) -> dict[int, ContactShape]:
    now, limits = reading.moment.now, reading.silence
    return {
        contact.camera_id: ContactShape.of(contact, now, limits)
        for contact in await session.scalars(_CONTACTS, asked)
    }


def _by_camera(rows: Iterable[Row]) -> defaultdict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.camera_id].append(row)
    return found


def _camera(
    row: Row,
    feeds: Sequence[Row],
    deliveries: Sequence[Row],
    contact: ContactShape | None,
    reading: Reading,
) -> CameraShape:
    facts = row._asdict()
    return CameraShape(
        **{name: facts[name] for name in CameraShape.model_fields if name in facts},
        state=facts["standing"],
        feeds=[_feed(feed, feeds, reading) for feed in feeds],
        deliveries=[_delivery(delivery, feeds, reading) for delivery in deliveries],
        picture=_picture(row, feeds, reading),
        contact=contact,
    )


def _feed(row: Row, siblings: Sequence[Row], reading: Reading) -> FeedShape:
    names = {feed.id: feed.name for feed in siblings}
    technical = reading.technical
    is_expired = row.valid_until is None or row.valid_until < reading.moment.now
    return FeedShape(
        id=row.name,
        hop=row.hop,
        taken_from=names.get(row.taken_from_id),
        delivers_to=row.delivers_to,
        state=row.state,
        **_explained(row.reason, reading),
        since=row.since,
        known_at=row.last_look_at,
        valid_until=row.valid_until,
        knowledge_age_s=_age(row.last_look_at, reading.moment.now),
        last_frame_at=row.last_frame_at,
        last_fresh_picture_at=row.last_fresh_picture_at,
        # Stored without secrets; taken out once more, for what an older version may have stored.
        detail=redacted_text(row.detail) if row.detail and technical and not is_expired else None,
        url=redacted_text(row.url) if technical else None,
    )


def _delivery(row: Row, feeds: Sequence[Row], reading: Reading) -> DeliveryShape:
    path = path_to(row.center_id, feeds)
    # A delivery is known no better than the feed of its path that was looked at longest ago.
    looks = [feed.last_look_at for feed in path]
    known_at = min(looks) if looks and None not in looks else None
    return DeliveryShape(
        center=row.code,
        center_name=row.name,
        center_kind=row.kind,
        proof=row.proof,
        state=row.state,
        failing_at=row.failing_at,
        **_explained(row.reason, reading),
        since=row.since,
        known_at=known_at,
        valid_until=row.valid_until,
        knowledge_age_s=_age(known_at, reading.moment.now),
        path=[feed.name for feed in reversed(path)],
    )


def _forget_before(since: datetime, camera: CameraShape) -> None:
    """What a contractor is told begins when he began to answer for it."""
    for each in (*camera.feeds, *camera.deliveries):
        each.since = max(since, each.since) if each.since else None
    for feed in camera.feeds:
        frame, picture = feed.last_frame_at, feed.last_fresh_picture_at
        feed.last_frame_at = frame if frame and frame >= since else None
        feed.last_fresh_picture_at = picture if picture and picture >= since else None


def _explained(reason: str | None, reading: Reading) -> dict[str, Any]:
    if reason is None:
        return {"reason": None}
    word = Reason(reason)
    label = WORDS[word].label.said_in(reading.language)
    step = next_step(word, reading.language) if reading.detailed else None
    return {"reason": word, "reason_label": label, "next_step": step}


def path_to(center_id: int, feeds: Sequence[Row]) -> list[Row]:
    """The `taken_from` chain from the center's end back to the lens; no feed comes twice."""
    by_id = {feed.id: feed for feed in feeds}
    step = next((feed for feed in feeds if feed.delivers_to_id == center_id), None)
    path: dict[int, Row] = {}
    while step is not None and step.id not in path:
        path[step.id] = step
        step = by_id.get(step.taken_from_id)
    return list(path.values())


def _picture(row: Row, feeds: Sequence[Row], reading: Reading) -> PictureShape:
    """Of the feeds that hold a picture, the freshest one."""
    if not (reading.pictures and pictures_allowed(row.kind, row.snapshots)):
        return PictureShape(allowed=False, feed=None, taken_at=None)
    held = [(reading.live.frame(FeedKey(row.code, feed.name)), feed.name) for feed in feeds]
    frames = [(frame.taken_at, name) for frame, name in held if frame is not None]
    taken_at, name = max(frames, default=(None, None))
    return PictureShape(allowed=True, feed=name, taken_at=taken_at)


def _age(known_at: datetime | None, now: datetime) -> float | None:
    return None if known_at is None else max(0.0, (now - known_at).total_seconds())
