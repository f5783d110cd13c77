"""The last picture of a feed, where it may be shown. Never stored on the way, always audited."""

from __future__ import annotations

from typing import Annotated, Any, Final

import sqlalchemy as sa
from pydantic import Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.cameras import CameraPath
from registry.api.problems import Problem
from registry.api.reading import pictures_allowed
from registry.api.routing import Bytes, Call, Nothing, Route, Strict
from registry.look import FeedKey
from registry.models import Camera, Feed
from registry.security.access import Access
from registry.security.within import Condition

JPEG: Final = "image/jpeg"


class FeedPath(CameraPath):
    id: Annotated[str, StringConstraints(min_length=1, max_length=32)]


class FrameQuery(Strict):
    t: int | None = Field(None, description="anything: makes the address of a new picture new")


async def get_frame(call: Call[FeedPath, FrameQuery, Nothing]) -> Bytes:
    key = FeedKey(call.path.code, call.path.id)
    async with call.serving.database.read() as session:
        await _allowed(session, key, call.within(Camera))
    frame = call.serving.live.frame(key)
    if frame is None:
        raise Problem(404, f"no picture of {key} yet")
    await call.views.seen(call.caller, key, frame.taken_at)
    return Bytes(JPEG, frame.jpeg)


async def _allowed(session: AsyncSession, key: FeedKey, visible: Condition) -> None:
    camera = await feed_of(session, key, visible)
    if not camera.lifecycle.is_probed:
        raise Problem(403, f"{key.camera} is {camera.lifecycle.value}: nothing looks at it")
    if not pictures_allowed(camera.kind, camera.snapshots):
        raise Problem(403, f"pictures are off for {key.camera}, kind {camera.kind.value}")


async def feed_of(
    session: AsyncSession, key: FeedKey, visible: Condition
) -> sa.Row[*tuple[Any, ...]]:
    """The facts about the camera of a feed that must exist."""
    statement = (
        sa.select(Camera.kind, Camera.snapshots, Camera.lifecycle)
        .join(Feed, Feed.camera_id == Camera.id)
        .where(Camera.code == key.camera, Feed.name == key.feed, visible)
        .where(Feed.retired_at.is_(None))
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise Problem(404, f"there is no feed {key}")
    return found


ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/cameras/{code}/feeds/{id}/frame",
        name="getFrame",
        tag="pictures",
        summary="The last picture of a feed as JPEG, where pictures are on; the view is audited",
        access=Access.READ,
        handler=get_frame,
        path_model=FeedPath,
        query_model=FrameQuery,
        answers=JPEG,
        problems=(404,),
    ),
)
