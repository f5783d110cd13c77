"""A reach as SQL: which rows of a class somebody sees. Every list, count and lookup goes by it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, aliased

from registry.models import (
    Area,
    Assignment,
    Base,
    Camera,
    Center,
    Contact,
    Contract,
    Contractor,
    Credential,
    Delivery,
    DeliveryInterval,
    DeliveryStatus,
    Device,
    DeviceContact,
    Feed,
    FeedInterval,
    FeedStatus,
    LoggedChange,
    Outage,
    Program,
    Recorder,
    Site,
    System,
)
from registry.models.base import Utc
from registry.security.reach import Reach

Condition = ColumnElement[bool]
Column = InstrumentedAttribute[Any]
Select = sa.Select[*tuple[Any, ...]]


def within(shown: type[Base], reach: Reach, now: datetime) -> Condition:
    """For a WHERE over `shown`: true for the rows inside this reach now.

    What lies outside is not there: it is left out of lists and counts, and a lookup answers 404.
    """
    rule = _RULES[shown]
    return sa.true() if reach.is_everything else rule(_Sight(reach, now))


@dataclass(frozen=True, slots=True)
class _Sight:
    reach: Reach
    now: datetime

    def cameras(self, column: Column = Camera.id) -> Select:
        """That column of the cameras in reach."""
        return _ids(column).where(_cameras(self))


def _ids(column: Column) -> Select:
    # Alone, whatever surrounds it: SQLAlchemy would tie its tables to those of the outer statement.
    return sa.select(column).where(column.is_not(None)).correlate(None)


def _cameras(sight: _Sight) -> Condition:
    limits: list[Condition] = []
    for each in sight.reach:
        if each.areas:
            limits.append(Camera.area_id.in_(_subtrees(each.areas)))
        if each.centers:
            delivered = _ids(Delivery.camera_id).join(Center, Center.id == Delivery.center_id)
            limits.append(Camera.id.in_(delivered.where(Center.code.in_(each.centers))))
        if each.contractor is not None:
            limits.append(looked_after_by((each.contractor,), sight.now))
    return sa.and_(*limits)


def _subtrees(paths: tuple[str, ...]) -> Select:
    return _ids(Area.id).where(_inside(paths))


def _inside(paths: tuple[str, ...]) -> Condition:
    below = [Area.path.startswith(f"{path}/", autoescape=True) for path in paths]
    return sa.or_(Area.path.in_(paths), *below)


def looked_after_by(contractors: Sequence[str], now: datetime) -> Condition:
    """By an assignment in force on the camera itself or on anything that holds it."""

    def assigned(column: Column) -> Select:
        at = sa.literal(now, Utc())
        return (
            _ids(column)
            .join(Contract, Contract.id == Assignment.contract_id)
            .join(Contractor, Contractor.id == Contract.contractor_id)
            .where(
                Contractor.code.in_(contractors),
                Assignment.starts_at <= at,
                sa.or_(Assignment.ends_at.is_(None), Assignment.ends_at > at),
            )
        )

    return sa.or_(
        Camera.id.in_(assigned(Assignment.camera_id)),
        Camera.site_id.in_(assigned(Assignment.site_id)),
        Camera.recorder_id.in_(assigned(Assignment.recorder_id)),
        Camera.system_id.in_(assigned(Assignment.system_id)),
        Camera.area_id.in_(_areas_below(assigned(Assignment.area_id))),
    )


def care_began(reach: Reach, now: datetime) -> ColumnElement[Any] | None:
    """Since when whoever limits a reach answers for the camera of the statement it stands in; what
    was before is not his to see. None where no contractor limits it.
    """
    began = [_care_of(each.contractor, now) for each in reach if each.contractor is not None]
    return functools.reduce(later, began) if began else None


def later(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    """SQLite and PostgreSQL have no one name for it."""
    return sa.type_coerce(sa.case((one > other, one), else_=other), Utc())


def _care_of(contractor: str, now: datetime) -> ColumnElement[Any]:
    own, held = aliased(Area), aliased(Area)
    is_below = sa.func.substr(own.path, 1, sa.func.length(held.path) + 1) == held.path + "/"
    is_about = sa.or_(
        Assignment.camera_id == Camera.id,
        Assignment.site_id == Camera.site_id,
        Assignment.recorder_id == Camera.recorder_id,
        Assignment.system_id == Camera.system_id,
        Assignment.area_id == Camera.area_id,
        is_below,
    )
    in_force = (
        Assignment.starts_at <= now,
        sa.or_(Assignment.ends_at.is_(None), Assignment.ends_at > now),
    )
    return (
        sa.select(sa.func.min(Assignment.starts_at))
        .select_from(Assignment)
        .join(Contract, Contract.id == Assignment.contract_id)
        .join(Contractor, Contractor.id == Contract.contractor_id)
        .outerjoin(held, held.id == Assignment.area_id)
        .join(own, own.id == Camera.area_id)
        .where(Contractor.code == contractor, is_about, *in_force)
        .correlate(Camera)
        .scalar_subquery()
    )


def _areas_below(roots: Select) -> Select:
    root = aliased(Area)
    # Compared by length and not by LIKE: a path may hold what LIKE takes for a wildcard.
    head = sa.func.substr(Area.path, 1, sa.func.length(root.path) + 1)
    is_below = sa.or_(Area.path == root.path, head == root.path + "/")
    return _ids(Area.id).join(root, is_below).where(root.id.in_(roots))


def _through(column: Column, parent: Callable[[_Sight], Select], sight: _Sight) -> Condition:
    return column.in_(parent(sight))


def _of_cameras(sight: _Sight) -> Select:
    return sight.cameras()


def _of_feeds(sight: _Sight) -> Select:
    return _ids(Feed.id).where(Feed.camera_id.in_(sight.cameras()))


def _of_deliveries(sight: _Sight) -> Select:
    return _ids(Delivery.id).where(Delivery.camera_id.in_(sight.cameras()))


def _areas(sight: _Sight) -> Condition:
    held: Condition = Area.id.in_(sight.cameras(Camera.area_id))
    return held if not sight.reach.is_by_place else sa.and_(*map(_inside, _area_limits(sight)))


def _area_limits(sight: _Sight) -> list[tuple[str, ...]]:
    return [each.areas for each in sight.reach if each.areas]


def _in_area(column: Column, sight: _Sight) -> Condition:
    """What has no camera is judged by where it stands, if places are all that limits."""
    if not sight.reach.is_by_place:
        return sa.false()
    return sa.and_(*(column.in_(_subtrees(paths)) for paths in _area_limits(sight)))


def _centers(sight: _Sight) -> Condition:
    """Its own ones, those where its cameras must be seen, and those that stand in its area."""
    own = [code for each in sight.reach for code in each.centers]
    fed = _ids(Delivery.center_id).where(Delivery.camera_id.in_(sight.cameras()))
    return sa.or_(Center.id.in_(fed), Center.code.in_(own), _in_area(Center.area_id, sight))


def _sites(sight: _Sight) -> Condition:
    return sa.or_(Site.id.in_(sight.cameras(Camera.site_id)), _in_area(Site.area_id, sight))


def _of_sites(sight: _Sight) -> Select:
    return _ids(Site.id).where(_in_area(Site.area_id, sight))


def _systems(sight: _Sight) -> Condition:
    used = System.id.in_(sight.cameras(Camera.system_id))
    return sa.or_(used, System.site_id.in_(_of_sites(sight)))


def _recorders(sight: _Sight) -> Condition:
    used = Recorder.id.in_(sight.cameras(Camera.recorder_id))
    here = _of_sites(sight)
    systems_here = _ids(System.id).where(System.site_id.in_(here))
    return sa.or_(used, Recorder.site_id.in_(here), Recorder.system_id.in_(systems_here))


def _programs(sight: _Sight) -> Condition:
    return Program.id.in_(sight.cameras(Camera.program_id))


def _credentials(sight: _Sight) -> Condition:
    return Credential.id.in_(_ids(Feed.credential_id).where(Feed.camera_id.in_(sight.cameras())))


def _contractors(sight: _Sight) -> Condition:
    own = [each.contractor for each in sight.reach if each.contractor is not None]
    return sa.and_(sa.true(), *(Contractor.code == code for code in own))


def _contracts(sight: _Sight) -> Condition:
    return Contract.contractor_id.in_(_ids(Contractor.id).where(_contractors(sight)))


def _assignments(sight: _Sight) -> Condition:
    """Its contract and the object it is about must both be seen."""
    held = {
        Assignment.camera_id: _ids(Camera.id).where(_cameras(sight)),
        Assignment.site_id: _ids(Site.id).where(_sites(sight)),
        Assignment.recorder_id: _ids(Recorder.id).where(_recorders(sight)),
        Assignment.system_id: _ids(System.id).where(_systems(sight)),
        Assignment.area_id: _ids(Area.id).where(_areas(sight)),
    }
    contracts = Assignment.contract_id.in_(_ids(Contract.id).where(_contracts(sight)))
    return sa.and_(contracts, sa.or_(*(column.in_(ids) for column, ids in held.items())))


def _changes(sight: _Sight) -> Condition:
    """Of cameras only: the log names what else there was by codes that may be gone."""
    shown = LoggedChange.camera.in_(sight.cameras(Camera.code))
    began = care_began(sight.reach, sight.now)
    if began is None:
        return shown
    since = _ids(Camera.id).where(Camera.code == LoggedChange.camera, LoggedChange.at >= began)
    return sa.and_(shown, since.correlate(LoggedChange).exists())


def _outages(sight: _Sight) -> Condition:
    """A contractor's are those that were still seen when he began to answer for it."""
    shown = _through(Outage.feed_id, _of_feeds, sight)
    began = care_began(sight.reach, sight.now)
    if began is None:
        return shown
    lasted = sa.or_(Outage.last_bad_at.is_(None), Outage.last_bad_at > began)
    since = _ids(Camera.id).join(Feed).where(Feed.id == Outage.feed_id, lasted)
    return sa.and_(shown, since.correlate(Outage).exists())


