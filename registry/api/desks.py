"""/api/v1/desks: whom to call, at a contractor, a center or a site. It calls nobody.

What a device pushes is a contact as well, and has that name in the API.
"""

from __future__ import annotations

from typing import Final

from pydantic import Field

from registry.api.listing import Condition, Listing, Reader, list_route, read_route
from registry.api.paging import Page, Paged
from registry.api.selection import Codes, Text, containing_words
from registry.api.tags import Retired, Shape
from registry.changing.inventory import What
from registry.changing.known import QUERIES
from registry.models import Center, Contact, Contractor, Site


class DeskShape(Shape):
    """Of exactly one contractor, center or site."""

    code: str
    contractor: str | None
    center: str | None
    site: str | None
    name: str
    duty: str = Field(description="when somebody answers")
    phone: str
    email: str
    retired: Retired


class DeskPage(Page[DeskShape]):
    pass


class DeskQuery(Paged):
    contractor: Codes = Field([], description="codes")
    center: Codes = Field([], description="codes")
    site: Codes = Field([], description="codes")
    q: Text | None = Field(None, description="words in name, duty, phone and address")


def _filters(query: DeskQuery, _reader: Reader) -> list[Condition]:
    found = containing_words(query.q, Contact.name, Contact.duty, Contact.phone, Contact.email)
    for column, codes in (
        (Contractor.code, query.contractor),
        (Center.code, query.center),
        (Site.code, query.site),
    ):
        if codes:
            found.append(column.in_(codes))
    return found


DESKS: Final = Listing(
    one="desk",
    many="desks",
    model=Contact,
    key=Contact.code,
    rows=QUERIES[What.CONTACT],
    shows=DeskShape,
    filters=_filters,
)
ROUTES: Final = (
    list_route(DESKS, DeskQuery, DeskPage),
    read_route(DESKS),
)
