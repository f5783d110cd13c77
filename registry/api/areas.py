"""/api/v1/areas: regions, cities, districts, as a tree of paths. It says nothing of cameras."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, StringConstraints
from sqlalchemy.orm import aliased

from registry.api.listing import Condition, Listing, Reader, list_route, read_route
from registry.api.paging import Page, Paged
from registry.api.routing import Strict
from registry.api.selection import Text, containing_words, inside
from registry.api.tags import Retired, Shape
from registry.changing.inventory import What
from registry.changing.known import QUERIES
from registry.models import Area
from registry.security.access import Access
from registry.vocabulary import AreaKind


class AreaShape(Shape):
    path: str = Field(description="region/district/town: its key, and its place in the tree")
    name: str
    kind: AreaKind
    parent: str | None
    time_zone: str
    retired: Retired


class AreaPage(Page[AreaShape]):
    pass


class AreaQuery(Paged):
    """In the order of the paths, so that a tree can be drawn as it comes."""

    under: Text | None = Field(None, description="an area; it and its whole subtree are meant")
    parent: Text | None = Field(None, description="an area; its direct children are meant")
    kind: AreaKind | None = None
    q: Text | None = None


class AreaPath(Strict):
    path: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="its slashes written as %2F"
    )


_Parent = aliased(Area)


_ROWS: Final = (
    QUERIES[What.AREA]
    .add_columns(_Parent.path.label("parent"))
    .outerjoin(_Parent, _Parent.id == Area.parent_id)
)


def _filters(query: AreaQuery, _reader: Reader) -> list[Condition]:
    found = containing_words(query.q, Area.name, Area.path)
    if query.under is not None:
        found.append(inside(query.under))
    if query.parent is not None:
        found.append(_Parent.path == query.parent.strip("/"))
    if query.kind is not None:
        found.append(Area.kind == query.kind)
    return found


AREAS: Final = Listing(
    one="area",
    many="areas",
    model=Area,
    key=Area.path,
    rows=_ROWS,
    shows=AreaShape,
    filters=_filters,
)
ROUTES: Final = (
    list_route(AREAS, AreaQuery, AreaPage, Access.OWN),
    read_route(AREAS, path="/api/v1/areas/{{path}}", path_model=AreaPath, access=Access.OWN),
)
