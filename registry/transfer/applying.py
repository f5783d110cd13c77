"""Carries out a plan in one transaction: all of it, or nothing. It decides nothing about a file."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from registry.clock import Clock
from registry.database import Database, bump_revision, current_revision
from registry.models import Area, Base, Camera, Center, Delivery, Device, Feed
from registry.search import refresh_search
from registry.security.audit import record
from registry.security.sealing import Sealer
from registry.transfer.inventory import (
    RECORDS,
    AreaRecord,
    CredentialRecord,
    DeviceRecord,
    FeedRecord,
    Key,
    Record,
    What,
)
from registry.transfer.plan import Change, Plan

Progress: TypeAlias = Callable[[int, int, str], None]

SLICE = 500

# Fields that refer to another thing, and the column that holds its id.
_REFERENCES: dict[str, tuple[str, What]] = {
    "area": ("area_id", What.AREA),
    "site": ("site_id", What.SITE),
    "system": ("system_id", What.SYSTEM),
    "recorder": ("recorder_id", What.RECORDER),
    "program": ("program_id", What.PROGRAM),
    "camera": ("camera_id", What.CAMERA),
    "center": ("center_id", What.CENTER),
    "delivers_to": ("delivers_to_id", What.CENTER),
    "credential": ("credential_id", What.CREDENTIAL),
}


class PlanOutdated(Exception):
    """The registry was written since the plan was made: make it again."""


async def apply_plan(
    database: Database,
    plan: Plan,
    *,
    sealer: Sealer,
    clock: Clock,
    who: str = "import",
    progress: Progress | None = None,
) -> None:
    """Write the plan, bump the revision once, leave an audit entry; nothing if it is empty."""
    if plan.is_empty:
        return
    async with database.write() as session:
        await bump_revision(session)  # first: where many processes write, it holds the others off
        seen = await current_revision(session) - 1
        if seen != plan.revision:
            raise PlanOutdated(f"the registry is at revision {seen}, the plan at {plan.revision}")
        writer = _Writer(await session.connection(), sealer, clock.now())
        done = 0
        for what, group in groupby(plan.changes, key=lambda change: change.what):
            changes = list(group)
            for batch in _batches(what, changes):
                await writer.write(what, batch)
                done += len(batch)
                if progress is not None:
                    progress(done, len(plan.changes), f"writing {what} records")
            if what is What.FEED:
                await writer.chain(changes)
        await _finish(session, plan, who, clock.now())


async def _finish(session: AsyncSession, plan: Plan, who: str, now: datetime) -> None:
    await refresh_search(session)
    detail = {
        what.value: {"created": created, "changed": changed}
        for what, (created, changed, _) in plan.counts().items()
        if created or changed
    }
    await record(session, who, "import", f"{plan.rows} rows", detail, now)


def _batches(what: What, changes: list[Change]) -> Iterator[list[Change]]:
    size = 1 if what is What.AREA else SLICE  # areas one by one, parents first
    changes.sort(key=lambda change: change.key)
    for start in range(0, len(changes), size):
        yield changes[start : start + size]


class _Writer:
    def __init__(self, connection: AsyncConnection, sealer: Sealer, now: datetime) -> None:
        self._connection = connection
        self._sealer = sealer
        self._now = now
        self._ids: dict[What, dict[Key, int]] = {}

    async def write(self, what: What, changes: Sequence[Change]) -> None:
        created = [change for change in changes if change.before is None]
        changed = [change for change in changes if change.before is not None]
        await self._know(*_referred(what))
        if changed:
            await self._know(what)
        if what is What.DEVICE:
            created, changed = await self._retire_swapped(created, changed)
        await self._update(what, changed)
        await self._insert(what, [change.after for change in created])

    async def chain(self, feeds: Sequence[Change]) -> None:
        """Links between feeds come last, when all of them have their ids."""
        await self._know(What.FEED)
        ids = self._ids[What.FEED]
        links = [
            {
                "row_id": ids[feed.camera, feed.name],
                "source": ids[feed.camera, feed.taken_from] if feed.taken_from else None,
            }
            for feed in (change.after for change in feeds)
            if isinstance(feed, FeedRecord)
        ]
        source = sa.bindparam("source", type_=sa.Integer())
        await self._update_rows(What.FEED, {"taken_from_id": source}, links)

    async def _know(self, *kinds: What) -> None:
        for what in kinds:
            if what not in self._ids:
                rows = await self._connection.execute(_ids_of(what))
                self._ids[what] = {tuple(key): row_id for row_id, *key in rows}

    async def _retire_swapped(
        self, created: list[Change], changed: list[Change]
    ) -> tuple[list[Change], list[Change]]:
        swapped = [change for change in changed if _is_swap(change)]
        rows = [
            {"row_id": self._ids[What.DEVICE][change.key], "until": change.after.installed_from}
            for change in swapped
            if isinstance(change.after, DeviceRecord)
        ]
        if rows:
            until = sa.bindparam("until", type_=sa.Date())
            await self._update_rows(What.DEVICE, {"installed_to": until}, rows)
        return created + swapped, [change for change in changed if not _is_swap(change)]

    async def _insert(self, what: What, records: Sequence[Record]) -> None:
        if not records:
            return
        rows = [self._columns(what, record) for record in records]
        await self._connection.execute(sa.insert(_table(what)), rows)
        self._ids.pop(what, None)

    async def _update(self, what: What, changes: Sequence[Change]) -> None:
        by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for change in changes:  # a credential that does not open keeps its seal, so columns differ
            columns = self._columns(what, change.after)
            row = {f"new_{name}": value for name, value in columns.items()}
            by_columns[*columns].append(row | {"row_id": self._ids[what][change.key]})
        for names, rows in by_columns.items():
            await self._update_rows(what, {n: sa.bindparam(f"new_{n}") for n in names}, rows)

    async def _update_rows(
        self, what: What, values: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
    ) -> None:
        table = _table(what)
        statement = sa.update(table).where(table.c.id == sa.bindparam("row_id")).values(**values)
        await self._connection.execute(statement, rows)

    def _columns(self, what: What, record: Record) -> dict[str, Any]:
        columns = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
        for name in [name for name in columns if name in _REFERENCES]:
            column, target = _REFERENCES[name]
            code = columns.pop(name)
            columns[column] = None if code is None else self._ids[target][code,]
        columns.pop("taken_from", None)
        if isinstance(record, AreaRecord):
            columns["parent_id"] = self._ids[what][record.parent,] if record.parent else None
        if isinstance(record, CredentialRecord):
            self._seal(columns, record)
        return columns

    def _seal(self, columns: dict[str, Any], record: CredentialRecord) -> None:
        login = columns.pop("login")
        if login is not None:
            columns["sealed"] = self._sealer.seal(login)
        columns["hosts"] = list(record.hosts)
        columns["changed_at"] = self._now


def _is_swap(change: Change) -> bool:
    before, after = change.before, change.after
    if not isinstance(before, DeviceRecord) or not isinstance(after, DeviceRecord):
        return False
    return bool(before.serial) and bool(after.serial) and before.serial != after.serial


def _table(what: What) -> sa.Table:
    return Base.metadata.tables[what.value]


def _referred(what: What) -> set[What]:
    """The kinds of things whose ids a row of this kind holds."""
    fields = {field.name for field in dataclasses.fields(RECORDS[what])}
    referred = {target for name, (_, target) in _REFERENCES.items() if name in fields}
    return referred | {What.AREA} if what is What.AREA else referred


def _ids_of(what: What) -> sa.Select[*tuple[Any, ...]]:
    """A thing's id and its natural key."""
    if what in _IDS:
        return _IDS[what]
    table = _table(what)
    return sa.select(table.c.id, table.c.code)


_IDS: dict[What, sa.Select[*tuple[Any, ...]]] = {
    What.AREA: sa.select(Area.id, Area.path),
    What.DEVICE: sa.select(Device.id, Camera.code)
    .join(Camera, Camera.id == Device.camera_id)
    .where(Device.installed_to.is_(None))
    .order_by(Device.id),
    What.FEED: sa.select(Feed.id, Camera.code, Feed.name).join(Camera, Camera.id == Feed.camera_id),
    What.DELIVERY: sa.select(Delivery.id, Camera.code, Center.code)
    .join(Camera, Camera.id == Delivery.camera_id)
    .join(Center, Center.id == Delivery.center_id),
}
