"""The registry as a file that imports back as an empty plan. It carries no secret."""

from __future__ import annotations

import asyncio
import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, assert_never

from sqlalchemy.ext.asyncio import AsyncSession

from registry.changing.inventory import (
    CameraRecord,
    CredentialRecord,
    DeliveryRecord,
    FeedRecord,
    Inventory,
    Key,
    Record,
    What,
    is_retired,
)
from registry.changing.known import load_inventory
from registry.clock import Clock
from registry.database import Database
from registry.security.audit import record
from registry.security.redaction import redacted_text
from registry.transfer.cells import written
from registry.transfer.columns import CAMERA_REFERENCES, COLUMNS, PLACE_KEYS, Column
from registry.transfer.geojson_out import write_geojson
from registry.transfer.taken import Taken
from registry.transfer.workbook_out import write_workbook

WRITTEN = [
    column
    for column in COLUMNS
    if not column.is_short and column.name not in ("username", "password")
]


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    GEOJSON = "geojson"  # of the cameras only: where they are and where they look


async def export_inventory(
    database: Database, out: BinaryIO, form: Format, *, who: str, clock: Clock
) -> int:
    """Write the registry to `out`; how many rows. That somebody took it away is audited."""
    now = clock.now()
    async with database.read() as session:
        rows = await write_export(session, out, form, who=who, at=now)
    async with database.write() as session:
        await record(session, who, "export", f"{rows} rows as {form}", {}, now)
    return rows


async def write_export(
    session: AsyncSession,
    out: BinaryIO,
    form: Format,
    *,
    who: str,
    at: datetime,
    only: frozenset[str] | None = None,
) -> int:
    """`only`: these cameras and the places they name. Nothing is audited here."""
    inventory = await load_inventory(session, None)
    taken = Taken(who, at, inventory.revision)
    return await asyncio.to_thread(_write, form, inventory, only, taken, out)


def _write(
    form: Format, inventory: Inventory, only: frozenset[str] | None, taken: Taken, out: BinaryIO
) -> int:
    match form:
        case Format.CSV:
            return _write_csv(export_rows(inventory, only), taken, out)
        case Format.XLSX:
            return write_workbook(WRITTEN, export_rows(inventory, only), taken, out)
        case Format.GEOJSON:
            return write_geojson(_Rows(inventory).places(only), taken, out)
        case _:
            assert_never(form)


def _write_csv(rows: Iterable[dict[str, str]], taken: Taken, out: BinaryIO) -> int:
    text = io.TextIOWrapper(out, "utf-8", newline="")
    writer = csv.DictWriter(text, [column.name for column in WRITTEN], lineterminator="\r\n")
    writer.writeheader()
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    writer.writerow({WRITTEN[0].name: taken.watermark})
    text.detach()
    return count


def export_rows(
    inventory: Inventory, only: frozenset[str] | None = None
) -> Iterator[dict[str, str]]:
    """Places that no camera names first, then a row for each feed, and for each camera without."""
    if only is not None:
        yield from _Rows(inventory).cameras(only)
        return
    rows = list(_Rows(inventory).cameras())
    named = {(what, row[column]) for row in rows for what, column in PLACE_KEYS.items()}
    for what in PLACE_KEYS:
        for key, place in sorted(inventory.records[what].items()):
            if (what, written(key[0])) not in named and not is_retired(place):
                yield _cells(what, place)
    yield from rows


class _Rows:
    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._feeds: dict[str, list[FeedRecord]] = defaultdict(list)
        self._deliveries: dict[str, list[DeliveryRecord]] = defaultdict(list)
        for feed in inventory.records[What.FEED].values():
            if isinstance(feed, FeedRecord) and not feed.retired:
                self._feeds[feed.camera].append(feed)
        for delivery in inventory.records[What.DELIVERY].values():
            if isinstance(delivery, DeliveryRecord) and not delivery.retired:
                self._deliveries[delivery.camera].append(delivery)

    def cameras(self, only: frozenset[str] | None = None) -> Iterator[dict[str, str]]:
        for key, camera in self._chosen(only):
            common = self._camera(key, camera)
            ends = list(self._ends(camera.code))
            yield from ({column.name: "" for column in WRITTEN} | common | end for end in ends)

    def places(self, only: frozenset[str] | None = None) -> Iterator[dict[str, str]]:
        """Each camera once, without what comes out of it."""
        return (self._camera(key, camera) for key, camera in self._chosen(only))

    def _chosen(self, only: frozenset[str] | None) -> Iterator[tuple[Key, CameraRecord]]:
        for key, camera in sorted(self._inventory.records[What.CAMERA].items()):
            if isinstance(camera, CameraRecord) and (only is None or camera.code in only):
                yield key, camera

    def _camera(self, key: Key, camera: CameraRecord) -> dict[str, str]:
        cells = _cells(What.CAMERA, camera)
        for name in CAMERA_REFERENCES:
            if (code := getattr(camera, name)) is not None:
                cells |= self._place(What(name), code)
        if (device := self._inventory.records[What.DEVICE].get(key)) is not None:
            cells |= _cells(What.DEVICE, device)
        return cells

    def _ends(self, camera: str) -> Iterator[dict[str, str]]:
        """What tells the rows of one camera apart: its feeds, then centers no feed reaches yet."""
        deliveries = {each.center: each for each in self._deliveries[camera]}
        feeds = sorted(self._feeds[camera], key=lambda feed: feed.name)
        for feed in feeds:
            cells = _feed(feed) | self._credential(feed.credential)
            if feed.delivers_to is not None:
                cells |= self._delivery(feed.delivers_to, deliveries.pop(feed.delivers_to, None))
            yield cells
        for center, delivery in sorted(deliveries.items()):
            yield self._delivery(center, delivery)
        if not feeds and not deliveries:
            yield {}

    def _delivery(self, center: str, delivery: DeliveryRecord | None) -> dict[str, str]:
        cells = self._place(What.CENTER, center)
        return cells if delivery is None else cells | _cells(What.DELIVERY, delivery)

    def _credential(self, code: str | None) -> dict[str, str]:
        credential = self._inventory.records[What.CREDENTIAL].get((code or "",))
        if not isinstance(credential, CredentialRecord):
            return {}
        return {"basic": written(credential.allow_basic)}

    def _place(self, what: What, code: str) -> dict[str, str]:
        return _cells(what, self._inventory.records[what][code,])


def _feed(feed: FeedRecord) -> dict[str, str]:
    # What our doors let in holds no secret; a row that came in by none may.
    return _cells(What.FEED, feed) | {"url": redacted_text(feed.url)}


def _cells(what: What, record: Record) -> dict[str, str]:
    """The columns that one record fills."""
    return {
        column.name: written(getattr(record, column.field))
        for column in _columns_of(what)
        if column.field is not None
    }


def _columns_of(what: What) -> Iterable[Column]:
    return (column for column in WRITTEN if column.what is what)
