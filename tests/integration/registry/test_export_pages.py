"""An export holds a page of the registry at a time, however large the registry is."""

from __future__ import annotations

import gc
import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from registry.changing.inventory import CameraRecord, FeedRecord, SiteRecord
from registry.database import Database
from registry.models import Camera, Site
from registry.transfer import Format, write_export
from registry.vocabulary import Sector
from tests.fakes.clock import FakeClock
from tests.fakes.estate import Estate

PAGE = 3
HELD = (CameraRecord, FeedRecord, SiteRecord, sa.Row)


@contextmanager
def most_held() -> Iterator[list[int]]:
    """How many things of the registry were alive whenever the database was asked again."""
    counts: list[int] = []
    gc.collect()
    gc.freeze()  # what is here already is not looked at again and again

    def count(*_: object) -> None:
        counts.append(sum(isinstance(each, HELD) for each in gc.get_objects()))

    sa.event.listen(sa.Engine, "after_cursor_execute", count)
    try:
        yield counts
    finally:
        sa.event.remove(sa.Engine, "after_cursor_execute", count)
        gc.unfreeze()


async def plant(database: Database, clock: FakeClock, numbers: range) -> None:
    async with database.write() as session:
        estate = Estate(session, clock.now())
        if not numbers.start:
            await estate.places()
        for number in numbers:
            await estate.camera(f"N{number:03}", state=None)
            site = Site(code=f"s{number:03}", name="", sector=Sector.STREET, area_id=2)
            session.add(site)


@pytest.mark.timeout(90)  # what is held is counted at each question to the database
@pytest.mark.parametrize("form", [Format.CSV, Format.XLSX, Format.GEOJSON])
async def test_an_export_of_more_cameras_holds_no_more_of_them(
    database: Database, clock: FakeClock, form: Format
):
    most, rows = [], 0
    for numbers in (range(2 * PAGE), range(2 * PAGE, 6 * PAGE)):
        await plant(database, clock, numbers)
        with most_held() as counts:
            rows = await export(database, clock, form)
        most.append(max(counts))

    assert rows >= 6 * PAGE
    assert most[1] <= most[0]


async def export(database: Database, clock: FakeClock, form: Format) -> int:
    out, cameras = io.BytesIO(), sa.select(Camera.code)
    async with database.read() as session:
        rows = await write_export(
            session,
            out,
            form,
            cameras,
            who="duty",
            at=clock.now(),
            others=lambda _: sa.true(),
            page=PAGE,
        )
    assert b"duty" in out.getvalue() or form is Format.XLSX
    return rows
