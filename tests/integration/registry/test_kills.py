"""Whatever is killed in the middle leaves nothing half done: imports and migrations."""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.database import Database, current_revision, file_of
from registry.migrations import VERSIONS, migrate, schema_at
from registry.models import Base, Camera, LoggedChange
from registry.security.sealing import Sealer

pytestmark = pytest.mark.timeout(120)

ROUNDS = 3
CAMERAS = 1_500

# Each child says when it begins to write, so that it is killed in the deed and not on the way.
IMPORTING = f"""
import asyncio, sys
from pathlib import Path
from registry.clock import SystemClock
from registry.database import Database
from registry.security.sealing import Sealer
from registry.transfer import apply_plan, plan_import

rows = ["camera,area,area_name,time_zone,kind,feed,url"]
for n in range({CAMERAS}):
    url = f"rtsp://u:p@198.18.{{n // 250}}.{{n % 250}}/1"
    rows.append(f"C-{{n}},reg,Region,Asia/Almaty,street,main,{{url}}")

async def main():
    database, clock = Database(sys.argv[1]), SystemClock()
    sealer = Sealer.from_file(Path(sys.argv[2]))
    plan = await plan_import(database, "\\n".join(rows).encode(), sealer=sealer, clock=clock)
    print("writing", flush=True)
    await apply_plan(database, plan, sealer=sealer, clock=clock)
    await database.close()

asyncio.run(main())
"""

MIGRATING = """
import sys
from registry.migrations import migrate
print("writing", flush=True)
migrate(sys.argv[1])
"""


async def killed(program: str, *arguments: str, after_s: float) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    assert await child.stdout.readline() == b"writing\n"
    try:
        async with asyncio.timeout(after_s):
            _ = await child.wait()
    except TimeoutError:
        child.kill()
    assert await child.wait() in (0, -signal.SIGKILL)


async def held(database: Database) -> tuple[int, int, int]:
    async with database.read() as session:
        cameras = await session.scalar(sa.select(sa.func.count()).select_from(Camera)) or 0
        logged = await session.scalar(sa.select(sa.func.count()).select_from(LoggedChange)) or 0
        return cameras, logged, await current_revision(session)


async def test_an_import_killed_anywhere_is_there_whole_or_not_at_all(
    database, database_url, sealer: Sealer, tmp_path
):
    """The delays are drawn: wherever the kill falls, both outcomes are the only ones."""
    moments = random.Random(4)

    for _ in range(ROUNDS):
        await killed(
            IMPORTING, database_url, str(tmp_path / "key"), after_s=moments.uniform(0.02, 0.6)
        )
        cameras, logged, revision = await held(database)
        assert (cameras, revision) in ((0, 0), (CAMERAS, 1))
        assert bool(logged) == bool(cameras)


async def test_a_migration_killed_anywhere_is_done_whole_or_not_at_all(databases, tmp_path):
    """What was killed leaves a schema of some version, and the next start brings it up."""
    moments = random.Random(5)

    with databases.blank(tmp_path) as url:
        for _ in range(ROUNDS):
            await killed(MIGRATING, url, after_s=moments.uniform(0.05, 0.8))
            schema = await asyncio.to_thread(schema_at, url)
            assert schema.found in (None, schema.needed)
        _ = await asyncio.to_thread(migrate, url)

        assert (await asyncio.to_thread(schema_at, url)).fits
        database = Database(url)
        for table in Base.metadata.tables.values():
            async with database.read() as session:
                _ = await session.execute(sa.select(sa.func.count()).select_from(table))
        await database.close()


FILLED = (
    "insert into area (id, path, name, kind, time_zone)"
    " values (1, 'reg', 'Region', 'region', 'Asia/Almaty')",
    "insert into contractor (id, code, name) values (1, 'firm', 'Firm')",
)
A_CAMERA = (
    "insert into camera (id, code, name, kind, importance, lifecycle, lifecycle_note, area_id,"
    " search) values (:id, :code, :code, 'yard', 'normal', 'installed', '', 1, 'ёлка')"
)
A_DESK = (
    "insert into contact (id, contractor_id, name, duty, phone, email)"
    " values (:id, 1, :code, '', '', '')"
)
COUNTED = ("camera", "contact", "area", "contractor")


def migrate_as_released(url: str, folder: Path) -> None:
    folder.mkdir()
    for file in VERSIONS.glob("000[1-3]_*.py"):
        shutil.copy(file, folder)
    migrate(url, (folder,))


async def fill_as_released(url: str, folder: Path) -> None:
    """What the first release that went out, schema 0003, made of a database, with rows in it."""
    await asyncio.to_thread(migrate_as_released, url, folder)
    rows = [{"id": n, "code": f"C-{n}"} for n in range(1, CAMERAS + 1)]
    database = Database(url)
    async with database.write() as session:
        for statement in FILLED:
            _ = await session.execute(sa.text(statement))
        for statement in (A_CAMERA, A_DESK):
            _ = await session.execute(sa.text(statement), rows)
    await database.close()


async def counted(url: str) -> list[int]:
    database = Database(url)
    async with database.read() as session:
        counts = [await session.scalar(sa.text(f"select count(*) from {t}")) for t in COUNTED]  # noqa: S608
    await database.close()
    return counts


async def test_a_filled_database_of_the_first_release_is_old_or_new_and_loses_no_row(
    databases, tmp_path
):
    moments = random.Random(6)

    with databases.blank(tmp_path) as url:
        await fill_as_released(url, tmp_path / "released")
        whole, schema = await counted(url), await asyncio.to_thread(schema_at, url)
        for _ in range(ROUNDS):
            await killed(MIGRATING, url, after_s=moments.uniform(0.05, 1.0))
            schema = await asyncio.to_thread(schema_at, url)
            assert schema.found in ("0003", schema.needed)
            assert await counted(url) == whole == [CAMERAS, CAMERAS, 1, 1]
            if schema.fits:
                break
        _ = await asyncio.to_thread(migrate, url)

        assert (await asyncio.to_thread(schema_at, url)).fits
        assert await counted(url) == whole
        if (file := file_of(url)) is not None:  # the copy is of what was there before
            copy = url.replace(file.name, f"{file.name}.before-{schema.needed}")
            assert (await asyncio.to_thread(schema_at, copy)).found == "0003"
            assert await counted(copy) == whole