def _contacts(sight: _Sight) -> Condition:
    return sa.or_(
        Contact.contractor_id.in_(_ids(Contractor.id).where(_contractors(sight))),
        Contact.center_id.in_(_ids(Center.id).where(_centers(sight))),
        Contact.site_id.in_(_ids(Site.id).where(_sites(sight))),
    )


_RULES: Final[Mapping[type[Base], Callable[[_Sight], Condition]]] = {
    Area: _areas,
    Assignment: _assignments,
    Camera: _cameras,
    Center: _centers,
    Contact: _contacts,
    Contract: _contracts,
    Contractor: _contractors,
    Credential: _credentials,
    Delivery: partial(_through, Delivery.camera_id, _of_cameras),
    DeliveryInterval: partial(_through, DeliveryInterval.delivery_id, _of_deliveries),
    DeliveryStatus: partial(_through, DeliveryStatus.delivery_id, _of_deliveries),
    Device: partial(_through, Device.camera_id, _of_cameras),
    DeviceContact: partial(_through, DeviceContact.camera_id, _of_cameras),
    Feed: partial(_through, Feed.camera_id, _of_cameras),
    FeedInterval: partial(_through, FeedInterval.feed_id, _of_feeds),
    FeedStatus: partial(_through, FeedStatus.feed_id, _of_feeds),
    LoggedChange: _changes,
    Outage: _outages,
    Program: _programs,
    Recorder: _recorders,
    Site: _sites,
    System: _systems,
}
