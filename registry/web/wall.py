"""The status wall: counts by state, and a bounded number of tiles, the broken ones first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.reading import Reading, read_cameras
from registry.api.selection import selected
from registry.api.standing import RANK, Moment, Select, standing
from registry.api.stats import count_standings, oldest_knowledge
from registry.models import Camera, Delivery, DeliveryStatus, Feed
from registry.security.access import Access
from registry.security.within import Condition
from registry.serving import SERVING
from registry.vocabulary import Importance
from registry.web.guard import within_reach
from registry.web.overview import Overview, OverviewQuery, choices, query_of
from registry.web.rendering import CALLER, render
from registry.web.tiles import Tile, tile_of
from registry.web.zones import ZONES

TILES: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall(Overview):
    path: str = "/"
    tiles: Sequence[Tile]

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // TILES))


async def show_wall(request: web.Request) -> web.StreamResponse:
    async with request.app[SERVING].database.read() as session:
        wall = await _wall(request, session)
        offered = await choices(request, session)
    return render(request, "wall.html", wall=wall, choices=offered)


async def show_tiles(request: web.Request) -> web.StreamResponse:
    """What changes of the wall, for the page to put in place of what it shows."""
    async with request.app[SERVING].database.read() as session:
        wall = await _wall(request, session)
    return render(request, "_wall.html", wall=wall)


async def _wall(request: web.Request, session: AsyncSession) -> Wall:
    serving, query = request.app[SERVING], query_of(request)
    moment, visible = Moment.of(serving), within_reach(request, Camera)
    any_state = query.model_copy(update={"state": []})
    ids = (await session.scalars(_worst_first(query, moment, visible))).all()
    cameras = await read_cameras(
        session,
        ids,
        Reading(
            moment,
            serving.live,
            centers=query.center,
            silence=serving.silence,
            pictures=request[CALLER].allowed(Access.READ),
            reach=request[CALLER].reach,
        ),
    )
    await request.app[ZONES].load(camera.time_zone for camera in cameras)
    return Wall(
        query=query,
        moment=moment,
        counts=await count_standings(session, any_state, moment, visible),
        tiles=[tile_of(camera, query.center) for camera in cameras],
        oldest=await oldest_knowledge(session, moment, within_reach(request, Feed)),
    )


def _worst_first(query: OverviewQuery, moment: Moment, visible: Condition) -> Select:
    """The worst first, of these the important ones, of those what broke last."""
    word = standing(moment, query.center)
    newest = (
        sa.select(sa.func.max(DeliveryStatus.since))
        .join(Delivery, Delivery.id == DeliveryStatus.delivery_id)
        .where(
            Delivery.camera_id == Camera.id,
            Delivery.retired_at.is_(None),
            DeliveryStatus.vantage_id == moment.vantage_id,
        )
        .correlate(Camera)
        .scalar_subquery()
    )
    return (
        selected(sa.select(Camera.id), query, moment, visible)
        .order_by(
            sa.case({each.value: rank for each, rank in RANK.items()}, value=word),
            sa.case((Camera.importance == Importance.HIGH, 0), else_=1),
            newest.desc().nulls_last(),
            Camera.code,
        )
        .limit(TILES)
        .offset((query.page - 1) * TILES)
    )
