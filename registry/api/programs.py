"""/api/v1/programs: the projects that paid for cameras. What became of them is in /stats."""

from __future__ import annotations

from typing import Final

from registry.api.listing import Condition, Listing, Reader, list_route, read_route
from registry.api.paging import Page, Paged
from registry.api.selection import Text, containing_words
from registry.api.tags import Retired, Shape
from registry.changing.inventory import What
from registry.changing.known import QUERIES
from registry.models import Program
from registry.security.access import Access


class ProgramShape(Shape):
    code: str
    name: str
    retired: Retired


class ProgramPage(Page[ProgramShape]):
    pass


class ProgramQuery(Paged):
    q: Text | None = None


def _filters(query: ProgramQuery, _reader: Reader) -> list[Condition]:
    return containing_words(query.q, Program.code, Program.name)


PROGRAMS: Final = Listing(
    one="program",
    many="programs",
    model=Program,
    key=Program.code,
    rows=QUERIES[What.PROGRAM],
    shows=ProgramShape,
    filters=_filters,
)
ROUTES: Final = (
    list_route(PROGRAMS, ProgramQuery, ProgramPage, Access.OWN),
    read_route(PROGRAMS, access=Access.OWN),
)
