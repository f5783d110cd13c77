"""/api/v1/centers: the places where pictures must arrive. What arrives there is said elsewhere."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from registry.api.listing import Condition, Listing, Reader, list_route, read_route
from registry.api.paging import Page, Paged
from registry.api.selection import Text, containing_words, inside
from registry.api.tags import Retired, Shape
from registry.changing.inventory import What
from registry.changing.known import QUERIES
from registry.models import Center
from registry.security.access import Access
from registry.vocabulary import CenterKind


class CenterShape(Shape):
    code: str
    name: str
    kind: CenterKind
    area: str
    network_kbit: int | None = Field(
        description="what looks may take of its line; null: the configured default"
    )
    retired: Retired


class CenterPage(Page[CenterShape]):
    pass


class CenterQuery(Paged):
    area: Text | None = Field(None, description="path of an area; its whole subtree is meant")
    kind: CenterKind | None = None
    q: Text | None = None


def _filters(query: CenterQuery, _reader: Reader) -> list[Condition]:
    found = containing_words(query.q, Center.code, Center.name)
    if query.area is not None:
        found.append(inside(query.area))
    if query.kind is not None:
        found.append(Center.kind == query.kind)
    return found


CENTERS: Final = Listing(
    one="center",
    many="centers",
    model=Center,
    key=Center.code,
    rows=QUERIES[What.CENTER],
    shows=CenterShape,
    filters=_filters,
)
ROUTES: Final = (
    list_route(CENTERS, CenterQuery, CenterPage, Access.OWN),
    read_route(CENTERS, access=Access.OWN),
)
