"""The casefolded text a camera is found by: SQLite itself folds ASCII only. It searches nothing."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.models import Area, Base, Camera, Site


def search_text(*parts: str | None) -> str:
    """Words in the form both sides of a comparison are brought to."""
    return " ".join(part for part in parts if part).casefold()


async def refresh_search(session: AsyncSession) -> int:
    """Bring the search text of all cameras up to date; how many were not. Bumps no revision."""
    rows = await session.execute(
        sa.select(
            Camera.id, Camera.search, Camera.code, Camera.name, Site.name, Site.address, Area.name
        )
        .join(Area, Area.id == Camera.area_id)
        .outerjoin(Site, Site.id == Camera.site_id)
    )
    stale = [
        {"row_id": row_id, "text": text}
        for row_id, search, *parts in rows
        if (text := search_text(*parts)) != search
    ]
    if stale:
        camera = Base.metadata.tables["camera"]
        statement = (
            sa.update(camera)
            .where(camera.c.id == sa.bindparam("row_id"))
            .values(search=sa.bindparam("text"))
        )
        await (await session.connection()).execute(statement, stale)
    return len(stale)
