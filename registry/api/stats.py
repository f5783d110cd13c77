"""/api/v1/stats: how many, by what. Deliveries and cameras are counted apart, never mixed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from registry.models import (
    Area,
    Camera,
    Center,
    Delivery,
    DeliveryStatus,
    Feed,
    FeedStatus,
    Program,
    Site,
)
from registry.security.access import Access
from registry.security.within import Condition
from registry.vocabulary import DeliveryState, Lifecycle

_UNKNOWN: Final = DeliveryState.UNKNOWN.value


class By(StrEnum):
    KIND = "kind"
    CENTER = "center"
    CENTER_KIND = "center_kind"
    SECTOR = "sector"
    PROGRAM = "program"
    AREA = "area"
    STATE = "state"
    REASON = "reason"
    FAILING_AT = "failing_at"
    LIFECYCLE = "lifecycle"
    IMPORTANCE = "importance"


class StatsQuery(CameraFilter):
    by: list[By] = Field([By.STATE], min_length=1, max_length=len(By))


class Counts(BaseModel):
    """Each thing counted once, in its own unit: a camera is no site, and a site is no system."""

    deliveries: int
    cameras: int = Field(description="one with two deliveries may be in two rows")
    sites: int
    systems: int
    recorders: int
    unknown: int = Field(description="deliveries of which nothing is known now")
    excluded: int = Field(description="deliveries of suspended cameras: out of availability")


class Count(Counts):
    keys: dict[By, str | None]


class Stats(Counts):
    at: datetime
    by: list[By]
    items: list[Count] = Field(
        description="deliveries, unknown and excluded add up to those of the whole"
    )


async def get_stats(call: Call[Nothing, StatsQuery, Nothing]) -> Stats:
    query, moment, visible = call.query, Moment.of(call.serving), call.within(Camera)
    by = list(dict.fromkeys(query.by))
    async with call.serving.database.read() as session:
        rows = (await session.execute(_grouped(query, moment, visible, by))).all()
        whole = (await session.execute(_counted(query, moment, visible))).one()
    items = [
        Count(keys=dict(zip(by, row, strict=False)), **_numbers(row[len(by) :])) for row in rows
    ]
    return Stats(at=moment.now, by=by, items=items, **_numbers(whole))


def _numbers(row: Sequence[int]) -> dict[str, int]:
    return dict(zip(Counts.model_fields, row, strict=True))


def _columns(moment: Moment) -> Mapping[By, ColumnElement[Any]]:
    """Each a function of the camera or of the delivery: that is why the counts add up."""
    reason = sa.case((_is_due(), reason_known(DeliveryStatus, moment)), else_=sa.null())
    return {
        By.KIND: sa.type_coerce(Camera.kind, sa.String),
        By.CENTER: Center.code.expression,
        By.CENTER_KIND: sa.type_coerce(Center.kind, sa.String),
        By.SECTOR: sa.type_coerce(Site.sector, sa.String),
        By.PROGRAM: Program.code.expression,
        By.AREA: Area.path.expression,
        By.STATE: _state(moment),
        By.REASON: reason,
        By.FAILING_AT: failing_at_known(moment),
        By.LIFECYCLE: sa.type_coerce(Camera.lifecycle, sa.String),
        By.IMPORTANCE: sa.type_coerce(Camera.importance, sa.String),
    }


def _is_due() -> ColumnElement[bool]:
    return sa.and_(is_measured(), Delivery.id.is_not(None))


def _state(moment: Moment) -> ColumnElement[str]:
    return sa.case(
        (sa.not_(is_measured()), Standing.NOT_MEASURED.value),
        (Delivery.id.is_(None), Standing.NO_CENTER.value),
        else_=state_known(DeliveryStatus, moment),
    )


def _counted(
    query: StatsQuery, moment: Moment, visible: Condition, *by: ColumnElement[Any]
) -> Select:
    statement: Select = sa.select(*by, *_counts(moment)).select_from(Camera)
    statement = (
        selected(statement, query, moment, visible)
        .outerjoin(Site, Site.id == Camera.site_id)
        .outerjoin(Program, Program.id == Camera.program_id)
        .outerjoin(
            Delivery, sa.and_(Delivery.camera_id == Camera.id, Delivery.retired_at.is_(None))
        )
        .outerjoin(DeliveryStatus, of_delivery(moment))
        .outerjoin(Center, Center.id == Delivery.center_id)
    )
    return statement.where(Center.code.in_(query.center)) if query.center else statement


def _counts(moment: Moment) -> Iterator[ColumnElement[int]]:
    """In the order of `Counts`."""
    suspended = Camera.lifecycle == Lifecycle.SUSPENDED
    unknown = sa.and_(is_measured(), state_known(DeliveryStatus, moment) == _UNKNOWN)
    yield from (
        sa.func.count(column.distinct())
        for column in (
            Delivery.id,
            Camera.id,
            Camera.site_id,
            Camera.system_id,
            Camera.recorder_id,
            sa.case((unknown, Delivery.id)),
            sa.case((suspended, Delivery.id)),
        )
    )


def _grouped(query: StatsQuery, moment: Moment, visible: Condition, by: list[By]) -> Select:
    known = _columns(moment)
    columns = [known[each].label(each.value) for each in by]
    return _counted(query, moment, visible, *columns).group_by(*columns).order_by(*columns)


async def count_standings(
    session: AsyncSession, wanted: CameraFilter, moment: Moment, visible: Condition
) -> dict[Standing, int]:
    """Cameras by their standing under these filters: the strip on top of the wall."""
    word = standing(moment, wanted.center).label("word")
    each = selected(sa.select(word), wanted, moment, visible).subquery()
    rows = await session.execute(sa.select(each.c.word, sa.func.count()).group_by(each.c.word))
    counts = {Standing(found): number for found, number in rows}
    return {each: counts.get(each, 0) for each in Standing}


async def oldest_knowledge(
    session: AsyncSession, moment: Moment, visible: Condition
) -> datetime | None:
    """Of all feeds seen that still count as known, the look that lies furthest back."""
    valid = FeedStatus.valid_until >= moment.now
    oldest = sa.select(sa.func.min(FeedStatus.last_look_at)).select_from(Feed)
    found: datetime | None = await session.scalar(
        oldest.join(FeedStatus, of_feed(moment)).where(valid, visible)
    )
    return found


ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/stats",
        name="getStats",
        tag="overview",
        summary="Counts of deliveries and of cameras by closed words, center and area",
        access=Access.READ,
        handler=get_stats,
        query_model=StatsQuery,
        answers=Stats,
    ),
)
