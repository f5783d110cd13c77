"""/api/v1/cameras: the list and one camera. Both say the same of it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any, Final

import sqlalchemy as sa
from pydantic import Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.problems import Problem, malformed
from registry.api.reading import Reading, read_cameras
from registry.api.routing import Call, Nothing, Route, Strict
from registry.api.selection import CameraFilter, selected
from registry.api.shapes import CameraPage, CameraShape
from registry.api.standing import Moment, Select
from registry.models import Camera
from registry.security.access import Access
from registry.security.within import Condition
from registry.vocabulary import Role

PAGE_LIMIT: Final = 500

Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class CameraPath(Strict):
    code: Code


class CameraQuery(CameraFilter):
    limit: int = Field(100, ge=1, le=PAGE_LIMIT)
    cursor: str | None = Field(None, max_length=200, description="`next` of the page before")


async def list_cameras(call: Call[Nothing, CameraQuery, Nothing]) -> CameraPage:
    query, reading = call.query, reading_of(call, call.query.center)
    # By code and not by state: a camera that changes meanwhile is neither skipped nor shown twice.
    columns: Select = sa.select(Camera.id, Camera.code)
    visible = call.within(Camera)
    statement = selected(columns, query, reading.moment, visible, technical=reading.technical)
    if query.cursor is not None:
        statement = statement.where(Camera.code > _after(query.cursor))
    async with call.serving.database.read() as session:
        rows = (await session.execute(statement.order_by(Camera.code).limit(query.limit + 1))).all()
        shown = rows[: query.limit]
        items = await read_cameras(session, [row.id for row in shown], reading)
    return CameraPage(items=items, next=_cursor(shown[-1].code) if len(rows) > len(shown) else None)


async def get_camera(call: Call[CameraPath, Nothing, Nothing]) -> CameraShape:
    async with call.serving.database.read() as session:
        id_ = await camera_id(session, call.path.code, call.within(Camera))
        (camera,) = await read_cameras(session, [id_], reading_of(call))
    return camera


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
        silence=call.serving.silence,
        pictures=call.caller.allowed(Access.READ),
    )


def _cursor(code: str) -> str:
    return base64.urlsafe_b64encode(code.encode()).decode().rstrip("=")


def _after(cursor: str) -> str:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise malformed("query.cursor", f"{cursor!r} is no cursor of this list") from error


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
        problems=(400,),
    ),
    Route(
        method="GET",
        path="/api/v1/cameras/{code}",
        name="getCamera",
        tag="cameras",
        summary="One camera with its paths, feed by feed",
        access=Access.OWN,
        handler=get_camera,
        path_model=CameraPath,
        answers=CameraShape,
        problems=(404,),
    ),
)
