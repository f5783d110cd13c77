"""An inventory as rows of a table, a row for each feed. It reads nothing and writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

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
from registry.security.redaction import redacted_text
from registry.transfer.cells import written
from registry.transfer.columns import CAMERA_REFERENCES, COLUMNS, Column

WRITTEN = [
    column
    for column in COLUMNS
    if not column.is_short and column.name not in ("username", "password")
]
Row = dict[str, str]


def camera_rows(inventory: Inventory, codes: Iterable[str]) -> list[Row]:
    """A row for each feed of these cameras, and for each camera without."""
    return list(_Rows(inventory).cameras(codes))


def camera_places(inventory: Inventory, codes: Iterable[str]) -> list[Row]:
    """Each of these cameras once, without what comes out of it."""
    return list(_Rows(inventory).places(codes))


def things(inventory: Inventory, what: What, codes: Iterable[str]) -> list[Row]:
    """What is no camera, with its own columns only; what is out of use is left out."""
    found = (inventory.records[what][code,] for code in codes)
    return [_cells(what, each) for each in found if not is_retired(each)]


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

    def cameras(self, codes: Iterable[str]) -> Iterator[Row]:
        for key, camera in self._chosen(codes):
            common = self._camera(key, camera)
            ends = list(self._ends(camera.code))
            yield from ({column.name: "" for column in WRITTEN} | common | end for end in ends)

    def places(self, codes: Iterable[str]) -> Iterator[Row]:
        return (self._camera(key, camera) for key, camera in self._chosen(codes))

    def _chosen(self, codes: Iterable[str]) -> Iterator[tuple[Key, CameraRecord]]:
        cameras = self._inventory.records[What.CAMERA]
        for code in codes:
            if isinstance(camera := cameras[code,], CameraRecord):
                yield (code,), camera

    def _camera(self, key: Key, camera: CameraRecord) -> Row:
        cells = _cells(What.CAMERA, camera)
        for name in CAMERA_REFERENCES:
            if (code := getattr(camera, name)) is not None:
                cells |= self._place(What(name), code)
        if (device := self._inventory.records[What.DEVICE].get(key)) is not None:
            cells |= _cells(What.DEVICE, device)
        return cells

    def _ends(self, camera: str) -> Iterator[Row]:
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

    def _delivery(self, center: str, delivery: DeliveryRecord | None) -> Row:
        cells = self._place(What.CENTER, center)
        return cells if delivery is None else cells | _cells(What.DELIVERY, delivery)

    def _credential(self, code: str | None) -> Row:
        credential = self._inventory.records[What.CREDENTIAL].get((code or "",))
        if not isinstance(credential, CredentialRecord):
            return {}
        return {"basic": written(credential.allow_basic)}

    def _place(self, what: What, code: str) -> Row:
        return _cells(what, self._inventory.records[what][code,])


def _feed(feed: FeedRecord) -> Row:
    # What our doors let in holds no secret; a row that came in by none may.
    return _cells(What.FEED, feed) | {"url": redacted_text(feed.url)}


def _cells(what: What, record: Record) -> Row:
    """The columns that one record fills."""
    return {
        column.name: written(getattr(record, column.field))
        for column in _columns_of(what)
        if column.field is not None
    }


def _columns_of(what: What) -> Iterable[Column]:
    return (column for column in WRITTEN if column.what is what)
