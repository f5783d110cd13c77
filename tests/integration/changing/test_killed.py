"""A process that is killed in the middle of a change leaves all of it or nothing, and no lock."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from registry.database import Database, current_revision
from registry.models import Camera, Feed, LoggedChange
from registry.transfer import apply_plan, plan_import
from registry.vocabulary import Importance

CAMERAS = 600
ROUNDS = int(os.environ.get("CAMREACH_KILLS", "2"))
HEADER = "camera,area,area_name,time_zone,kind,feed,url\n"
MODULE = "tests.integration.changing.killed"


def inventory(prefix: str) -> str:
    rows = (
        f"{prefix}-{n},reg,Region,Asia/Almaty,street,main,rtsp://198.18.{n // 250}.{n % 250}/1\n"
        for n in range(CAMERAS)
    )
    return HEADER + "".join(rows)


async def killed_after(delay_s: float, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", MODULE, *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"writing\n"
    try:
        await asyncio.wait_for(process.wait(), delay_s)
    except TimeoutError:
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def standing(database: Database) -> tuple[Any, ...]:
    """What there is of what: cameras, important ones, feeds, rows of the log, the revision."""
    async with database.read() as session:
        important = Camera.importance == Importance.HIGH
        return (
            await session.scalar(sa.select(sa.func.count(Camera.id))),
            await session.scalar(sa.select(sa.func.count(Camera.id)).where(important)),
            await session.scalar(sa.select(sa.func.count(Feed.id))),
            await session.scalar(sa.select(sa.func.count(LoggedChange.id))),
            await current_revision(session),
        )


@pytest.mark.timeout(120)
async def test_a_killed_change_is_done_or_not_done(
    database: Database, database_url: str, sealer, clock, tmp_path: Path
):
    plan = await plan_import(database, inventory("A").encode(), sealer=sealer, clock=clock)
    await apply_plan(database, plan, sealer=sealer, clock=clock)
    further = tmp_path / "further.csv"
    await asyncio.to_thread(further.write_text, inventory("B"))
    chance = random.Random(4)
    deeds = {
        "bulk": (0, CAMERAS, 0, CAMERAS, 1),
        str(further): (CAMERAS, 0, CAMERAS, 2 * CAMERAS, 1),
    }

    for deed, whole in deeds.items():
        for _ in range(ROUNDS):
            before = await standing(database)
            await killed_after(chance.uniform(0.0, 0.4), database_url, str(tmp_path / "key"), deed)
            after = await standing(database)

            difference = tuple(b - a for a, b in zip(before, after, strict=True))
            assert difference in ((0, 0, 0, 0, 0), whole)
            if difference == whole:
                break
