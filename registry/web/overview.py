"""What the wall and the map share: the filters of the page, its counts, and the links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from urllib.parse import urlencode

import sqlalchemy as sa
from aiohttp import web
from pydantic import Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.problems import refused
from registry.api.selection import CameraFilter
from registry.api.standing import Moment, Standing
from registry.models import Area, Center
from registry.vocabulary import CameraKind, Reason
from registry.web.guard import within_reach

# The numbers on top are a claim as well: unrefreshed for this long they are no longer shown.
COUNTS_HOLD: Final = timedelta(seconds=60)


class OverviewQuery(CameraFilter):
    page: int = Field(1, ge=1, le=10_000)


# Filters that only links set: from the map, from a camera's page, from a dashboard.
_WITHOUT_A_FIELD: Final = (
    *("site", "system", "recorder", "contractor", "program"),
    *("lifecycle", "importance", "failing_at"),
)


class Further(NamedTuple):
    name: str
    value: str
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    path: str
    query: OverviewQuery
    moment: Moment
    counts: Mapping[Standing, int]
    oldest: datetime | None

    @property
    def counts_valid_until(self) -> datetime:
        return self.moment.now + COUNTS_HOLD

    @property
    def total(self) -> int:
        wanted = self.query.state or list(Standing)
        return sum(self.counts[each] for each in wanted)

    @property
    def is_filtered(self) -> bool:
        return self.link() != self.path

    @property
    def further(self) -> Iterator[Further]:
        """What it is filtered by that has no field in the form: a link from elsewhere said so."""
        for name in _WITHOUT_A_FIELD:
            held = getattr(self.query, name)
            for value in held:
                rest = [each for each in held if each != value]
                yield Further(name, value, self.link(**{name: rest}))

    def link(self, path: str | None = None, /, **changes: object) -> str:
        """This page, or another of its kind, with some filters changed; from its first page."""
        given = self.query.model_dump(mode="json", exclude_defaults=True) | {"page": None}
        values = {name: value for name, value in (given | changes).items() if value}
        path = path or self.path
        return f"{path}?{urlencode(values, doseq=True)}" if values else path

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


def query_of(request: web.Request) -> OverviewQuery:
    """An empty field of the form means no filter."""
    given = {name: [v for v in request.query.getall(name) if v] for name in request.query}
    single = {"q", "area", "page"}
    values = {n: v[0] if n in single and len(v) == 1 else v for n, v in given.items() if v}
    try:
        return OverviewQuery.model_validate(values)
    except ValidationError as error:
        raise refused("query", error) from error


async def choices(request: web.Request, session: AsyncSession) -> Choices:
    centers = sa.select(Center.code, Center.name).where(within_reach(request, Center))
    areas = sa.select(Area.path, Area.name).where(within_reach(request, Area))
    return Choices(
        centers=[
            (code, name) for code, name in await session.execute(centers.order_by(Center.name))
        ],
        areas=[(path, name) for path, name in await session.execute(areas.order_by(Area.path))],
    )
