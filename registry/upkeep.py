"""Housekeeping of the database: what has run out is forgotten, statistics are renewed."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.database import Database
from registry.models import WebSession


async def forget_expired_sessions(session: AsyncSession, now: datetime) -> int:
    """Delete browser sessions that ended; returns how many."""
    ended = (
        await session.scalars(sa.select(WebSession.id).where(WebSession.expires_at <= now))
    ).all()
    if ended:
        await session.execute(sa.delete(WebSession).where(WebSession.id.in_(ended)))
    return len(ended)


async def tidy(database: Database) -> None:
    """Let the query planner look at the tables as they are now; both databases know ANALYZE."""
    async with database.write(durable=False) as session:
        await session.execute(sa.text("ANALYZE"))
