"""Writes changes as rows, whatever made them: an import, the API, an undo. It decides nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from registry.changing.inventory import (
    FIELDS,
    RECORDS,
    REFERENCES,
    AreaRecord,
    AssignmentRecord,
    Change,
    CredentialRecord,
    DeviceRecord,
    FeedRecord,
    Key,
    Record,
    What,
    references,
)
from registry.changing.known import CODES_A_QUERY, HEADS
from registry.models import Area, Base, Camera, Center, Delivery, Device, Feed
from registry.security.sealing import Sealer

Progress: TypeAlias = Callable[[int, int, str], None]

SLICE = 500
_ORDER = {what: place for place, what in enumerate(What)}


async def write_changes(
    session: AsyncSession,
    changes: Sequence[Change],
    sealer: Sealer,
    now: datetime,
    progress: Progress | None = None,
) -> None:
    """In the order of their kinds, removals last and backwards, in the session's transaction."""
    writer = _Writer(await session.connection(), sealer, now, _named(changes))
    kept = [change for change in changes if change.after is not None]
    done = 0
    for what, group in groupby(sorted(kept, key=_rank), key=lambda change: change.what):
        some = list(group)
        for batch in _batches(what, some):
            await writer.write(what, batch)
            done += len(batch)
            if progress is not None:
                progress(done, len(changes), f"writing {what} records")
        if what is What.FEED:
            await writer.chain(some)
    gone = [change for change in changes if change.after is None]
    for what, group in groupby(sorted(gone, key=_rank, reverse=True), key=lambda each: each.what):
        await writer.remove(what, [change.key for change in group])


def _named(changes: Iterable[Change]) -> defaultdict[What, set[str]]:
    """The heads of all keys that are written or referred to."""
    named: defaultdict[What, set[str]] = defaultdict(set)
    for change in changes:
        named[change.what].add(change.key[0])
        if change.after is not None:
            for _, target, code in references(change.after):
                named[target].add(code)
    return named


def _rank(change: Change) -> int:
    return _ORDER[change.what]


def _batches(what: What, changes: list[Change]) -> Iterator[list[Change]]:
    size = 1 if what is What.AREA else SLICE  # areas one by one, parents first
    changes.sort(key=lambda change: change.key)
    for start in range(0, len(changes), size):
        yield changes[start : start + size]


