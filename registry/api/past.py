"""What was the state then: from the intervals of history. A gap between them is no state.

An open interval holds as long as its knowledge does, as in the timeline.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from registry.api.standing import Moment, Row, Select, of_delivery, of_feed
from registry.api.timeline import NOT_MEASURED
from registry.models import (
    Center,
    Delivery,
    DeliveryInterval,
    DeliveryStatus,
    Feed,
    FeedInterval,
    FeedStatus,
)
from registry.models.base import Utc
from registry.vocabulary import DeliveryState, FailingAt, FeedState, Reason

USABLE: Final = frozenset(
    {
        FeedState.LIVE.value,
        FeedState.DEGRADED.value,
        DeliveryState.REACHING.value,
        DeliveryState.DEGRADED.value,
    }
)
Interval: TypeAlias = type[DeliveryInterval] | type[FeedInterval]


class Stretch(BaseModel):
    """A time for which something was known."""

    start: datetime
    end: datetime = Field(description="now where it still holds")
    state: str
    reason: Reason | None
    failing_at: FailingAt | None = None


class Past(BaseModel):
    """One feed or one delivery at that moment."""

    feed: str | None = None
    center: str | None = None
    state: str = Field(description="a state of its feed or delivery, or `not_measured`")
    during: Stretch | None = Field(
        description="the stretch the moment lies in; where that is `unknown`, it says why"
    )
    before: Stretch | None = Field(description="if not measured: what was known last before")
    after: Stretch | None = Field(description="if not measured: what was known first after")

    @property
    def is_usable(self) -> bool:
        return self.state in USABLE


async def deliveries_at(
    session: AsyncSession, cameras: Sequence[int], at: datetime, moment: Moment
) -> dict[int, list[Past]]:
    """By camera, whatever was known of them."""
    statement = (
        _around(DeliveryInterval, Delivery, DeliveryInterval.delivery_id, at, moment)
        .add_columns(Center.code.label("name"), DeliveryStatus.valid_until)
        .join(Center, Center.id == Delivery.center_id)
        .outerjoin(DeliveryStatus, of_delivery(moment))
        .where(Delivery.camera_id.in_(cameras))
        .order_by(Center.code)
    )
    return _by_camera(await session.execute(statement), at, moment.now, "center")


async def feeds_at(
    session: AsyncSession, cameras: Sequence[int], at: datetime, moment: Moment
) -> dict[int, list[Past]]:
    statement = (
        _around(FeedInterval, Feed, FeedInterval.feed_id, at, moment)
        .add_columns(Feed.name.label("name"), FeedStatus.valid_until)
        .outerjoin(FeedStatus, of_feed(moment))
        .where(Feed.camera_id.in_(cameras))
        .order_by(Feed.id)
    )
    return _by_camera(await session.execute(statement), at, moment.now, "feed")


def _around(
    interval: Interval,
    owner: type[Delivery] | type[Feed],
    of_owner: InstrumentedAttribute[int],
    at: datetime,
    moment: Moment,
) -> Select:
    """The interval that began last before the moment, and the known ones around it."""
    began = sa.literal(at, Utc())
    known = interval.state != FeedState.UNKNOWN.value
    earlier = interval.started_at <= began, (interval.started_at.desc(), interval.id.desc())
    later = interval.started_at > began, (interval.started_at.asc(), interval.id.asc())
    statement: Select = sa.select(owner.camera_id).select_from(owner)
    for prefix, (side, order), also in (
        ("last", earlier, sa.true()),
        ("before", earlier, known),
        ("after", later, known),
    ):
        found = aliased(interval)
        nearest = (
            sa.select(interval.id)
            .where(of_owner == owner.id, interval.vantage_id == moment.vantage_id, side, also)
            .order_by(*order)
            .limit(1)
            .correlate(owner)
            .scalar_subquery()
        )
        statement = statement.outerjoin(found, found.id == nearest)
        statement = statement.add_columns(*_columns(found, prefix))
    return statement


def _columns(interval: Any, prefix: str) -> Iterator[ColumnElement[Any]]:
    places = hasattr(interval, "failing_at")
    yield interval.started_at.label(f"{prefix}_start")
    yield interval.ended_at.label(f"{prefix}_end")
    yield interval.state.label(f"{prefix}_state")
    yield interval.reason.label(f"{prefix}_reason")
    yield (interval.failing_at if places else sa.null()).label(f"{prefix}_place")


def _by_camera(
    rows: Iterable[Row], at: datetime, now: datetime, kind: str
) -> dict[int, list[Past]]:
    found: defaultdict[int, list[Past]] = defaultdict(list)
    for row in rows:
        found[row.camera_id].append(_past(row, at, now, **{kind: row.name}))
    return found


def _past(row: Row, at: datetime, now: datetime, **name: str) -> Past:
    last = _stretch(row, "last", now)
    during = last if last is not None and at < last.end else None
    if during is not None and during.state != FeedState.UNKNOWN.value:
        return Past(**name, state=during.state, during=during, before=None, after=None)
    return Past(
        **name,
        state=NOT_MEASURED,
        during=during,
        before=_stretch(row, "before", now),
        after=_stretch(row, "after", now),
    )


def _stretch(row: Row, prefix: str, now: datetime) -> Stretch | None:
    start, end, state, reason, place = (
        getattr(row, f"{prefix}_{part}") for part in ("start", "end", "state", "reason", "place")
    )
    if start is None:
        return None
    # An open one holds as long as its knowledge; without a status that is no time at all.
    known_until = end or min(row.valid_until or start, now)
    return Stretch(
        start=start, end=max(start, known_until), state=state, reason=reason, failing_at=place
    )
