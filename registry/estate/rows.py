"""What of the registry a monitor follows, as rows of a few set-based queries. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

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

ROWS_PER_SLICE = 2_000

Row: TypeAlias = sa.Row[*tuple[Any, ...]]

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
class Rows:
    areas: list[Row]
    sites: list[Row]
    systems: list[Row]
    recorders: list[Row]
    programs: list[Row]
    centers: list[Row]
    vantages: list[Row]
    credentials: list[Row]
    assignments: list[Row]
    cameras: list[Row]
    feeds: list[Row]
    deliveries: list[Row]


async def load_rows(session: AsyncSession, now: datetime) -> Rows:
    in_force = (
        sa.select(*Assignment.__table__.columns, Contractor.code.label("contractor"))
        .join(Contract, Contract.id == Assignment.contract_id)
        .join(Contractor, Contractor.id == Contract.contractor_id)
        .where(Assignment.starts_at <= now)
        .where(sa.or_(Assignment.ends_at.is_(None), Assignment.ends_at > now))
    )
    return Rows(
        **{name: await _all(session, query) for name, query in _PLACES.items()},
        credentials=await _all(session, sa.select(*Credential.__table__.columns)),
        assignments=await _all(session, in_force),
        cameras=await _all(session, _CAMERAS),
        feeds=await _all(session, _FEEDS),
        deliveries=await _all(session, _DELIVERIES),
    )


async def _all(session: AsyncSession, query: sa.Select[*tuple[Any, ...]]) -> list[Row]:
    rows: list[Row] = []
    async for part in (await session.stream(query)).partitions(ROWS_PER_SLICE):
        rows.extend(part)
    return rows


def by_id(rows: Iterable[Row]) -> dict[int, Row]:
    return {row.id: row for row in rows}
