"""/api/v1/at and /cameras/{code}/at: which cameras could have seen it, and were they working then.

What was not measured is said so, with what was known before and after. It shows no pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.cameras import CameraPath, camera_id
from registry.api.deliveries import DeliveryPath
from registry.api.paging import Page, Paged, code_after, cursor_at
from registry.api.past import Past, deliveries_at, feeds_at
from registry.api.problems import Problem
from registry.api.routing import Call, Nothing, Route, Strict
from registry.api.selection import EstateFilter, chosen
from registry.api.standing import Moment, Row, Select
from registry.api.timeline import NOT_MEASURED
from registry.api.times import Asked, AskedTime, ZoneFrom, asked_time
from registry.models import Area, Camera, Site
from registry.security.access import Access
from registry.security.within import within
from registry.vocabulary import CameraKind, Lifecycle

PAGE_LIMIT: Final = 200


class Then(BaseModel):
    """Which moment was meant, and how that was known."""

    time: datetime
    local_time: datetime | None = Field(description="on the clock of the place")
    time_zone: str | None
    zone_from: ZoneFrom = Field(description="the offset that was given, or the area's clock")

    @classmethod
    def of(cls, asked: Asked) -> Then:
        return cls(
            time=asked.at, local_time=asked.local, time_zone=asked.zone, zone_from=asked.zone_from
        )


class CameraThen(BaseModel):
    """`working` is null where nothing was measured: nobody knows."""

    camera: str
    name: str
    kind: CameraKind
    lifecycle: Lifecycle = Field(description="as it is now")
    area: str
    site: str | None
    address: str
    latitude: float | None
    longitude: float | None
    working: bool | None = Field(description="some feed of it was live or degraded")
    reached: bool | None = Field(description="some center had its picture")
    deliveries: list[Past]
    feeds: list[Past]


class CameraAt(CameraThen):
    then: Then


class DeliveryAt(Past):
    camera: str
    then: Then


class PlaceAt(Page[CameraThen]):
    then: Then


class TimeQuery(Strict):
    time: AskedTime


class PlaceQuery(EstateFilter, Paged):
    """Cameras as in /cameras, those gone out of use since then among them."""

    time: AskedTime
    limit: int = Field(100, ge=1, le=PAGE_LIMIT)


async def camera_at(call: Call[CameraPath, TimeQuery, Nothing]) -> CameraAt:
    async with call.serving.database.read() as session:
        id_ = await camera_id(session, call.path.code, call.within(Camera))
        zone = await session.scalar(_zone_of(Camera.id == id_))
        asked = await asked_time(call.query.time, zone, call.serving.clock.now())
        await camera_id(session, call.path.code, _then_within(call, asked))
        (found,) = await _cameras(session, [id_], asked.at, Moment.of(call.serving))
    return CameraAt(**dict(found), then=Then.of(asked))


async def delivery_at(call: Call[DeliveryPath, TimeQuery, Nothing]) -> DeliveryAt:
    path, moment = call.path, Moment.of(call.serving)
    async with call.serving.database.read() as session:
        id_ = await camera_id(session, path.code, call.within(Camera))
        zone = await session.scalar(_zone_of(Camera.id == id_))
        asked = await asked_time(call.query.time, zone, moment.now)
        await camera_id(session, path.code, _then_within(call, asked))
        found = (await deliveries_at(session, [id_], asked.at, moment)).get(id_, [])
    past = next((each for each in found if each.center == path.center), None)
    if past is None:
        raise Problem(404, f"there is no delivery of {path.code!r} to {path.center!r}")
    return DeliveryAt(**dict(past), camera=path.code, then=Then.of(asked))


async def place_at(call: Call[Nothing, PlaceQuery, Nothing]) -> PlaceAt:
    query, moment = call.query, Moment.of(call.serving)
    async with call.serving.database.read() as session:
        zone = await _common_zone(session, call)
        asked = await asked_time(query.time, zone, moment.now)
        statement = _chosen(query, moment, technical=call.caller.allowed(Access.OPERATE))
        rows = (await session.execute(statement.where(_then_within(call, asked)))).all()
        shown = rows[: query.limit]
        items = await _cameras(session, [row.id for row in shown], asked.at, moment)
    following = cursor_at("at", shown[-1].code) if len(rows) > len(shown) else None
    return PlaceAt(items=items, next=following, then=Then.of(asked))


def _then_within(call: Call[Any, Any, Any], asked: Asked) -> sa.ColumnElement[bool]:
    """In reach now, and then: a contractor sees nothing of before he answered for it."""
    return sa.and_(call.within(Camera), within(Camera, call.caller.reach, asked.at))


def _chosen(query: PlaceQuery, moment: Moment, *, technical: bool) -> Select:
    ever = [life for life in Lifecycle if life is not Lifecycle.PLANNED]
    wanted = query if query.lifecycle else query.model_copy(update={"lifecycle": ever})
    statement = (
        sa.select(Camera.id, Camera.code)
        .join(Area, Area.id == Camera.area_id)
        .where(*chosen(wanted, moment, technical=technical))
    )
    after = code_after("at", query.cursor)
    if after is not None:
        statement = statement.where(Camera.code > after)
    return statement.order_by(Camera.code).limit(query.limit + 1)


async def _common_zone(
    session: AsyncSession, call: Call[Nothing, PlaceQuery, Nothing]
) -> str | None:
    """The one zone of the places that were named; none where they have several or none is named."""
    query = call.query
    if query.area is not None:
        named = Area.path == query.area.strip("/")
        statement = sa.select(Area.time_zone).where(named, call.within(Area))
    elif query.site:
        sites = sa.select(Site.area_id).where(Site.code.in_(query.site), call.within(Site))
        statement = sa.select(Area.time_zone).distinct().where(Area.id.in_(sites))
    else:
        return None
    zones = (await session.scalars(statement)).all()
    return zones[0] if len(zones) == 1 else None


def _zone_of(camera: sa.ColumnElement[bool]) -> sa.Select[str]:
    return sa.select(Area.time_zone).join(Camera, Camera.area_id == Area.id).where(camera)


async def _cameras(
    session: AsyncSession, ids: Sequence[int], at: datetime, moment: Moment
) -> list[CameraThen]:
    rows = {row.id: row for row in await session.execute(_facts(ids))}
    deliveries = await deliveries_at(session, ids, at, moment)
    feeds = await feeds_at(session, ids, at, moment)
    return [_then(rows[id_], deliveries, feeds) for id_ in ids]


def _facts(ids: Sequence[int]) -> Select:
    return (
        sa.select(
            Camera.id,
            Camera.code.label("camera"),
            Camera.name,
            Camera.kind,
            Camera.lifecycle,
            Area.path.label("area"),
            Site.code.label("site"),
            sa.func.coalesce(Site.address, "").label("address"),
            Site.latitude,
            Site.longitude,
        )
        .join(Area, Area.id == Camera.area_id)
        .outerjoin(Site, Site.id == Camera.site_id)
        .where(Camera.id.in_(ids))
    )


def _then(
    row: Row, deliveries: Mapping[int, list[Past]], feeds: Mapping[int, list[Past]]
) -> CameraThen:
    facts: dict[str, Any] = row._asdict()
    id_ = facts.pop("id")
    to_centers, of_feeds = deliveries.get(id_, []), feeds.get(id_, [])
    return CameraThen(
        **facts,
        working=_any_usable(of_feeds),
        reached=_any_usable(to_centers),
        deliveries=to_centers,
        feeds=of_feeds,
    )


def _any_usable(pasts: Sequence[Past]) -> bool | None:
    """Yes if any was; no only if all were measured and none was."""
    if any(past.is_usable for past in pasts):
        return True
    known = [past.state != NOT_MEASURED for past in pasts]
    return False if known and all(known) else None


ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/cameras/{code}/at",
        name="getCameraAt",
        tag="history",
        summary="What was known of one camera at a moment",
        access=Access.OWN,
        handler=camera_at,
        path_model=CameraPath,
        query_model=TimeQuery,
        answers=CameraAt,
        problems=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/cameras/{code}/deliveries/{center}/at",
        name="getDeliveryAt",
        tag="history",
        summary="Whether one center had the picture of one camera at a moment",
        access=Access.OWN,
        handler=delivery_at,
        path_model=DeliveryPath,
        query_model=TimeQuery,
        answers=DeliveryAt,
        problems=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/at",
        name="listCamerasAt",
        tag="history",
        summary="The cameras of a site or an area, and which of them worked at a moment",
        access=Access.OWN,
        handler=place_at,
        query_model=PlaceQuery,
        answers=PlaceAt,
    ),
)
