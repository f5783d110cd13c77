"""/api/v1/desks: whom to call, at a contractor, a center or a site. It calls nobody.

What a device pushes is a contact as well, and has that name in the API.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from pydantic import Field

from registry.api.listing import Condition, Listing, Reader, list_route, read_route
from registry.api.paging import Page, Paged
from registry.api.selection import Codes, Text, containing_words
from registry.api.standing import Row, Select
from registry.api.tags import Shape
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


class DeskPage(Page[DeskShape]):
    pass


class DeskQuery(Paged):
    contractor: Codes = Field([], description="codes")
    center: Codes = Field([], description="codes")
    site: Codes = Field([], description="codes")
    q: Text | None = Field(None, description="words in name, duty, phone and address")


def _rows(_reader: Reader) -> Select:
    return (
        sa.select(
            Contact.code,
            Contractor.code.label("contractor"),
            Center.code.label("center"),
            Site.code.label("site"),
            Contact.name,
            Contact.duty,
            Contact.phone,
            Contact.email,
        )
        .outerjoin(Contractor, Contractor.id == Contact.contractor_id)
        .outerjoin(Center, Center.id == Contact.center_id)
        .outerjoin(Site, Site.id == Contact.site_id)
    )


def _shape(row: Row, _reader: Reader) -> DeskShape:
    return DeskShape.of_row(row)


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
    rows=_rows,
    shape=_shape,
    filters=_filters,
)
ROUTES: Final = (
    list_route(DESKS, DeskQuery, DeskPage),
    read_route(DESKS, DeskShape),
)
