"""/api/v1/contractors, /contracts, /assignments: who answers for what, since when, by which paper.

They say who is responsible; whom to call stands in /desks.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from pydantic import Field

from registry.api.listing import Condition, Listing, Reader, list_route, read_route
from registry.api.paging import Page, Paged
from registry.api.selection import Codes, Text, containing_words
from registry.api.tags import Retired, Shape
from registry.changing.inventory import What
from registry.changing.known import QUERIES
from registry.models import (
    Assignment,
    Contract,
    Contractor,
)
from registry.models.base import Utc
from registry.vocabulary import Hop


class ContractorShape(Shape):
    code: str
    name: str
    retired: Retired


class ContractorPage(Page[ContractorShape]):
    pass


class ContractorQuery(Paged):
    q: Text | None = None


def _contractor_filters(query: ContractorQuery, _reader: Reader) -> list[Condition]:
    return containing_words(query.q, Contractor.code, Contractor.name)


CONTRACTORS: Final = Listing(
    one="contractor",
    many="contractors",
    model=Contractor,
    key=Contractor.code,
    rows=QUERIES[What.CONTRACTOR],
    shows=ContractorShape,
    filters=_contractor_filters,
)


class ContractShape(Shape):
    code: str
    title: str
    contractor: str
    starts_on: date
    ends_on: date | None
    availability_target: float | None = Field(description="0 to 1")
    repair_hours: float | None
    retired: Retired


class ContractPage(Page[ContractShape]):
    pass


class ContractQuery(Paged):
    contractor: Codes = Field([], description="codes")
    ends_before: date | None = Field(None, description="that end before this day: a risk to see")
    q: Text | None = None


def _contract_filters(query: ContractQuery, _reader: Reader) -> list[Condition]:
    found = containing_words(query.q, Contract.code, Contract.title)
    if query.contractor:
        found.append(Contractor.code.in_(query.contractor))
    if query.ends_before is not None:
        found.append(Contract.ends_on < query.ends_before)
    return found


CONTRACTS: Final = Listing(
    one="contract",
    many="contracts",
    model=Contract,
    key=Contract.code,
    rows=QUERIES[What.CONTRACT],
    shows=ContractShape,
    filters=_contract_filters,
)


class AssignmentShape(Shape):
    """Exactly one of the five objects is set."""

    code: str
    contract: str
    contractor: str
    camera: str | None
    site: str | None
    recorder: str | None
    system: str | None
    area: str | None
    hops: list[Hop] = Field(description="what it answers for on the way; empty: everything")
    starts_at: datetime
    ends_at: datetime | None


class AssignmentPage(Page[AssignmentShape]):
    pass


class AssignmentQuery(Paged):
    contractor: Codes = Field([], description="codes")
    contract: Codes = Field([], description="codes")
    in_force: bool | None = Field(None, description="now")


def _assignment_filters(query: AssignmentQuery, reader: Reader) -> list[Condition]:
    found: list[Condition] = []
    if query.contractor:
        found.append(Contractor.code.in_(query.contractor))
    if query.contract:
        found.append(Contract.code.in_(query.contract))
    if query.in_force is not None:
        now = sa.literal(reader.moment.now, Utc())
        still = sa.or_(Assignment.ends_at.is_(None), Assignment.ends_at > now)
        found.append(sa.and_(Assignment.starts_at <= now, still) == query.in_force)
    return found


ASSIGNMENTS: Final = Listing(
    one="assignment",
    many="assignments",
    model=Assignment,
    key=Assignment.code,
    rows=QUERIES[What.ASSIGNMENT]
    .add_columns(Contractor.code.label("contractor"))
    .join(Contractor, Contractor.id == Contract.contractor_id),
    shows=AssignmentShape,
    filters=_assignment_filters,
    observed=True,  # what is in force changes with the clock
)
ROUTES: Final = (
    list_route(CONTRACTORS, ContractorQuery, ContractorPage),
    read_route(CONTRACTORS),
    list_route(CONTRACTS, ContractQuery, ContractPage),
    read_route(CONTRACTS),
    list_route(ASSIGNMENTS, AssignmentQuery, AssignmentPage),
    read_route(ASSIGNMENTS),
)
