"""The registry as a file that imports back as an empty plan. It carries no secret."""

from __future__ import annotations

import asyncio
import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TextIO

from registry.changing.inventory import (
    CameraRecord,
    CredentialRecord,
    DeliveryRecord,
    FeedRecord,
    Inventory,
    Key,
    Record,
    What,
)
from registry.changing.known import load_inventory
from registry.clock import Clock
from registry.database import Database
from registry.security.audit import record
from registry.transfer.cells import written
from registry.transfer.columns import CAMERA_REFERENCES, COLUMNS, PLACE_KEYS, Column

_WRITTEN = [column for column in COLUMNS if column.name not in ("username", "password")]
_SLICE = 1_000


async def export_csv(database: Database, out: TextIO, *, who: str, clock: Clock) -> int:
    """Write the whole registry to `out`; how many rows. That somebody took it away is audited."""
    async with database.read() as session:
        inventory = await load_inventory(session, None)
    rows = await asyncio.to_thread(_write, inventory, out)
    async with database.write() as session:
        await record(session, who, "export", f"{rows} rows", {}, clock.now())
    return rows


def _write(inventory: Inventory, out: TextIO) -> int:
    writer = csv.DictWriter(out, [column.name for column in _WRITTEN], lineterminator="\r\n")
    writer.writeheader()
    count = 0
    for row in export_rows(inventory):
        writer.writerow(row)
        count += 1
    return count


def export_rows(inventory: Inventory) -> Iterator[dict[str, str]]:
    """Places that no camera names first, then a row for each feed, and for each camera without."""
    rows = list(_Rows(inventory).cameras())
    named = {(what, row[column]) for row in rows for what, column in PLACE_KEYS.items()}
    for what in PLACE_KEYS:
        for key, place in sorted(inventory.records[what].items()):
            if (what, written(key[0])) not in named:
                yield _cells(what, place)
    yield from rows


class _Rows:
    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._feeds: dict[str, list[FeedRecord]] = defaultdict(list)
        self._deliveries: dict[str, list[DeliveryRecord]] = defaultdict(list)
        for feed in inventory.records[What.FEED].values():
            if isinstance(feed, FeedRecord):
                self._feeds[feed.camera].append(feed)
        for delivery in inventory.records[What.DELIVERY].values():
            if isinstance(delivery, DeliveryRecord):
                self._deliveries[delivery.camera].append(delivery)

    def cameras(self) -> Iterator[dict[str, str]]:
        for key, camera in sorted(self._inventory.records[What.CAMERA].items()):
            if isinstance(camera, CameraRecord):
                common = self._camera(key, camera)
                ends = list(self._ends(camera.code))
                yield from ({column.name: "" for column in _WRITTEN} | common | end for end in ends)

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
            cells = _cells(What.FEED, feed) | self._credential(feed.credential)
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


def _cells(what: What, record: Record) -> dict[str, str]:
    """The columns that one record fills."""
    return {
        column.name: written(getattr(record, column.field))
        for column in _columns_of(what)
        if column.field is not None
    }


def _columns_of(what: What) -> Iterable[Column]:
    return (column for column in _WRITTEN if column.what is what)
