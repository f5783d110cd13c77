"""/api/v1/systems: one owner's installations. A system is no camera, and is counted apart."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from registry.api.listing import Condition, Listing, Reader, list_route, read_route
from registry.api.paging import Page, Paged
from registry.api.selection import Codes, Text, containing_words, inside
from registry.api.tags import Retired, Shape
from registry.changing.inventory import What
from registry.changing.known import QUERIES
from registry.models import Area, Site, System
from registry.security.access import Access


class SystemShape(Shape):
    code: str
    name: str
    owner: str
    site: str | None
    area: str | None = Field(description="of its site")
    retired: Retired


class SystemPage(Page[SystemShape]):
    pass


class SystemQuery(Paged):
    area: Text | None = Field(None, description="path of an area; its whole subtree is meant")
    site: Codes = Field([], description="codes")
    q: Text | None = Field(None, description="words in code, name and owner")


_ROWS: Final = (
    QUERIES[What.SYSTEM]
    .add_columns(Area.path.label("area"))
    .outerjoin(Area, Area.id == Site.area_id)
)


def _filters(query: SystemQuery, _reader: Reader) -> list[Condition]:
    found = containing_words(query.q, System.code, System.name, System.owner)
    if query.area is not None:
        found.append(inside(query.area))
    if query.site:
        found.append(Site.code.in_(query.site))
    return found


SYSTEMS: Final = Listing(
    one="system",
    many="systems",
    model=System,
    key=System.code,
    rows=_ROWS,
    shows=SystemShape,
    filters=_filters,
)
ROUTES: Final = (
    list_route(SYSTEMS, SystemQuery, SystemPage, Access.OWN),
    read_route(SYSTEMS, access=Access.OWN),
)
