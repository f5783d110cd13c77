"""/api/v1/outages: feeds that were or are down, open and past. Charging them is not done here.

To a contractor only what is open on his cameras: what has mended is in no list of his, and what
began before he answered for the camera begins for him when he did.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from pydantic import AwareDatetime, Field

from registry.api.care import seen
from registry.api.listing import Condition, IdPath, Listing, Reader, list_route, read_route
from registry.api.paging import Page, Paged
from registry.api.selection import CameraFilter, conditions
from registry.api.standing import Select
from registry.api.tags import Shape
from registry.models import Area, Camera, Feed, Outage
from registry.models.base import Utc
from registry.security.access import Access
from registry.vocabulary import Hop, Reason


class OutageShape(Shape):
    """The true edges lie between the two times of each pair."""

    id: int
    camera: str
    feed: str
    hop: Hop
    reason: Reason
    last_good_at: datetime | None
    first_bad_at: datetime = Field(description="to a contractor not before his assignment began")
    last_bad_at: datetime | None = Field(description="the last look before its end that saw it")
    first_good_at: datetime | None = Field(description="null: open, or measuring ended before it")
    open: bool


class OutagePage(Page[OutageShape]):
    pass


class OutageQuery(CameraFilter, Paged):
    """The filters of /cameras, newest outage first; `reason` is the outage's own."""

    open: bool | None = None
    start: AwareDatetime | None = Field(None, alias="from", description="that touch the time after")
    end: AwareDatetime | None = Field(None, alias="to", description="that began before")


def is_open() -> Condition:
    """Neither seen good since nor left behind by measuring."""
    return Outage.last_bad_at.is_(None)


def outage_rows(reader: Reader) -> Select:
    moment, reach = reader.moment, reader.reach
    return (
        sa.select(
            Outage.id,
            Camera.code.label("camera"),
            Feed.name.label("feed"),
            Feed.hop,
            Outage.reason,
            seen(Outage.last_good_at.expression, reach, moment.now).label("last_good_at"),
            _began(reader).label("first_bad_at"),
            Outage.last_bad_at,
            Outage.first_good_at,
            is_open().label("open"),
        )
        .select_from(Outage)
        .join(Feed, Feed.id == Outage.feed_id)
        .join(Camera, Camera.id == Feed.camera_id)
        .join(Area, Area.id == Camera.area_id)
        .where(Outage.vantage_id == moment.vantage_id)
    )


def _rows(reader: Reader) -> Select:
    rows = outage_rows(reader)
    return rows.where(is_open()) if reader.only_open else rows


def _began(reader: Reader) -> sa.ColumnElement[datetime]:
    return reader.begun(Outage.first_bad_at.expression)


def _filters(query: OutageQuery, reader: Reader) -> list[Condition]:
    of_cameras = query.model_copy(update={"reason": []})
    found = conditions(of_cameras, reader.moment, technical=reader.technical)
    if query.reason:
        found.append(Outage.reason.in_(query.reason))
    if query.open is not None:
        found.append(is_open() == query.open)
    if query.start is not None:
        ended = sa.func.coalesce(Outage.first_good_at, Outage.last_bad_at, type_=Utc())
        start = sa.literal(query.start, Utc())
        found.append(sa.or_(ended.is_(None), ended >= start))
    if query.end is not None:
        found.append(_began(reader) < sa.literal(query.end, Utc()))
    return found


OUTAGES: Final = Listing(
    one="outage",
    many="outages",
    model=Outage,
    key=Outage.id,
    rows=_rows,
    shows=OutageShape,
    filters=_filters,
    newest_first=True,
    observed=True,
)
ROUTES: Final = (
    list_route(OUTAGES, OutageQuery, OutagePage, Access.MEND),
    read_route(
        OUTAGES,
        path="/api/v1/outages/{{id}}",
        path_model=IdPath,
        access=Access.MEND,
    ),
)
