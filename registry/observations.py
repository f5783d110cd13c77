"""Plain frozen values from the monitor -> rows, in batches. It decides nothing of their meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from registry.database import Database, upsert
from registry.history import (
    existing,
    insert_rows,
    row_of_heartbeat,
    rows_of_deliveries,
    rows_of_feeds,
    write_history,
)
from registry.models import Delivery, Event, Feed
from registry.observed import DeliveryObservation, FeedObservation, Happening


class FeedSource(Protocol):
    """Who knows of a feed what there is to write when the batch is made."""

    def observation(self) -> FeedObservation: ...


class DeliverySource(Protocol):
    """The same of a delivery."""

    def observation(self) -> DeliveryObservation: ...


@dataclass(slots=True)
class Pending:
    """What waits for the next batch: who is to be asked for a status, and every transition."""

    feeds: dict[int, FeedSource] = field(default_factory=dict)
    deliveries: dict[int, DeliverySource] = field(default_factory=dict)
    happenings: list[Happening] = field(default_factory=list)
    events: list[tuple[datetime, str, dict[str, Any]]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.feeds) + len(self.deliveries) + len(self.happenings) + len(self.events)

    def asked(self) -> Batch:
        """What all of them say at this moment. A source may speak of another feed by now."""
        return Batch(
            {seen.feed_id: seen for seen in (each.observation() for each in self.feeds.values())},
            {
                seen.delivery_id: seen
                for seen in (each.observation() for each in self.deliveries.values())
            },
            self.happenings,
            self.events,
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """What is written in one transaction."""

    feeds: Mapping[int, FeedObservation]
    deliveries: Mapping[int, DeliveryObservation]
    happenings: Sequence[Happening]
    events: Sequence[tuple[datetime, str, dict[str, Any]]]


class ObservationWriter:
    """Collects observations; writes them once a second, with the heartbeat, in one transaction.

    A batch that fails stays pending and is tried again: statuses replace each other, so what waits
    is bounded by the estate; only transitions queue up, and a feed makes few of those a minute.
    """

    def __init__(self, database: Database, vantage_id: int, started_at: datetime) -> None:
        self._database = database
        self._vantage_id = vantage_id
        self._started_at = started_at
        self._pending = Pending()

    @property
    def waiting(self) -> int:
        return len(self._pending)

    def feed(self, feed_id: int, source: FeedSource) -> None:
        """It changed: the next batch asks it, however often it changes until then."""
        self._pending.feeds[feed_id] = source

    def delivery(self, delivery_id: int, source: DeliverySource) -> None:
        self._pending.deliveries[delivery_id] = source

    def happened(self, happening: Happening) -> None:
        self._pending.happenings.append(happening)

    def event(self, at: datetime, what: str, detail: Mapping[str, Any]) -> None:
        self._pending.events.append((at, what, dict(detail)))

    async def flush(self, now: datetime) -> int:
        """Write all that waits and the sign of life; returns how many values were written."""
        pending, self._pending = self._pending, Pending()
        try:
            batch = pending.asked()
            try:
                await self._write(batch, now)
            except IntegrityError:  # a feed is gone since it was looked at
                await self._write(batch, now, asking=True)
        except BaseException:
            self._put_back(pending)
            raise
        return len(pending)

    def _put_back(self, pending: Pending) -> None:
        newer = self._pending
        self._pending = Pending(
            {**pending.feeds, **newer.feeds},
            {**pending.deliveries, **newer.deliveries},
            [*pending.happenings, *newer.happenings],
            [*pending.events, *newer.events],
        )

    async def _write(self, batch: Batch, now: datetime, *, asking: bool = False) -> None:
        """`asking` who is still there, and leaving out rows without their owner: as every row
        refers to its owner, what a database refuses is the only news that one is gone.
        """

        def write(connection: sa.Connection) -> None:
            there = _of_those_there(connection, batch) if asking else batch
            self._write_all(connection, there, now)

        await self._database.batch(write, durable=bool(batch.happenings))

    def _write_all(self, connection: sa.Connection, batch: Batch, now: datetime) -> None:
        upsert(
            connection,
            rows_of_feeds(self._vantage_id, batch.feeds.values()),
            rows_of_deliveries(self._vantage_id, batch.deliveries.values()),
            row_of_heartbeat(self._vantage_id, self._started_at, now),
        )
        write_history(connection, self._vantage_id, batch.happenings)
        events = [
            {"at": at, "vantage_id": self._vantage_id, "what": what, "detail": detail}
            for at, what, detail in batch.events
        ]
        insert_rows(connection, Event, events)


def _of_those_there(connection: sa.Connection, batch: Batch) -> Batch:
    of_feeds = {h.owner for h in batch.happenings if h.of_feed}
    of_deliveries = {h.owner for h in batch.happenings if not h.of_feed}
    feeds = existing(connection, Feed, {*batch.feeds, *of_feeds})
    deliveries = existing(connection, Delivery, {*batch.deliveries, *of_deliveries})
    return Batch(
        {owner: seen for owner, seen in batch.feeds.items() if owner in feeds},
        {owner: seen for owner, seen in batch.deliveries.items() if owner in deliveries},
        [h for h in batch.happenings if h.owner in (feeds if h.of_feed else deliveries)],
        batch.events,
    )
