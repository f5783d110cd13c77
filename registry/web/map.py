"""The map: every site with its worst picture. It holds no tiles; a tile server is a setting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.selection import selected
from registry.api.standing import RANK, Moment, Row, Standing, standing
from registry.api.stats import count_standings, oldest_knowledge
from registry.models import Camera, Feed, Site
from registry.security.within import Condition
from registry.serving import SERVING
from registry.web.guard import within_reach
from registry.web.overview import Overview, OverviewQuery, choices, query_of
from registry.web.rendering import render

MOST_PLACES: Final = 5_000  # what a browser draws without stuttering; the worst are drawn
MOST_LISTED: Final = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A site and how many of its cameras stand how."""

    code: str
    name: str
    address: str
    latitude: float | None
    longitude: float | None
    counts: Counter[Standing]

    @property
    def state(self) -> Standing:
        return min(self.counts, key=RANK.__getitem__)

    @property
    def is_on_map(self) -> bool:
        return self.latitude is not None and self.longitude is not None

    @property
    def counted(self) -> list[tuple[Standing, int]]:
        """The worst first."""
        return [(word, self.counts[word]) for word in sorted(self.counts, key=RANK.__getitem__)]

    @property
    def severity(self) -> tuple[int, int, str]:
        return RANK[self.state], -self.counts[self.state], self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Map(Overview):
    path: str = "/map"
    places: Sequence[Place]  # the worst first
    siteless: int  # cameras of no site

    @property
    def listed(self) -> Sequence[Place]:
        """What somebody has to see to, in words: a map alone cannot be read aloud."""
        wanting = (Standing.NOT_REACHING, Standing.DEGRADED, Standing.UNKNOWN)
        return [place for place in self.places if place.state in wanting][:MOST_LISTED]

    @property
    def unplaced(self) -> int:
        """Cameras that the map cannot show."""
        return self.siteless + sum(
            place.counts.total() for place in self.places if not place.is_on_map
        )


async def show_map(request: web.Request) -> web.StreamResponse:
    async with request.app[SERVING].database.read() as session:
        shown = await _map(request, session)
        offered = await choices(request, session)
    tiles = request.app[SERVING].map_tiles
    return render(request, "map.html", map=shown, choices=offered, tiles=tiles)


async def show_map_part(request: web.Request) -> web.StreamResponse:
    """What changes of the page, for it to put in place of what it shows."""
    async with request.app[SERVING].database.read() as session:
        shown = await _map(request, session)
    return render(request, "_map.html", map=shown)


async def list_places(request: web.Request) -> web.StreamResponse:
    """For the script that draws: the worst first, so that a bound cuts off what is well."""
    async with request.app[SERVING].database.read() as session:
        shown = await _map(request, session)
    drawn = [place for place in shown.places if place.is_on_map]
    answer = web.json_response(
        {"places": [_drawn(place) for place in drawn[:MOST_PLACES]], "of": len(drawn)}
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _drawn(place: Place) -> dict[str, Any]:
    return {
        "code": place.code,
        "name": place.name,
        "address": place.address,
        "at": [place.latitude, place.longitude],
        "state": place.state.value,
        "counts": {word.value: number for word, number in place.counted},
    }


async def _map(request: web.Request, session: AsyncSession) -> Map:
    query = query_of(request)
    moment, visible = Moment.of(request.app[SERVING]), within_reach(request, Camera)
    any_state = query.model_copy(update={"state": []})
    rows = (await session.execute(_by_site(query, moment, visible))).all()
    places = _places(row for row in rows if row.code is not None)
    return Map(
        query=query,
        moment=moment,
        counts=await count_standings(session, any_state, moment, visible),
        oldest=await oldest_knowledge(session, moment, within_reach(request, Feed)),
        places=sorted(places, key=lambda place: place.severity),
        siteless=sum(row.number for row in rows if row.code is None),
    )


def _by_site(query: OverviewQuery, moment: Moment, visible: Condition) -> sa.Select[Any]:
    word = standing(moment, query.center).label("word")
    each = selected(sa.select(Camera.site_id, word), query, moment, visible).subquery()
    number = sa.func.count().label("number")
    counted = sa.select(each.c.site_id, each.c.word, number).group_by(each.c.site_id, each.c.word)
    found = counted.subquery()
    return sa.select(
        Site.code,
        Site.name,
        Site.address,
        Site.latitude,
        Site.longitude,
        found.c.word,
        found.c.number,
    ).select_from(found.outerjoin(Site, Site.id == found.c.site_id))


def _places(rows: Iterable[Row]) -> list[Place]:
    places: dict[str, Place] = {}
    for row in rows:
        place = places.setdefault(
            row.code,
            Place(row.code, row.name, row.address, row.latitude, row.longitude, Counter()),
        )
        place.counts[Standing(row.word)] += row.number
    return list(places.values())
