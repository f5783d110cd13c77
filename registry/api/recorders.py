"""/api/v1/recorders: hosts that serve several feeds. Their addresses are for technicians."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from registry.api.listing import Condition, Listing, Reader, list_route, read_route
from registry.api.paging import Page, Paged
from registry.api.selection import Codes, Text, containing_words, inside
from registry.api.standing import Row
from registry.api.tags import Retired, Shape
from registry.changing.inventory import What
from registry.changing.known import QUERIES
from registry.models import Area, Recorder, Site, System
from registry.security.access import Access


class RecorderShape(Shape):
    code: str
    name: str
    host: str | None = Field(description="for the technician: role operator and above")
    site: str | None
    system: str | None
    session_budget: int = Field(description="sessions that looks may hold at the same time")
    retired: Retired


class RecorderPage(Page[RecorderShape]):
    pass


class RecorderQuery(Paged):
    area: Text | None = Field(None, description="path of an area; its whole subtree is meant")
    site: Codes = Field([], description="codes")
    system: Codes = Field([], description="codes")
    q: Text | None = Field(None, description="words in code and name; for operators in host too")


_ROWS: Final = QUERIES[What.RECORDER].outerjoin(Area, Area.id == Site.area_id)


def _told(row: Row, reader: Reader) -> RecorderShape:
    return RecorderShape(**row._asdict() | ({} if reader.technical else {"host": None}))


def _filters(query: RecorderQuery, reader: Reader) -> list[Condition]:
    traces = [Recorder.host] if reader.technical else []
    found = containing_words(query.q, Recorder.code, Recorder.name, *traces)
    if query.area is not None:
        found.append(inside(query.area))
    if query.site:
        found.append(Site.code.in_(query.site))
    if query.system:
        found.append(System.code.in_(query.system))
    return found


RECORDERS: Final = Listing(
    one="recorder",
    many="recorders",
    model=Recorder,
    key=Recorder.code,
    rows=_ROWS,
    shows=RecorderShape,
    told=_told,
    filters=_filters,
)
ROUTES: Final = (
    list_route(RECORDERS, RecorderQuery, RecorderPage, Access.OWN),
    read_route(RECORDERS, access=Access.OWN),
)
