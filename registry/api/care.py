"""Since when a contractor answers for a camera: no time of before is told to him."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from registry.models import Camera
from registry.security.reach import Reach
from registry.security.within import care_began, later


async def care_since(
    session: AsyncSession, ids: Iterable[int], reach: Reach, now: datetime
) -> Mapping[int, datetime]:
    """By camera; of none where no contractor limits the reach."""
    began = care_began(reach, now)
    if began is None:
        return {}
    found = await session.execute(sa.select(Camera.id, began).where(Camera.id.in_(ids)))
    return {id_: since for id_, since in found if since is not None}


def begun(time: ColumnElement[Any], reach: Reach, now: datetime) -> ColumnElement[Any]:
    """When something began as far as it is his to know. For statements over cameras."""
    began = care_began(reach, now)
    return time if began is None else sa.case((time.is_(None), time), else_=later(time, began))


def seen(time: ColumnElement[Any], reach: Reach, now: datetime) -> ColumnElement[Any]:
    """When something was seen, if that is his to know."""
    began = care_began(reach, now)
    return time if began is None else sa.case((time >= began, time))
