"""Clock jobs of the house: what is done by the hour, not by the look."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from registry.clock import Clock
from registry.database import Database, DatabaseTrouble
from registry.upkeep import forget_expired_sessions, tidy

log = structlog.get_logger()


@asynccontextmanager
async def chores(database: Database, clock: Clock) -> AsyncIterator[None]:
    """Runs the jobs until left. A missed one is made up for once, never piled up."""
    jobs = AsyncIOScheduler(
        timezone=UTC,
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )

    async def hourly() -> None:
        try:
            async with database.write() as session:
                gone = await forget_expired_sessions(session, clock.now())
            log.debug("expired_sessions_forgotten", count=gone)
        except DatabaseTrouble as error:
            log.warning("chore_failed", chore="hourly", why=str(error))

    async def daily() -> None:
        try:
            await tidy(database)
        except DatabaseTrouble as error:
            log.warning("chore_failed", chore="daily", why=str(error))

    jobs.add_job(hourly, "cron", minute=7, id="hourly")
    jobs.add_job(daily, "cron", hour=3, minute=23, id="daily")
    jobs.start()
    try:
        yield
    finally:
        jobs.shutdown(wait=False)
