"""/api/v1/cameras/{code}/timeline: history as it was measured. Gaps are said, never filled in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.cameras import CameraPath, camera_id
from registry.api.care import care_since
from registry.api.problems import FieldError, Problem
from registry.api.routing import Call, Nothing, Route, Strict
from registry.api.standing import Moment, Row, Select, of_delivery, of_feed
from registry.models import (
    Camera,
    Center,
    Delivery,
    DeliveryInterval,
    DeliveryStatus,
    Feed,
    FeedInterval,
    FeedStatus,
)
from registry.security.access import Access
from registry.security.reach import Reach
from registry.vocabulary import FailingAt, Reason

LONGEST: Final = timedelta(days=31)
NOT_MEASURED: Final = "not_measured"
_INTERVAL_LIMIT: Final = 20_000  # rows of one answer: a camera that flaps every minute for weeks


class Segment(BaseModel):
    start: datetime
    end: datetime
    state: str = Field(description="a state of its feed or delivery, or `not_measured`")
    reason: Reason | None = None
    failing_at: FailingAt | None = None


class Track(BaseModel):
    """The whole period of one feed or one delivery, without holes."""

    feed: str | None = None
    center: str | None = None
    segments: list[Segment]


class Timeline(BaseModel):
    camera: str
    start: datetime
    end: datetime
    deliveries: list[Track]
    feeds: list[Track]


class TimelineQuery(Strict):
    """The last 24 hours unless told otherwise; the future is not answered."""

    start: AwareDatetime | None = Field(None, alias="from")
    end: AwareDatetime | None = Field(None, alias="to")


async def get_timeline(call: Call[CameraPath, TimelineQuery, Nothing]) -> Timeline:
    moment = Moment.of(call.serving)
    start, end = _period(call.query, moment.now)
    async with call.serving.database.read() as session:
        id_ = await camera_id(session, call.path.code, call.within(Camera))
        start = await seen_from(session, call.caller.reach, id_, moment, start, end)
        return await read_timeline(session, id_, call.path.code, moment, start, end)


async def seen_from(
    session: AsyncSession, reach: Reach, id_: int, moment: Moment, start: datetime, end: datetime
) -> datetime:
    """A contractor sees no history of before he answered for the camera."""
    began = await care_since(session, [id_], reach, moment.now)
    since = max(start, began.get(id_, start))
    if since >= end:
        raise _refused_period(f"all of it is before {since}, since when you answer for the camera")
    return since


async def read_timeline(
    session: AsyncSession, id_: int, code: str, moment: Moment, start: datetime, end: datetime
) -> Timeline:
    deliveries = await _rows(session, _deliveries(id_, moment, start, end))
    feeds = await _rows(session, _feeds(id_, moment, start, end))
    return Timeline(
        camera=code,
        start=start,
        end=end,
        deliveries=[Track(center=n, segments=s) for n, s in _tracks(deliveries, start, end)],
        feeds=[Track(feed=n, segments=s) for n, s in _tracks(feeds, start, end)],
    )


def _period(query: TimelineQuery, now: datetime) -> tuple[datetime, datetime]:
    end = min(query.end or now, now)
    start = query.start or end - timedelta(hours=24)
    if start >= end:
        raise _refused_period(f"from {start} is not before {end}, the end of what is known")
    if end - start > LONGEST:
        raise _refused_period(f"{end - start} is longer than {LONGEST.days} days")
    return start, end


def _refused_period(detail: str) -> Problem:
    return Problem(422, detail, errors=[FieldError(field="query.from", detail=detail)])


Interval: TypeAlias = type[DeliveryInterval] | type[FeedInterval]


def _within(
    interval: Interval, moment: Moment, start: datetime, end: datetime
) -> sa.ColumnElement[bool]:
    """Part of the join, not of the filter: who has no interval in the period still has a track."""
    still = sa.or_(interval.ended_at.is_(None), interval.ended_at > start)
    return sa.and_(interval.vantage_id == moment.vantage_id, interval.started_at < end, still)


def _deliveries(id_: int, moment: Moment, start: datetime, end: datetime) -> Select:
    interval = DeliveryInterval
    on_delivery = interval.delivery_id == Delivery.id
    return (
        sa.select(
            Center.code.label("name"),
            *_measured(interval),
            interval.failing_at,
            DeliveryStatus.valid_until,
        )
        .select_from(Delivery)
        .join(Center, Center.id == Delivery.center_id)
        .outerjoin(DeliveryStatus, of_delivery(moment))
        .outerjoin(interval, sa.and_(on_delivery, _within(interval, moment, start, end)))
        .where(Delivery.camera_id == id_)
        .order_by(Center.code, interval.started_at)
    )


def _feeds(id_: int, moment: Moment, start: datetime, end: datetime) -> Select:
    interval = FeedInterval
    on_feed = interval.feed_id == Feed.id
    return (
        sa.select(
            Feed.name.label("name"),
            *_measured(interval),
            sa.null().label("failing_at"),
            FeedStatus.valid_until,
        )
        .select_from(Feed)
        .outerjoin(FeedStatus, of_feed(moment))
        .outerjoin(interval, sa.and_(on_feed, _within(interval, moment, start, end)))
        .where(Feed.camera_id == id_)
        .order_by(Feed.id, interval.started_at)
    )


def _measured(interval: Interval) -> tuple[sa.ColumnElement[Any], ...]:
    return (
        interval.started_at.expression,
        interval.ended_at.expression,
        interval.state.expression,
        interval.reason.expression,
    )


async def _rows(session: AsyncSession, statement: Select) -> Sequence[Row]:
    rows: Sequence[Row] = (await session.execute(statement.limit(_INTERVAL_LIMIT + 1))).all()
    if len(rows) > _INTERVAL_LIMIT:
        raise _refused_period(f"over {_INTERVAL_LIMIT} changes in this period; ask for less of it")
    return rows


def _tracks(rows: Iterable[Row], start: datetime, end: datetime) -> list[tuple[str, list[Segment]]]:
    tracks: defaultdict[str, list[Segment]] = defaultdict(list)
    for row in rows:
        track = tracks[row.name]
        if row.started_at is not None:
            _extend(track, row, start, end)
    return [(name, _closed(track, start, end)) for name, track in tracks.items()]


def _extend(track: list[Segment], row: Row, start: datetime, end: datetime) -> None:
    """Add what this interval covers; a stretch before it that nobody covers comes first."""
    known_from = track[-1].end if track else start
    begins = max(row.started_at, known_from)
    ends = min(_known_until(row), end)
    if ends <= begins:
        return
    if begins > known_from:
        track.append(_gap(known_from, begins))
    track.append(
        Segment(
            start=begins, end=ends, state=row.state, reason=row.reason, failing_at=row.failing_at
        )
    )


def _known_until(row: Row) -> datetime:
    """An open interval holds as long as its knowledge; without a status that is no time at all."""
    until: datetime = row.ended_at or row.valid_until or row.started_at
    return until


def _closed(track: list[Segment], start: datetime, end: datetime) -> list[Segment]:
    known_to = track[-1].end if track else start
    return [*track, _gap(known_to, end)] if known_to < end else track


def _gap(start: datetime, end: datetime) -> Segment:
    return Segment(start=start, end=end, state=NOT_MEASURED)


ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/cameras/{code}/timeline",
        name="getTimeline",
        tag="cameras",
        summary="States of one camera over time, with the stretches that were not measured",
        access=Access.OWN,
        handler=get_timeline,
        path_model=CameraPath,
        query_model=TimelineQuery,
        answers=Timeline,
        problems=(404,),
    ),
)
