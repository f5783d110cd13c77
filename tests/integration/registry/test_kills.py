"""Whatever is killed in the middle leaves nothing half done: imports and migrations."""

from __future__ import annotations

import asyncio
import random
import signal
import sys

import pytest
import sqlalchemy as sa

from registry.database import Database, current_revision
from registry.migrations import migrate, schema_at
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