class _Writer:
    def __init__(
        self,
        connection: AsyncConnection,
        sealer: Sealer,
        now: datetime,
        named: Mapping[What, set[str]],
    ) -> None:
        self._connection = connection
        self._sealer = sealer
        self._now = now
        self._named = named
        self._ids: dict[What, dict[Key, int]] = {}

    async def write(self, what: What, changes: Sequence[Change]) -> None:
        created = {c.key: c.after for c in changes if c.before is None and c.after is not None}
        changed = {c.key: c.after for c in changes if c.before is not None and c.after is not None}
        await self._know(*_referred(what))
        if changed:
            await self._know(what)
        if what is What.DEVICE:
            swapped = {change.key for change in changes if _is_swap(change)}
            await self._take_away({key: changed[key] for key in swapped})
            created |= {key: changed.pop(key) for key in swapped}
        await self._update(what, changed)
        await self._insert(what, list(created.values()))

    async def remove(self, what: What, keys: Sequence[Key]) -> None:
        """What a camera holds goes with it, so it is there to be removed before the camera is."""
        await self._know(what)
        if what is What.FEED:
            rows = [{"row_id": self._ids[what][key]} for key in keys]
            await self._update_rows(what, {"taken_from_id": sa.null()}, rows)
        table = table_of(what)
        statement = sa.delete(table).where(table.c.id == sa.bindparam("row_id"))
        await self._connection.execute(statement, [{"row_id": self._ids[what][k]} for k in keys])
        self._ids.pop(what)

    async def chain(self, feeds: Sequence[Change]) -> None:
        """Links between feeds come last, when all of them have their ids."""
        linked = [feed for feed in map(_linked_anew, feeds) if feed is not None]
        if not linked:
            return
        await self._know(What.FEED)
        ids = self._ids[What.FEED]
        links = [
            {
                "row_id": ids[feed.camera, feed.name],
                "source": ids[feed.camera, feed.taken_from] if feed.taken_from else None,
            }
            for feed in linked
        ]
        source = sa.bindparam("source", type_=sa.Integer())
        await self._update_rows(What.FEED, {"taken_from_id": source}, links)

    async def _know(self, *kinds: What) -> None:
        for what in kinds:
            if what not in self._ids:
                ids, named = ids_of(what), self._named[what]
                if len(named) <= CODES_A_QUERY:
                    ids = ids.where(HEADS[what].in_(named))
                rows = await self._connection.execute(ids)
                self._ids[what] = {tuple(key): row_id for row_id, *key in rows}

    async def _take_away(self, successors: Mapping[Key, Record]) -> None:
        """A device was there until the day its successor came."""
        rows = [
            {"row_id": self._ids[What.DEVICE][key], "until": successor.installed_from}
            for key, successor in successors.items()
            if isinstance(successor, DeviceRecord)
        ]
        if rows:
            until = sa.bindparam("until", type_=sa.Date())
            await self._update_rows(What.DEVICE, {"installed_to": until}, rows)

    async def _insert(self, what: What, records: Sequence[Record]) -> None:
        if not records:
            return
        rows = [self._columns(what, record) for record in records]
        await self._connection.execute(sa.insert(table_of(what)), rows)
        self._ids.pop(what, None)

    async def _update(self, what: What, records: Mapping[Key, Record]) -> None:
        by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for key, record in records.items():  # one that does not open keeps its seal: columns differ
            columns = self._columns(what, record)
            row = {f"new_{name}": value for name, value in columns.items()}
            by_columns[*columns].append(row | {"row_id": self._ids[what][key]})
        for names, rows in by_columns.items():
            await self._update_rows(what, {n: sa.bindparam(f"new_{n}") for n in names}, rows)

    async def _update_rows(
        self, what: What, values: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
    ) -> None:
        table = table_of(what)
        statement = sa.update(table).where(table.c.id == sa.bindparam("row_id")).values(**values)
        await self._connection.execute(statement, rows)

    def _columns(self, what: What, record: Record) -> dict[str, Any]:
        columns = {name: getattr(record, name) for name in FIELDS[type(record)]}
        for name, target in REFERENCES.items():
            if name in columns:
                code = columns.pop(name)
                columns[f"{name}_id"] = None if code is None else self._ids[target][code,]
        if "retired" in columns:
            columns["retired_at"] = self._now if columns.pop("retired") else None
        if isinstance(record, AssignmentRecord):
            columns["hops"] = [hop.value for hop in record.hops]
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


def _linked_anew(change: Change) -> FeedRecord | None:
    """A feed that is taken from another one than before; a new one was from none."""
    source: str | None = getattr(change.before, "taken_from", None)
    after = change.after
    return after if isinstance(after, FeedRecord) and after.taken_from != source else None


def _is_swap(change: Change) -> bool:
    before, after = change.before, change.after
    if not isinstance(before, DeviceRecord) or not isinstance(after, DeviceRecord):
        return False
    return bool(before.serial) and bool(after.serial) and before.serial != after.serial


def table_of(what: What) -> sa.Table:
    return Base.metadata.tables[what.value]


def _referred(what: What) -> set[What]:
    """The kinds of things whose ids a row of this kind holds."""
    fields = FIELDS[RECORDS[what]]
    referred = {target for name, target in REFERENCES.items() if name in fields}
    return referred | {What.AREA} if what is What.AREA else referred


def ids_of(what: What) -> sa.Select[*tuple[Any, ...]]:
    """A thing's id and its natural key."""
    if what in _IDS:
        return _IDS[what]
    table = table_of(what)
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
