"""What refers to a thing, and whether anything was ever observed of it. It changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.changing.inventory import Key, What
from registry.changing.known import CODES_A_QUERY, HEADS
from registry.changing.writing import ids_of, table_of
from registry.models import (
    Camera,
    Delivery,
    DeliveryInterval,
    DeliveryStatus,
    DeviceContact,
    Feed,
    FeedInterval,
    FeedStatus,
    Outage,
    Vantage,
)
from registry.vocabulary import Lifecycle

# A camera's own parts go where it goes.
_PARTS: Final = frozenset({What.DEVICE, What.FEED, What.DELIVERY})
_OF_FEEDS: Final = (FeedInterval, FeedStatus, Outage)
_OF_DELIVERIES: Final = (DeliveryInterval, DeliveryStatus)
_T = TypeVar("_T")
_Select: TypeAlias = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Referrer:
    """Something that names something else; `in_use` until it is retired or over."""

    kind: str
    key: Key
    in_use: bool


async def referrers(
    session: AsyncSession, what: What, keys: Collection[Key], now: datetime
) -> dict[Key, list[Referrer]]:
    """By what is referred to. A camera's feeds, deliveries and devices are part of it."""
    ids = await _ids(session, what, keys)
    found: defaultdict[Key, list[Referrer]] = defaultdict(list)
    for kind, statement, column in _questions(what, now):
        for some in slices(ids):
            for target, in_use, *key in await session.execute(statement.where(column.in_(some))):
                found[ids[target]].append(Referrer(kind, tuple(key), bool(in_use)))
    return found


async def observed(session: AsyncSession, what: What, keys: Collection[Key]) -> set[Key]:
    """Those of which something is known: they are retired, never deleted."""
    ids = await _ids(session, what, keys)
    found: set[Key] = set()
    for column in _observations(what):
        for some in slices(ids):
            rows = await session.scalars(sa.select(column).where(column.in_(some)).distinct())
            found |= {ids[row] for row in rows}
    return found


async def _ids(session: AsyncSession, what: What, keys: Collection[Key]) -> dict[int, Key]:
    found: dict[int, Key] = {}
    for heads in slices({key[0] for key in keys}):
        for row_id, *key in await session.execute(ids_of(what).where(HEADS[what].in_(heads))):
            if tuple(key) in keys:
                found[row_id] = tuple(key)
    return found


def slices(values: Iterable[_T]) -> Iterator[list[_T]]:
    listed = list(values)
    return (listed[at : at + CODES_A_QUERY] for at in range(0, len(listed), CODES_A_QUERY))


def holders(what: What) -> Iterator[tuple[What, sa.Column[Any]]]:
    """The columns of the registry that refer to this kind, and whose they are."""
    target = table_of(what)
    for kind in What:
        for column in table_of(kind).columns:
            if any(key.column is target.c.id for key in column.foreign_keys):
                yield kind, column


def _questions(what: What, now: datetime) -> Iterator[tuple[str, _Select, sa.ColumnElement[Any]]]:
    """One for each foreign key that points at this kind: a new one is not forgotten."""
    for kind, column in holders(what):
        if what is What.CAMERA and kind in _PARTS:
            continue
        _, *key_columns = ids_of(kind).selected_columns
        answers = (column, _in_use(table_of(kind), now), *key_columns)
        yield kind.value, ids_of(kind).with_only_columns(*answers), column
    if what is What.CENTER:
        standing = sa.select(Vantage.center_id, sa.true(), Vantage.code)
        yield "vantage", standing, sa.inspect(Vantage).c.center_id
    if what is What.DELIVERY:
        delivering = sa.and_(
            Feed.camera_id == Delivery.camera_id, Feed.delivers_to_id == Delivery.center_id
        )
        fed = sa.select(Delivery.id, Feed.retired_at.is_(None), Camera.code, Feed.name)
        fed = fed.join(Feed, delivering).join(Camera, Camera.id == Feed.camera_id)
        yield What.FEED.value, fed, table_of(what).c.id


def _in_use(table: sa.Table, now: datetime) -> sa.ColumnElement[bool]:
    if table is table_of(What.CAMERA):
        return table.c.lifecycle != Lifecycle.RETIRED
    if table is table_of(What.ASSIGNMENT):
        return sa.or_(table.c.ends_at.is_(None), table.c.ends_at > now)
    if "retired_at" in table.c:
        return table.c.retired_at.is_(None)
    return sa.true()


def _observations(what: What) -> Iterator[sa.ColumnElement[int]]:
    """Columns that hold an id of this kind wherever the monitor wrote something of it."""
    match what:
        case What.FEED:
            yield from (each.feed_id.expression for each in _OF_FEEDS)
        case What.DELIVERY:
            yield from (each.delivery_id.expression for each in _OF_DELIVERIES)
        case What.CAMERA:
            yield DeviceContact.camera_id.expression
        case _:
            return
