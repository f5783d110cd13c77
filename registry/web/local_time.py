"""The time zone of a page that speaks of no place: that of the reader's uppermost area."""

from __future__ import annotations

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from registry.models import Area
from registry.web.guard import within_reach
from registry.web.zones import ZONES


async def zone_of_reader(request: web.Request, session: AsyncSession) -> str:
    """Its name; UTC where nothing is in reach. `ZONES` knows it from then on."""
    uppermost = (
        sa.select(Area.time_zone)
        .where(within_reach(request, Area))
        .order_by(sa.func.length(Area.path), Area.path)
        .limit(1)
    )
    name = await session.scalar(uppermost) or "UTC"
    await request.app[ZONES].load([name])
    return name
