"""/api/v1/sites: addresses with coordinates. Their cameras are found by `site` in /cameras."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from registry.api.listing import Condition, Listing, Reader, list_route, read_route
from registry.api.paging import Page, Paged
from registry.api.selection import Text, containing_words, inside
from registry.api.tags import Retired, Shape
from registry.changing.inventory import What
from registry.changing.known import QUERIES
from registry.models import Site
from registry.security.access import Access
from registry.vocabulary import Sector


class SiteShape(Shape):
    code: str
    name: str
    address: str
    sector: Sector
    area: str
    latitude: float | None
    longitude: float | None
    network_kbit: int | None = Field(
        description="what looks may take of its line; null: the configured default"
    )
    retired: Retired


class SitePage(Page[SiteShape]):
    pass


class SiteQuery(Paged):
    area: Text | None = Field(None, description="path of an area; its whole subtree is meant")
    sector: list[Sector] = Field([], max_length=len(Sector))
    q: Text | None = Field(None, description="words in code, name and address")


def _filters(query: SiteQuery, _reader: Reader) -> list[Condition]:
    found = containing_words(query.q, Site.code, Site.name, Site.address)
    if query.area is not None:
        found.append(inside(query.area))
    if query.sector:
        found.append(Site.sector.in_(query.sector))
    return found


SITES: Final = Listing(
    one="site",
    many="sites",
    model=Site,
    key=Site.code,
    rows=QUERIES[What.SITE],
    shows=SiteShape,
    filters=_filters,
)
ROUTES: Final = (
    list_route(SITES, SiteQuery, SitePage, Access.OWN),
    read_route(SITES, access=Access.OWN),
)
