"""The page of one camera: its paths, what the last looks saw, its last day, and whom to call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

import sqlalchemy as sa
from aiohttp import web
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.calls import Desk, calls_for
from registry.api.cameras import camera_id
from registry.api.care import care_since
from registry.api.looks import LookShape, looks_at
from registry.api.problems import FieldError, Problem, refused
from registry.api.reading import Reading, read_cameras
from registry.api.routing import Strict
from registry.api.shapes import CameraShape, FeedShape
from registry.api.standing import Moment
from registry.api.timeline import Timeline, Track, read_timeline, seen_from
from registry.look import NO_CHECK_YET, FeedKey
from registry.models import Camera, Device
from registry.security.access import Access
from registry.serving import SERVING
from registry.vocabulary import Hop, Role, Stage
from registry.web import strips
from registry.web.changes import midnight
from registry.web.guard import within_reach
from registry.web.paths import steps
from registry.web.rendering import CALLER, render
from registry.web.tiles import Tile, tile_of
from registry.web.zones import ZONES

DAY: Final = timedelta(hours=24)


class Asked(Strict):
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """A feed with what the monitor still holds of it."""

    feed: FeedShape
    looks: Sequence[LookShape]
    cadence_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    day: date | None  # of the calendar there, instead of the last 24 hours
    camera: CameraShape
    tile: Tile
    watched: Sequence[Watched]
    timeline: Timeline
    calls: Sequence[Desk]
    devices: Sequence[Device]

    @property
    def tracks(self) -> list[Track]:
        """What the centers got, then the feeds along their way."""
        way: dict[str | None, int] = {each.feed.id: n for n, each in enumerate(self.watched)}
        feeds = sorted(self.timeline.feeds, key=lambda track: way.get(track.feed, len(way)))
        return [*self.timeline.deliveries, *feeds]

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
    day = _asked(request).day
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
            reach=request[CALLER].reach,
        ),
    )
    await request.app[ZONES].load([camera.time_zone])
    since, until = _period(day, request.app[ZONES][camera.time_zone], moment.now)
    answered = await care_since(session, [id_], request[CALLER].reach, moment.now)
    since = await seen_from(session, request[CALLER].reach, id_, moment, since, until)
    devices = sa.select(Device).where(Device.camera_id == id_).order_by(Device.installed_from)
    return Shown(
        day=day,
        camera=camera,
        tile=tile_of(camera),
        watched=[
            _watched(request, camera.code, feed, answered.get(id_))
            for feed in _along_the_way(camera.feeds)
        ],
        timeline=await read_timeline(session, id_, code, moment, since, until),
        calls=await calls_for(session, id_, moment.now),
        devices=(await session.scalars(devices)).all(),
    )


def _asked(request: web.Request) -> Asked:
    """An empty field of the form means the last 24 hours."""
    try:
        return Asked.model_validate({name: value for name, value in request.query.items() if value})
    except ValidationError as error:
        raise refused("query", error) from error


def _period(day: date | None, zone: tzinfo, now: datetime) -> tuple[datetime, datetime]:
    """The whole day there, as far as it has come."""
    since, until = midnight(day, zone), midnight(day, zone, days_later=1)
    if since is None or until is None:
        return now - DAY, now
    if since >= now:
        detail = f"{day} has not begun where the camera stands"
        raise Problem(422, detail, errors=[FieldError(field="query.day", detail=detail)])
    return since, min(until, now)


def _along_the_way(feeds: Sequence[FeedShape]) -> list[FeedShape]:
    """From the lens to the center."""
    hops = list(Hop)
    return sorted(feeds, key=lambda feed: (hops.index(feed.hop), feed.id))


def _watched(request: web.Request, code: str, feed: FeedShape, since: datetime | None) -> Watched:
    live, key = request.app[SERVING].live, FeedKey(code, feed.id)
    technical = request[CALLER].may(Role.OPERATOR)
    looks = looks_at(live, key, technical=technical, since=since)
    return Watched(feed, looks, live.effective_cadence_s(key))
