"""/api/v1/changes: who changed what, when and why. It shows the log and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.cameras import CameraPath, camera_id
from registry.api.problems import malformed
from registry.api.routing import Call, Nothing, Route, Strict
from registry.changing.inventory import What
from registry.models import Camera, LoggedChange
from registry.security.access import Access
from registry.security.within import Condition
from registry.vocabulary import ChangeSource

PAGE_LIMIT: Final = 500

Word = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class ChangeShape(BaseModel):
    id: int
    at: datetime
    batch: str = Field(description="what was done together, and is undone together")
    who: str
    source: ChangeSource
    reason: str = Field(description="why, in the words of whoever did it")
    request_id: str
    kind: What
    code: str = Field(description="of a feed camera/id, of a delivery camera/center")
    before: dict[str, Any] | None = Field(description="null: it was created")
    after: dict[str, Any] | None = Field(description="null: it was removed")

    @classmethod
    def of(cls, change: LoggedChange) -> ChangeShape:
        return cls.model_validate(change, from_attributes=True)


class ChangePage(BaseModel):
    items: list[ChangeShape]
    next: str | None = Field(description="cursor of the next page; null on the last")


class Paged(Strict):
    limit: int = Field(100, ge=1, le=PAGE_LIMIT)
    cursor: str | None = Field(None, max_length=20, description="`next` of the page before")


class ChangeQuery(Paged):
    """All filters must hold."""

    kind: What | None = None
    code: Word | None = Field(None, description="with `kind`: one object")
    camera: Word | None = Field(None, description="a camera with its feeds, deliveries, devices")
    who: Word | None = None
    batch: Word | None = None
    source: ChangeSource | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


async def list_changes(call: Call[Nothing, ChangeQuery, Nothing]) -> ChangePage:
    async with call.serving.database.read() as session:
        visible = call.within(LoggedChange)
        return await read_changes(session, visible, call.query, conditions(call.query))


async def list_camera_changes(call: Call[CameraPath, Paged, Nothing]) -> ChangePage:
    of_camera = LoggedChange.camera == call.path.code
    async with call.serving.database.read() as session:
        await camera_id(session, call.path.code, call.within(Camera))
        return await read_changes(session, call.within(LoggedChange), call.query, [of_camera])


def conditions(query: ChangeQuery) -> list[Condition]:
    given = query.model_dump(include={"code", "camera", "who", "batch", "source"})
    found = [getattr(LoggedChange, name) == said for name, said in given.items() if said]
    if query.kind is not None:
        found.append(LoggedChange.kind == query.kind.value)
    if query.since is not None:
        found.append(LoggedChange.at >= query.since)
    if query.until is not None:
        found.append(LoggedChange.at < query.until)
    return found


async def read_changes(
    session: AsyncSession, visible: Condition, query: Paged, wanted: Sequence[Condition]
) -> ChangePage:
    """The newest first: what comes meanwhile moves no page."""
    statement = sa.select(LoggedChange).where(visible, *wanted).order_by(LoggedChange.id.desc())
    if query.cursor is not None:
        statement = statement.where(LoggedChange.id < _before(query.cursor))
    found = list(await session.scalars(statement.limit(query.limit + 1)))
    shown = found[: query.limit]
    more = str(shown[-1].id) if len(found) > len(shown) else None
    return ChangePage(items=[ChangeShape.of(change) for change in shown], next=more)


def _before(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 10):
        raise malformed("query.cursor", f"{cursor!r} is no cursor of this list")
    return int(cursor)


ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/changes",
        name="listChanges",
        tag="changes",
        summary="The change log, the newest first",
        access=Access.OPERATE,
        handler=list_changes,
        query_model=ChangeQuery,
        answers=ChangePage,
        problems=(400,),
    ),
    Route(
        method="GET",
        path="/api/v1/cameras/{code}/changes",
        name="listCameraChanges",
        tag="changes",
        summary="What was changed of one camera, its feeds, deliveries and devices",
        access=Access.OPERATE,
        handler=list_camera_changes,
        path_model=CameraPath,
        query_model=Paged,
        answers=ChangePage,
        problems=(400, 404),
    ),
)
