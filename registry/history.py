"""How observations become rows: statuses, intervals, outages, the heartbeat. It judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from registry.database import Rows
from registry.models import (
    Base,
    Delivery,
    DeliveryInterval,
    DeliveryStatus,
    Feed,
    FeedInterval,
    FeedStatus,
    Heartbeat,
    Outage,
)
from registry.models.base import Utc
from registry.observed import (
    DeliveryObservation,
    DeliveryTransition,
    FeedObservation,
    FeedTransition,
    Happening,
    OutageClosed,
    OutageOpened,
)

DETAIL_LENGTH = 500
IDS_A_QUERY = 500

# In this order the rows are made.
_OF_A_FEED = (
    "feed_id",
    "vantage_id",
    "state",
    "reason",
    "detail",
    "since",
    "valid_until",
    "last_look_at",
    "last_frame_at",
    "last_fresh_picture_at",
    "memory",
)
_OF_A_DELIVERY = (
    "delivery_id",
    "vantage_id",
    "state",
    "failing_at",
    "reason",
    "since",
    "valid_until",
)

Interval = type[FeedInterval] | type[DeliveryInterval]


def rows_of_feeds(vantage_id: int, feeds: Iterable[FeedObservation]) -> Rows:
    values = (
        (
            seen.feed_id,
            vantage_id,
            seen.state,
            seen.reason,
            seen.detail[:DETAIL_LENGTH] if seen.detail else None,
            seen.since,
            seen.valid_until,
            seen.last_look_at,
            seen.last_frame_at,
            seen.last_fresh_picture_at,
            seen.memory(),
        )
        for seen in feeds
    )
    return Rows(table_of(FeedStatus), ("feed_id", "vantage_id"), _OF_A_FEED, values)


def rows_of_deliveries(vantage_id: int, deliveries: Iterable[DeliveryObservation]) -> Rows:
    values = (
        (
            seen.delivery_id,
            vantage_id,
            seen.state,
            seen.failing_at,
            seen.reason,
            seen.since,
            seen.valid_until,
        )
        for seen in deliveries
    )
    keys = ("delivery_id", "vantage_id")
    return Rows(table_of(DeliveryStatus), keys, _OF_A_DELIVERY, values)


def row_of_heartbeat(vantage_id: int, started_at: datetime, now: datetime) -> Rows:
    columns = ("vantage_id", "started_at", "beat_at")
    values = [(vantage_id, started_at, now)]
    return Rows(table_of(Heartbeat), ("vantage_id",), columns, values)


def write_history(
    connection: sa.Connection, vantage_id: int, happenings: Sequence[Happening]
) -> None:
    """Transitions cut the open interval and open the next; outages open and close."""
    for round_ in _rounds(happenings):
        _write_feed_changes(
            connection, vantage_id, [h for h in round_ if isinstance(h, FeedTransition)]
        )
        _write_delivery_changes(
            connection, vantage_id, [h for h in round_ if isinstance(h, DeliveryTransition)]
        )
        _close_outages(connection, vantage_id, [h for h in round_ if isinstance(h, OutageClosed)])
        _open_outages(connection, vantage_id, [h for h in round_ if isinstance(h, OutageOpened)])


def _write_feed_changes(
    connection: sa.Connection, vantage_id: int, changes: Sequence[FeedTransition]
) -> None:
    _cut(connection, vantage_id, FeedInterval, [(h.owner, h.at) for h in changes])
    rows = [
        {
            "feed_id": h.owner,
            "vantage_id": vantage_id,
            "state": h.state,
            "reason": h.reason,
            "started_at": h.at,
        }
        for h in changes
    ]
    insert_rows(connection, FeedInterval, rows)


def _write_delivery_changes(
    connection: sa.Connection, vantage_id: int, changes: Sequence[DeliveryTransition]
) -> None:
    _cut(connection, vantage_id, DeliveryInterval, [(h.owner, h.at) for h in changes])
    rows = [
        {
            "delivery_id": h.owner,
            "vantage_id": vantage_id,
            "state": h.state,
            "failing_at": h.failing_at,
            "reason": h.reason,
            "started_at": h.at,
        }
        for h in changes
    ]
    insert_rows(connection, DeliveryInterval, rows)


def _cut(
    connection: sa.Connection,
    vantage_id: int,
    model: Interval,
    ends: Sequence[tuple[int, datetime]],
) -> None:
    table = table_of(model)
    at = sa.bindparam("at", type_=Utc())
    statement = (
        sa.update(table)
        .where(
            table.c[owner_column(model)] == sa.bindparam("owner"),
            table.c.vantage_id == vantage_id,
            table.c.ended_at.is_(None),
        )
        # no interval ever has a negative length, whatever a clock did
        .values(ended_at=sa.case((table.c.started_at > at, table.c.started_at), else_=at))
    )
    execute_many(connection, statement, [{"owner": o, "at": at_} for o, at_ in ends])


def _close_outages(
    connection: sa.Connection, vantage_id: int, closed: Sequence[OutageClosed]
) -> None:
    """Only what is open: one that measuring left behind has ended, whatever is seen later."""
    table = table_of(Outage)
    bad = sa.func.coalesce(sa.bindparam("bad", type_=Utc()), table.c.first_bad_at, type_=Utc())
    statement = (
        sa.update(table)
        .where(
            table.c.feed_id == sa.bindparam("owner"),
            table.c.vantage_id == vantage_id,
            table.c.last_bad_at.is_(None),
        )
        .values(last_bad_at=bad, first_good_at=sa.bindparam("good"))
    )
    rows = [{"owner": h.owner, "bad": h.last_bad_at, "good": h.first_good_at} for h in closed]
    execute_many(connection, statement, rows)


def _open_outages(
    connection: sa.Connection, vantage_id: int, opened: Sequence[OutageOpened]
) -> None:
    """An outage that outlasted a restart is still the same one and is not opened twice."""
    if not opened:
        return
    still_open = sa.select(Outage.feed_id).where(
        Outage.vantage_id == vantage_id, Outage.last_bad_at.is_(None)
    )
    already = set(connection.scalars(still_open))
    rows = [
        {
            "feed_id": h.owner,
            "vantage_id": vantage_id,
            "reason": h.reason,
            "last_good_at": h.last_good_at,
            "first_bad_at": h.first_bad_at,
        }
        for h in opened
        if h.owner not in already
    ]
    insert_rows(connection, Outage, rows)


def _rounds(happenings: Iterable[Happening]) -> list[list[Happening]]:
    """Rounds that keep each owner's order: its n-th happening of a kind goes to round n."""
    rounds: list[list[Happening]] = []
    turns: dict[tuple[type, int], int] = {}
    for happening in happenings:
        kind = OutageOpened if isinstance(happening, OutageClosed) else type(happening)
        turn = turns.get((kind, happening.owner), 0)
        turns[kind, happening.owner] = turn + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(happening)
    return rounds


def table_of(model: type[Base]) -> sa.Table:
    return cast("sa.Table", model.__table__)


def owner_column(model: Interval) -> str:
    return "feed_id" if model is FeedInterval else "delivery_id"


def existing(
    connection: sa.Connection, model: type[Feed | Delivery], ids: Iterable[int]
) -> set[int]:
    """Which of `ids` are still there. Asked of the table: no objects are wanted."""
    wanted, found, column = list(ids), set[int](), table_of(model).c.id
    for start in range(0, len(wanted), IDS_A_QUERY):
        part = wanted[start : start + IDS_A_QUERY]
        found.update(connection.scalars(sa.select(column).where(column.in_(part))))
    return found


def insert_rows(
    connection: sa.Connection, model: type[Base], rows: Sequence[dict[str, Any]]
) -> None:
    execute_many(connection, sa.insert(table_of(model)), rows)


def execute_many(
    connection: sa.Connection, statement: sa.Executable, rows: Sequence[dict[str, Any]]
) -> None:
    if rows:
        connection.execute(statement, rows)
