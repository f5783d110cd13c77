"""Cameras with feeds, deliveries and what is known of them: three statements, however many cameras.

It never walks a relationship, and states come out of the database already judged by `standing`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.api.care import care_since
from registry.api.shapes import (
    CameraShape,
    ContactShape,
    PictureShape,
)
from registry.api.standing import (
    ANY_MOMENT,
    Moment,
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

Facts = dict[str, Any]

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
    statements = (_cameras(tuple(reading.centers)), _FEEDS, _DELIVERIES)
    rows, *of_cameras = await session.run_sync(_facts, statements, asked)
    feeds, deliveries = map(_by_camera, of_cameras)
    answered_since = await care_since(session, ids, reading.reach, reading.moment.now)
    found = {
        row["id"]: _camera(row, feeds[row["id"]], deliveries[row["id"]], reading) for row in rows
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
            _code_of(System, Camera.system_id).label("system"),
            _code_of(Recorder, Camera.recorder_id).label("recorder"),
            _code_of(Program, Camera.program_id).label("program"),
            standing(ANY_MOMENT, centers).label("state"),
            DeviceContact.state.label("contact_state"),
            DeviceContact.at.label("contact_at"),
            DeviceContact.received_at.label("contact_received_at"),
        )
        .join(Area, Area.id == Camera.area_id)
        .outerjoin(Site, Site.id == Camera.site_id)
        .outerjoin(DeviceContact, DeviceContact.camera_id == Camera.id)
        .where(among(Camera.id, _IDS))
    )


def _code_of(
    model: type[System | Recorder | Program], key: InstrumentedAttribute[int | None]
) -> ColumnElement[str]:
    """No join: PostgreSQL would take longer to weigh the orders of six than to read a page."""
    return sa.select(model.code).where(model.id == key).scalar_subquery()


_FEEDS: Final[Select] = (
    sa.select(
        Feed.id.label("key"),
        Feed.camera_id,
        Feed.name.label("id"),
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
        FeedStatus.last_look_at.label("known_at"),
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
        Center.code.label("center"),
        Center.name.label("center_name"),
        Center.kind.label("center_kind"),
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


def _facts(
    session: Session, statements: Sequence[Select], asked: Mapping[str, Any]
) -> list[list[Facts]]:
    """By the connection: a session would look for objects in what are plain columns."""
    connection = session.connection()
    results = [connection.execute(each, asked) for each in statements]
    return [[dict(zip(each.keys(), row, strict=True)) for row in each] for each in results]


def _by_camera(rows: Iterable[Facts]) -> defaultdict[int, list[Facts]]:
    found: defaultdict[int, list[Facts]] = defaultdict(list)
    for row in rows:
        found[row["camera_id"]].append(row)
    return found


def _camera(
    facts: Facts, feeds: Sequence[Facts], deliveries: Sequence[Facts], reading: Reading
) -> CameraShape:
    """Checked as a whole, by fields that the columns carry the names of."""
    names = {feed["key"]: feed["id"] for feed in feeds}
    return CameraShape.model_validate(
        facts
        | {
            "feeds": [_feed(feed, names, reading) for feed in feeds],
            "deliveries": [_delivery(each, feeds, reading) for each in deliveries],
            "picture": _picture(facts, feeds, reading),
            "contact": _contact(facts, reading),
        }
    )


def _feed(facts: Facts, names: Mapping[int, str], reading: Reading) -> Facts:
    technical, detail, valid_until = reading.technical, facts["detail"], facts["valid_until"]
    is_expired = valid_until is None or valid_until < reading.moment.now
    return (
        facts
        | _explained(facts["reason"], reading.language, detailed=reading.detailed)
        | {
            "taken_from": names.get(facts["taken_from_id"]),
            "knowledge_age_s": _age(facts["known_at"], reading.moment.now),
            # Stored without secrets; taken out again, for what an older version may have stored.
            "detail": redacted_text(detail) if detail and technical and not is_expired else None,
            "url": redacted_text(facts["url"]) if technical else None,
        }
    )


def _delivery(facts: Facts, feeds: Sequence[Facts], reading: Reading) -> Facts:
    path = path_to(facts["center_id"], feeds)
    # A delivery is known no better than the feed of its path that was looked at longest ago.
    looks = [feed["known_at"] for feed in path]
    known_at = min(looks) if looks and None not in looks else None
    return (
        facts
        | _explained(facts["reason"], reading.language, detailed=reading.detailed)
        | {
            "known_at": known_at,
            "knowledge_age_s": _age(known_at, reading.moment.now),
            "path": [feed["id"] for feed in reversed(path)],
        }
    )


def _forget_before(since: datetime, camera: CameraShape) -> None:
    """What a contractor is told begins when he began to answer for it."""
    for each in (*camera.feeds, *camera.deliveries):
        each.since = max(since, each.since) if each.since else None
    for feed in camera.feeds:
        frame, picture = feed.last_frame_at, feed.last_fresh_picture_at
        feed.last_frame_at = frame if frame and frame >= since else None
        feed.last_fresh_picture_at = picture if picture and picture >= since else None


@cache
def _explained(reason: str | None, language: str, *, detailed: bool) -> Facts:
    if reason is None:
        return {}
    word = Reason(reason)
    step = next_step(word, language) if detailed else None
    return {"reason_label": WORDS[word].label.said_in(language), "next_step": step}


def path_to(center_id: int, feeds: Sequence[Facts]) -> list[Facts]:
    """The `taken_from` chain from the center's end back to the lens; no feed comes twice."""
    by_key = {feed["key"]: feed for feed in feeds}
    step = next((feed for feed in feeds if feed["delivers_to_id"] == center_id), None)
    path: dict[int, Facts] = {}
    while step is not None and step["key"] not in path:
        path[step["key"]] = step
        step = by_key.get(step["taken_from_id"])
    return list(path.values())


def _picture(facts: Facts, feeds: Sequence[Facts], reading: Reading) -> PictureShape:
    """Of the feeds that hold a picture, the freshest one."""
    if not (reading.pictures and pictures_allowed(facts["kind"], facts["snapshots"])):
        return PictureShape(allowed=False, feed=None, taken_at=None)
    names = [feed["id"] for feed in feeds]
    held = [(reading.live.frame(FeedKey(facts["code"], name)), name) for name in names]
    frames = [(frame.taken_at, name) for frame, name in held if frame is not None]
    taken_at, name = max(frames, default=(None, None))
    return PictureShape(allowed=True, feed=name, taken_at=taken_at)


def _contact(facts: Facts, reading: Reading) -> ContactShape | None:
    state, at, received_at = (facts[f"contact_{name}"] for name in ("state", "at", "received_at"))
    if state is None:
        return None
    silence = reading.silence.silence_after(reading.moment.now - at)
    return ContactShape.of(state, at, received_at, silence)


def _age(known_at: datetime | None, now: datetime) -> float | None:
    return None if known_at is None else max(0.0, (now - known_at).total_seconds())
