"""The status wall: counts by state, and a bounded number of tiles, the broken ones first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import sqlalchemy as sa
from aiohttp import web
from pydantic import Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.problems import refused
from registry.api.reading import Reading, read_cameras
from registry.api.selection import CameraFilter, selected
from registry.api.standing import RANK, Moment, Select, Standing, standing
from registry.api.stats import count_standings, oldest_knowledge
from registry.models import Area, Camera, Center, Delivery, DeliveryStatus, Feed
from registry.security.access import Access
from registry.security.within import Condition
from registry.serving import SERVING
from registry.vocabulary import CameraKind, Importance, Reason
from registry.web.guard import within_reach
from registry.web.rendering import CALLER, render
from registry.web.tiles import Tile, tile_of
from registry.web.zones import ZONES

TILES: Final = 60
# The numbers on top are a claim as well: unrefreshed for this long they are no longer shown.
COUNTS_HOLD: Final = timedelta(seconds=60)


class WallQuery(CameraFilter):
    page: int = Field(1, ge=1, le=10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    query: WallQuery
    moment: Moment
    counts: Mapping[Standing, int]
    tiles: Sequence[Tile]
    oldest: datetime | None

    @property
    def counts_valid_until(self) -> datetime:
        return self.moment.now + COUNTS_HOLD

    @property
    def total(self) -> int:
        wanted = self.query.state or list(Standing)
        return sum(self.counts[each] for each in wanted)

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // TILES))

    def link(self, **changes: object) -> str:
        """This wall with some filters changed, from its first page unless told otherwise."""
        given = self.query.model_dump(mode="json", exclude_defaults=True) | {"page": None}
        values = {name: value for name, value in (given | changes).items() if value}
        return f"/?{urlencode(values, doseq=True)}" if values else "/"

    def toggled(self, state: Standing) -> str:
        kept = [each.value for each in self.query.state if each is not state]
        return self.link(state=kept if state in self.query.state else [*kept, state.value])


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer."""

    centers: Sequence[tuple[str, str]]
    areas: Sequence[tuple[str, str]]
    kinds: Sequence[CameraKind] = tuple(CameraKind)
    reasons: Sequence[Reason] = tuple(Reason)


async def show_wall(request: web.Request) -> web.StreamResponse:
    async with request.app[SERVING].database.read() as session:
        wall = await _wall(request, session)
        choices = await _choices(request, session)
    return render(request, "wall.html", wall=wall, choices=choices)


async def show_tiles(request: web.Request) -> web.StreamResponse:
    """What changes of the wall, for the page to put in place of what it shows."""
    async with request.app[SERVING].database.read() as session:
        wall = await _wall(request, session)
    return render(request, "_wall.html", wall=wall)


async def _wall(request: web.Request, session: AsyncSession) -> Wall:
    serving, query = request.app[SERVING], _query(request)
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


def _query(request: web.Request) -> WallQuery:
    """An empty field of the form means no filter."""
    given = {name: [v for v in request.query.getall(name) if v] for name in request.query}
    single = {"q", "area", "page"}
    values = {n: v[0] if n in single and len(v) == 1 else v for n, v in given.items() if v}
    try:
        return WallQuery.model_validate(values)
    except ValidationError as error:
        raise refused("query", error) from error


def _worst_first(query: WallQuery, moment: Moment, visible: Condition) -> Select:
    """The worst first, of these the important ones, of those what broke last."""
    word = standing(moment, query.center)
    newest = (
        sa.select(sa.func.max(DeliveryStatus.since))
        .join(Delivery, Delivery.id == DeliveryStatus.delivery_id)
        .where(Delivery.camera_id == Camera.id, DeliveryStatus.vantage_id == moment.vantage_id)
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


async def _choices(request: web.Request, session: AsyncSession) -> Choices:
    centers = sa.select(Center.code, Center.name).where(within_reach(request, Center))
    areas = sa.select(Area.path, Area.name).where(within_reach(request, Area))
    return Choices(
        centers=[
            (code, name) for code, name in await session.execute(centers.order_by(Center.name))
        ],
        areas=[(path, name) for path, name in await session.execute(areas.order_by(Area.path))],
    )
