"""Run as a process of its own and killed: one change of many cameras, or an import."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from registry.changing.bulk import Bulk, plan_bulk
from registry.changing.carrying_out import hold, write
from registry.changing.log import new_batch
from registry.changing.sight import everything
from registry.clock import SystemClock
from registry.database import Database
from registry.models import Camera
from registry.security.sealing import Sealer
from registry.transfer import apply_plan, plan_import
from registry.vocabulary import ChangeSource, Importance


async def bulk(database: Database, sealer: Sealer) -> None:
    batch = new_batch("a clerk", ChangeSource.API, SystemClock().now())
    async with database.write() as session:
        await hold(session)
        codes: Sequence[str] = list(await session.scalars(sa.select(Camera.code)))
        wanted = Bulk(fields={"importance": Importance.HIGH})
        preview = await plan_bulk(session, wanted, codes, batch, sealer, everything)
        print("writing", flush=True)
        await write(session, preview.changes, batch, sealer, everything)


async def take_in(database: Database, sealer: Sealer, file: Path) -> None:
    clock = SystemClock()
    data = await asyncio.to_thread(file.read_bytes)
    plan = await plan_import(database, data, sealer=sealer, clock=clock)
    print("writing", flush=True)
    await apply_plan(database, plan, sealer=sealer, clock=clock)


async def main(url: str, key: str, deed: str) -> None:
    database = Database(url)
    sealer = await asyncio.to_thread(Sealer.from_file, Path(key))
    if deed == "bulk":
        await bulk(database, sealer)
    else:
        await take_in(database, sealer, Path(deed))
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
