"""/api/v1/cameras: the list and one camera. Both say the same of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.language import Spoken, language_of
from registry.api.paging import Code, Paged, code_after, cursor_at
from registry.api.problems import Problem
from registry.api.reading import Reading, read_cameras
from registry.api.routing import Call, Nothing, Route, Strict
from registry.api.selection import CameraFilter, selected
from registry.api.shapes import CameraPage
from registry.api.standing import Moment, Select
from registry.models import Camera
from registry.security.access import Access
from registry.security.within import Condition
from registry.vocabulary import Role

_LIST: Final = "cameras"


class CameraPath(Strict):
    code: Code


class CameraQuery(CameraFilter, Paged, Spoken):
    """Page by page, by code: a camera that changes is neither skipped nor shown twice."""


async def list_cameras(call: Call[Nothing, CameraQuery, Nothing]) -> CameraPage:
    query, reading = call.query, reading_of(call, call.query.center)
    columns: Select = sa.select(Camera.id, Camera.code)
    visible = call.within(Camera)
    statement = selected(columns, query, reading.moment, visible, technical=reading.technical)
    after = code_after(_LIST, query.cursor)
    if after is not None:
        statement = statement.where(Camera.code > after)
    async with call.serving.database.read() as session:
        rows = (await session.execute(statement.order_by(Camera.code).limit(query.limit + 1))).all()
        shown = rows[: query.limit]
        items = await read_cameras(session, [row.id for row in shown], reading)
    following = cursor_at(_LIST, shown[-1].code) if len(rows) > len(shown) else None
    return CameraPage(items=items, next=following)


async def camera_id(session: AsyncSession, code: str, visible: Condition) -> int:
    """What is out of reach is not there, in the same words."""
    found = await session.scalar(sa.select(Camera.id).where(Camera.code == code, visible))
    if found is None:
        raise Problem(404, f"no camera has the code {code!r}")
    return found


def reading_of(call: Call[Any, Any, Any], centers: Sequence[str] = ()) -> Reading:
    return Reading(
        moment=Moment.of(call.serving),
        live=call.serving.live,
        technical=call.caller.may(Role.OPERATOR),
        centers=centers,
        language=language_of(call.query, call.headers),
        silence=call.serving.silence,
        pictures=call.caller.allowed(Access.READ),
        reach=call.caller.reach,
    )


ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/cameras",
        name="listCameras",
        tag="cameras",
        summary="Cameras with what is known of each delivery and feed, page by page",
        access=Access.OWN,
        handler=list_cameras,
        query_model=CameraQuery,
        answers=CameraPage,
    ),
)
