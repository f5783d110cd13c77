"""Whom to call about a camera: who looks after it now, its centers, its site. It calls nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.standing import Row
from registry.models import (
    Area,
    Assignment,
    Camera,
    Center,
    Contact,
    Contract,
    Contractor,
    Delivery,
    Site,
)
from registry.vocabulary import FailingAt, Hop


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One desk: whose it is, why it is named here, and how to reach it."""

    party: str
    role: str  # contractor, center, site
    name: str
    duty: str
    phone: str
    email: str
    hops: tuple[Hop, ...] = ()  # what a contractor answers for; empty is everything
    contract: str | None = None
    first: bool = False  # answers for the place that fails, by the assignment that is nearest


_DESK = (Contact.name, Contact.duty, Contact.phone, Contact.email)


async def calls_for(
    session: AsyncSession, camera_id: int, now: datetime, failing_at: FailingAt | None = None
) -> list[Desk]:
    """Contractors by the assignments in force, who answers for the failing place first."""
    place = (
        await session.execute(
            sa.select(Camera.id, Camera.site_id, Camera.recorder_id, Camera.system_id, Area.path)
            .join(Area, Area.id == Camera.area_id)
            .where(Camera.id == camera_id)
        )
    ).one()
    return [
        *_ranked(await _contractors(session, place, now), _HOPS.get(failing_at)),
        *await _centers(session, camera_id),
        *await _sites(session, place.site_id),
    ]


# Whoever looks after a camera looks after its line as well.
_HOPS: Final[Mapping[FailingAt | None, Hop]] = {
    FailingAt.CAMERA: Hop.CAMERA,
    FailingAt.LINK: Hop.CAMERA,
    FailingAt.CAMERA_OR_LINK: Hop.CAMERA,
    FailingAt.RECORDER: Hop.RECORDER,
    FailingAt.RELAY: Hop.RELAY,
    FailingAt.CENTER: Hop.CENTER,
}


def _ranked(desks: Sequence[Desk], failing: Hop | None) -> list[Desk]:
    """They come with the nearest assignment in front; `first` is all desks of the first contract
    that covers the failing hop.
    """
    if failing is None:
        return list(desks)
    answering = [desk for desk in desks if not desk.hops or failing in desk.hops]
    firsts = [replace(d, first=True) for d in answering if d.contract == answering[0].contract]
    others = [desk for desk in desks if not answering or desk.contract != answering[0].contract]
    return [*firsts, *others]


async def _contractors(session: AsyncSession, place: Row, now: datetime) -> list[Desk]:
    """By the assignments in force on the camera itself or on anything that holds it."""
    steps = place.path.split("/")
    above = ["/".join(steps[: depth + 1]) for depth in range(len(steps))]
    areas = sa.select(Area.id).where(Area.path.in_(above))
    statement = (
        sa.select(*_DESK, Contractor.name.label("party"), Contract.code.label("contract"))
        .add_columns(Assignment.hops)
        .select_from(Assignment)
        .join(Contract, Contract.id == Assignment.contract_id)
        .join(Contractor, Contractor.id == Contract.contractor_id)
        .join(Contact, Contact.contractor_id == Contractor.id)
        .where(
            Contact.retired_at.is_(None),
            Assignment.starts_at <= now,
            sa.or_(Assignment.ends_at.is_(None), Assignment.ends_at > now),
            sa.or_(Assignment.area_id.in_(areas), *_holders(place)),
        )
        .outerjoin(Area, Area.id == Assignment.area_id)
        .order_by(_distance(), Contractor.name, Contact.id)
    )
    return [_call(row, "contractor") for row in await session.execute(statement)]


def _distance() -> sa.ColumnElement[int]:
    """How far from the camera the object of an assignment is; a wider area is farther."""
    return sa.case(
        (Assignment.camera_id.is_not(None), 0),
        (Assignment.recorder_id.is_not(None), 1),
        (Assignment.system_id.is_not(None), 2),
        (Assignment.site_id.is_not(None), 3),
        else_=1000 - sa.func.length(Area.path),
    )


def _holders(place: Row) -> list[sa.ColumnElement[bool]]:
    """What is not set must not be compared: it would become IS NULL and fit every assignment."""
    columns = {
        Assignment.camera_id: place.id,
        Assignment.recorder_id: place.recorder_id,
        Assignment.system_id: place.system_id,
        Assignment.site_id: place.site_id,
    }
    return [column == id_ for column, id_ in columns.items() if id_ is not None]


async def _centers(session: AsyncSession, camera_id: int) -> list[Desk]:
    statement = (
        sa.select(*_DESK, Center.name.label("party"))
        .join(Center, Center.id == Contact.center_id)
        .join(Delivery, Delivery.center_id == Center.id)
        .where(Delivery.camera_id == camera_id, Delivery.retired_at.is_(None))
        .where(Contact.retired_at.is_(None))
        .order_by(Center.name, Contact.id)
    )
    return [_call(row, "center") for row in await session.execute(statement)]


async def _sites(session: AsyncSession, site_id: int | None) -> list[Desk]:
    if site_id is None:
        return []
    statement = (
        sa.select(*_DESK, Site.name.label("party"))
        .join(Site, Site.id == Contact.site_id)
        .where(Site.id == site_id, Contact.retired_at.is_(None))
        .order_by(Contact.id)
    )
    return [_call(row, "site") for row in await session.execute(statement)]


def _call(row: Row, role: str) -> Desk:
    facts = row._asdict()
    hops = tuple(Hop(hop) for hop in facts.pop("hops", ()))
    return Desk(role=role, hops=hops, **facts)
