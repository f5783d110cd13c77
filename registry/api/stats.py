"""/api/v1/stats: how many, by what. Deliveries and cameras are counted apart, never mixed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.routing import Call, Nothing, Route
from registry.api.selection import CameraFilter, selected
from registry.api.standing import (
    Moment,
    Select,
    Standing,
    failing_at_known,
    is_measured,
    of_delivery,
    of_feed,
    reason_known,
    standing,
    state_known,
)
from registry.models import Area, Camera, Center, Delivery, DeliveryStatus, Feed, FeedStatus
from registry.vocabulary import Role


class By(StrEnum):
    KIND = "kind"
    CENTER = "center"
    AREA = "area"
    STATE = "state"
    REASON = "reason"
    FAILING_AT = "failing_at"
    LIFECYCLE = "lifecycle"
    IMPORTANCE = "importance"


class StatsQuery(CameraFilter):
    by: list[By] = Field([By.STATE], min_length=1, max_length=len(By))


class Count(BaseModel):
    keys: dict[By, str | None]
    deliveries: int
    cameras: int = Field(description="cameras in this row; one with two deliveries may be in two")


class Stats(BaseModel):
    at: datetime
    by: list[By]
    deliveries: int
    cameras: int
    items: list[Count]


async def get_stats(call: Call[Nothing, StatsQuery, Nothing]) -> Stats:
    query, moment = call.query, Moment.of(call.serving)
    by = list(dict.fromkeys(query.by))
    async with call.serving.database.read() as session:
        rows = (await session.execute(_grouped(query, moment, by))).all()
        deliveries, cameras = (await session.execute(_counted(query, moment))).one()
    items = [
        Count(keys=dict(zip(by, row, strict=False)), deliveries=row[-2], cameras=row[-1])
        for row in rows
    ]
    return Stats(at=moment.now, by=by, deliveries=deliveries, cameras=cameras, items=items)


def _column(by: By, moment: Moment) -> ColumnElement[Any]:
    match by:
        case By.STATE:
            return _state(moment)
        case By.REASON:
            found = reason_known(DeliveryStatus, moment)
            return sa.case((_is_due(), found), else_=sa.null())
        case By.FAILING_AT:
            return failing_at_known(moment)
        case By.CENTER:
            return Center.code.expression
        case By.AREA:
            return Area.path.expression
        case By.KIND:
            return sa.type_coerce(Camera.kind, sa.String)
        case By.LIFECYCLE:
            return sa.type_coerce(Camera.lifecycle, sa.String)
        case By.IMPORTANCE:
            return sa.type_coerce(Camera.importance, sa.String)


def _is_due() -> ColumnElement[bool]:
    return sa.and_(is_measured(), Delivery.id.is_not(None))


def _state(moment: Moment) -> ColumnElement[str]:
    return sa.case(
        (sa.not_(is_measured()), Standing.NOT_MEASURED.value),
        (Delivery.id.is_(None), Standing.NO_CENTER.value),
        else_=state_known(DeliveryStatus, moment),
    )


def _counted(query: StatsQuery, moment: Moment, *by: ColumnElement[Any]) -> Select:
    deliveries = sa.func.count(Delivery.id.distinct())
    cameras = sa.func.count(Camera.id.distinct())
    statement: Select = sa.select(*by, deliveries, cameras).select_from(Camera)
    statement = (
        selected(statement, query, moment)
        .outerjoin(Delivery, Delivery.camera_id == Camera.id)
        .outerjoin(DeliveryStatus, of_delivery(moment))
        .outerjoin(Center, Center.id == Delivery.center_id)
    )
    return statement.where(Center.code.in_(query.center)) if query.center else statement


def _grouped(query: StatsQuery, moment: Moment, by: list[By]) -> Select:
    columns = [_column(each, moment).label(each.value) for each in by]
    return _counted(query, moment, *columns).group_by(*columns).order_by(*columns)


async def count_standings(
    session: AsyncSession, wanted: CameraFilter, moment: Moment
) -> dict[Standing, int]:
    """Cameras by their standing under these filters: the strip on top of the wall."""
    word = standing(moment, wanted.center).label("word")
    each = selected(sa.select(word), wanted, moment).subquery()
    rows = await session.execute(sa.select(each.c.word, sa.func.count()).group_by(each.c.word))
    counts = {Standing(found): number for found, number in rows}
    return {each: counts.get(each, 0) for each in Standing}


async def oldest_knowledge(session: AsyncSession, moment: Moment) -> datetime | None:
    """Of all that still counts as known, the look that lies furthest back."""
    valid = FeedStatus.valid_until >= moment.now
    oldest = sa.select(sa.func.min(FeedStatus.last_look_at)).select_from(Feed)
    found: datetime | None = await session.scalar(
        oldest.join(FeedStatus, of_feed(moment)).where(valid)
    )
    return found


ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/stats",
        name="getStats",
        tag="overview",
        summary="Counts of deliveries and of cameras by closed words, center and area",
        role=Role.VIEWER,
        handler=get_stats,
        query_model=StatsQuery,
        answers=Stats,
    ),
)
