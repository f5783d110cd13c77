"""The page of one camera: its paths, what the last looks saw, its last day, and whom to call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.calls import Desk, calls_for
from registry.api.cameras import camera_id
from registry.api.looks import LookShape
from registry.api.reading import Reading, read_cameras
from registry.api.shapes import CameraShape, FeedShape
from registry.api.standing import Moment
from registry.api.timeline import Timeline, read_timeline
from registry.look import NO_CHECK_YET, FeedKey
from registry.models import Camera, Device
from registry.security.access import Access
from registry.serving import SERVING
from registry.vocabulary import Role, Stage
from registry.web import strips
from registry.web.guard import within_reach
from registry.web.paths import steps
from registry.web.rendering import CALLER, render
from registry.web.tiles import Tile, tile_of
from registry.web.zones import ZONES

DAY: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Watched:
    """A feed with what the monitor still holds of it."""

    feed: FeedShape
    looks: Sequence[LookShape]
    cadence_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    camera: CameraShape
    tile: Tile
    watched: Sequence[Watched]
    timeline: Timeline
    calls: Sequence[Desk]
    devices: Sequence[Device]

    def center_name(self, code: str) -> str:
        return next(each.center_name for each in self.camera.deliveries if each.center == code)


async def show_camera(request: web.Request) -> web.StreamResponse:
    return render(request, "camera.html", **await _context(request))


async def show_camera_part(request: web.Request) -> web.StreamResponse:
    """What changes of the page, for it to put in place of what it shows."""
    return render(request, "_camera.html", **await _context(request))


async def _context(request: web.Request) -> dict[str, Any]:
    async with request.app[SERVING].database.read() as session:
        shown = await _shown(request, session, request.match_info["code"])
    return {
        "shown": shown,
        "steps": steps,
        "strips": strips,
        "no_check": NO_CHECK_YET,
        "stages": tuple(Stage),
        "may_look": request[CALLER].may(Role.OPERATOR),
    }


async def _shown(request: web.Request, session: AsyncSession, code: str) -> Shown:
    serving, technical = request.app[SERVING], request[CALLER].may(Role.OPERATOR)
    moment = Moment.of(serving)
    id_ = await camera_id(session, code, within_reach(request, Camera))
    (camera,) = await read_cameras(
        session,
        [id_],
        Reading(
            moment,
            serving.live,
            technical,
            silence=serving.silence,
            pictures=request[CALLER].allowed(Access.READ),
        ),
    )
    await request.app[ZONES].load([camera.time_zone])
    since = moment.now - DAY
    devices = sa.select(Device).where(Device.camera_id == id_).order_by(Device.installed_from)
    return Shown(
        camera=camera,
        tile=tile_of(camera),
        watched=[_watched(request, camera.code, feed, technical) for feed in camera.feeds],
        timeline=await read_timeline(session, id_, code, moment, since, moment.now),
        calls=await calls_for(session, id_, moment.now),
        devices=(await session.scalars(devices)).all(),
    )


def _watched(request: web.Request, code: str, feed: FeedShape, technical: bool) -> Watched:
    live, key = request.app[SERVING].live, FeedKey(code, feed.id)
    looks = [LookShape.of(look, technical=technical) for look in live.looks(key)]
    return Watched(feed, looks, live.effective_cadence_s(key))
