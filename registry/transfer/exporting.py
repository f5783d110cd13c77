"""The registry as a file that imports back as an empty plan, page by page. It carries no secret."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO, Final, Protocol, assert_never

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.changing.inventory import What
from registry.changing.known import HEADS, load_some, model_of
from registry.changing.sight import Sight
from registry.clock import Clock
from registry.database import Database, current_revision
from registry.models import Camera, Delivery, Feed
from registry.security.audit import record
from registry.transfer.columns import PLACE_KEYS
from registry.transfer.csv_out import CsvFile
from registry.transfer.export_rows import WRITTEN, Row, camera_places, camera_rows, things
from registry.transfer.geojson_out import GeojsonFile
from registry.transfer.taken import Taken

PAGE: Final = 1_000  # cameras, or other things, that are held at once
_OF_A_CAMERA: Final = (What.CAMERA, What.DEVICE, What.FEED, What.DELIVERY)
Codes = sa.Select[str]


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    GEOJSON = "geojson"  # of the cameras only: where they are and where they look


class Writing(Protocol):
    """A file under way; its rows come page by page."""

    def add(self, rows: Iterable[Row]) -> None: ...

    def finish(self) -> None: ...


async def export_inventory(
    database: Database, out: BinaryIO, form: Format, *, who: str, clock: Clock
) -> int:
    """Write the registry to `out`; how many rows. That somebody took it away is audited."""
    now = clock.now()
    async with database.read() as session:
        cameras = sa.select(Camera.code)
        rows = await write_export(session, out, form, cameras, who=who, at=now, others=_everything)
    async with database.write() as session:
        await record(session, who, "export", f"{rows} rows as {form}", {}, now)
    return rows


async def write_export(
    session: AsyncSession,
    out: BinaryIO,
    form: Format,
    cameras: Codes,
    *,
    who: str,
    at: datetime,
    others: Sight | None = None,
    page: int = PAGE,
) -> int:
    """These cameras and the places they name; with `others` first what no camera names and this
    lets see. How many rows. Nothing is audited here.
    """
    taken = Taken(who, at, await current_revision(session))
    file = await asyncio.to_thread(_begun, form, taken, out)
    count = 0
    if others is not None and form is not Format.GEOJSON:
        for what in PLACE_KEYS:
            async for codes in _pages(session, _unnamed(what, others), page):
                inventory = await load_some(session, {what: codes}, None)
                count += await _add(file, things(inventory, what, codes))
    rows_of = camera_places if form is Format.GEOJSON else camera_rows
    async for codes in _pages(session, cameras.order_by(Camera.code), page):
        inventory = await load_some(session, dict.fromkeys(_OF_A_CAMERA, codes), None)
        count += await _add(file, await asyncio.to_thread(rows_of, inventory, codes))
    await asyncio.to_thread(file.finish)
    return count


def _begun(form: Format, taken: Taken, out: BinaryIO) -> Writing:
    match form:
        case Format.CSV:
            return CsvFile(WRITTEN, taken, out)
        case Format.XLSX:
            # Here and not above: a service that never writes one does without 18 MB of library.
            from registry.transfer.workbook_out import WorkbookFile

            return WorkbookFile(WRITTEN, taken, out)
        case Format.GEOJSON:
            return GeojsonFile(taken, out)
        case _:
            assert_never(form)


async def _add(file: Writing, rows: Sequence[Row]) -> int:
    await asyncio.to_thread(file.add, rows)
    return len(rows)


async def _pages(session: AsyncSession, codes: Codes, page: int) -> AsyncIterator[Sequence[str]]:
    """From a cursor of the database: the question is asked once, however long the answer."""
    found = await session.stream_scalars(codes, execution_options={"yield_per": page})
    async for some in found.partitions(page):
        yield some


def _everything(_model: Any) -> sa.ColumnElement[bool]:
    return sa.true()


def _unnamed(what: What, sight: Sight) -> Codes:
    """Those whose code stands on no row of a camera."""
    model: Any = model_of(what)
    found = sa.select(HEADS[what]).where(sight(model)).order_by(HEADS[what])
    for holder in _holders(what):
        found = found.where(model.id.not_in(holder))
    return found


def _holders(what: What) -> Iterable[sa.Select[Any]]:
    match what:
        case What.AREA:
            return [sa.select(Camera.area_id)]
        case What.SITE | What.SYSTEM | What.RECORDER | What.PROGRAM:
            column = getattr(Camera, f"{what}_id")
            return [sa.select(column).where(column.is_not(None))]
        case What.CENTER:
            delivered = sa.select(Feed.delivers_to_id).where(Feed.delivers_to_id.is_not(None))
            owed = sa.select(Delivery.center_id)
            return [
                delivered.where(Feed.retired_at.is_(None)),
                owed.where(Delivery.retired_at.is_(None)),
            ]
        case _:
            return []
