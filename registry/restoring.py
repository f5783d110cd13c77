"""What an earlier run left behind: its knowledge, and where its measuring ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.database import Database
from registry.history import Interval, execute_many, insert_rows, owner_column, table_of
from registry.models import (
    DeliveryInterval,
    DeliveryStatus,
    Event,
    FeedInterval,
    FeedStatus,
    Heartbeat,
)
from registry.observed import DeliveryObservation, FeedObservation
from registry.vocabulary import DeliveryState, FeedState, Reason

STARTED = "started"
STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Restored:
    """What is left of an earlier run; empty when there was none."""

    feeds: Mapping[int, FeedObservation]
    deliveries: Mapping[int, DeliveryObservation]
    measured_until: datetime | None  # the last heartbeat; None on a first start
    crashed: bool


NOTHING = Restored(feeds={}, deliveries={}, measured_until=None, crashed=False)


async def restore(database: Database, vantage_id: int, now: datetime) -> Restored:
    """Read what the last run knew, and end its open intervals at its last heartbeat.

    Nobody looked from then on: history says `not_probed` until the next look, whatever the last
    state was, and no outage is made of it. What is dated after `now` was written by a clock that
    has been set back since: it is not believed.
    """
    async with database.write() as session:
        beat = await session.get(Heartbeat, vantage_id)
        restored = Restored(
            feeds=await _feeds(session, vantage_id, now),
            deliveries=await _deliveries(session, vantage_id),
            measured_until=beat.beat_at if beat else None,
            crashed=beat is not None and await _last_event(session, vantage_id) == STARTED,
        )
        if beat is not None:
            await _end_measurement(session, vantage_id, min(beat.beat_at, now))
    return restored


async def _feeds(
    session: AsyncSession, vantage_id: int, now: datetime
) -> dict[int, FeedObservation]:
    rows = await session.scalars(
        sa.select(FeedStatus).where(
            FeedStatus.vantage_id == vantage_id,
            FeedStatus.since <= now,
            sa.or_(FeedStatus.last_look_at.is_(None), FeedStatus.last_look_at <= now),
        )
    )
    return {
        row.feed_id: FeedObservation(
            feed_id=row.feed_id,
            state=row.state,
            reason=row.reason,
            detail=row.detail,
            since=row.since,
            valid_until=row.valid_until,
            last_look_at=row.last_look_at,
            last_frame_at=row.last_frame_at,
            last_fresh_picture_at=row.last_fresh_picture_at,
            memory=row.memory.copy,
        )
        for row in rows
    }


async def _deliveries(session: AsyncSession, vantage_id: int) -> dict[int, DeliveryObservation]:
    rows = await session.scalars(
        sa.select(DeliveryStatus).where(DeliveryStatus.vantage_id == vantage_id)
    )
    return {
        row.delivery_id: DeliveryObservation(
            delivery_id=row.delivery_id,
            state=row.state,
            failing_at=row.failing_at,
            reason=row.reason,
            since=row.since,
            valid_until=row.valid_until,
        )
        for row in rows
    }


async def _last_event(session: AsyncSession, vantage_id: int) -> str | None:
    return await session.scalar(
        sa.select(Event.what)
        .where(Event.vantage_id == vantage_id, Event.what.in_((STARTED, STOPPED)))
        .order_by(Event.id.desc())
        .limit(1)
    )


async def _end_measurement(session: AsyncSession, vantage_id: int, ended_at: datetime) -> None:
    await _open_gap(
        session, vantage_id, FeedInterval, table_of(FeedStatus), FeedState.UNKNOWN, ended_at
    )
    await _open_gap(
        session,
        vantage_id,
        DeliveryInterval,
        table_of(DeliveryStatus),
        DeliveryState.UNKNOWN,
        ended_at,
    )


async def _open_gap(
    session: AsyncSession,
    vantage_id: int,
    model: Interval,
    status: sa.Table,
    unknown: FeedState | DeliveryState,
    ended_at: datetime,
) -> None:
    """Cut what was open at the heartbeat, or where its knowledge expired, and say unknown."""
    table, owner = table_of(model), owner_column(model)
    joined = table.outerjoin(
        status,
        (status.c[owner] == table.c[owner]) & (status.c.vantage_id == table.c.vantage_id),
    )
    claims = (
        await session.execute(
            sa.select(table.c.id, table.c[owner], table.c.started_at, status.c.valid_until)
            .select_from(joined)
            .where(
                table.c.vantage_id == vantage_id,
                table.c.ended_at.is_(None),
                (table.c.state != unknown) | (table.c.reason != Reason.NOT_PROBED),
            )
        )
    ).all()
    ends = [max(row.started_at, min(ended_at, row.valid_until or ended_at)) for row in claims]
    cut = sa.update(table).where(table.c.id == sa.bindparam("row"))
    connection = await session.connection()
    await connection.run_sync(
        execute_many,
        cut.values(ended_at=sa.bindparam("at")),
        [{"row": row.id, "at": at} for row, at in zip(claims, ends, strict=True)],
    )
    gaps = [
        {
            owner: getattr(row, owner),
            "vantage_id": vantage_id,
            "state": unknown,
            "reason": Reason.NOT_PROBED,
            "started_at": at,
        }
        for row, at in zip(claims, ends, strict=True)
    ]
    await connection.run_sync(insert_rows, model, gaps)
