"""/api/v1/cameras/bulk: one change of many cameras, shown first, then all of it or nothing.

And the same for taking a batch back, whatever made it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.fields import changed_model, template_model, values_of
from registry.api.problems import FieldError, Problem
from registry.api.routing import Call, Nothing, Route, Strict
from registry.api.selection import CameraFilter, selected
from registry.api.standing import Moment, Select
from registry.api.writing import batch_of, sealer_of
from registry.changing.bulk import Bulk, plan_bulk
from registry.changing.carrying_out import hold, write
from registry.changing.inventory import What
from registry.changing.log import Batch
from registry.changing.preview import Preview, Shown
from registry.changing.sight import OutOfReach
from registry.changing.undoing import UnknownBatch, plan_undo
from registry.models import Camera
from registry.security.access import Access
from registry.vocabulary import ChangeSource, Hop

MOST: Final = 100_000  # cameras of one change
SHOWN: Final = 1_000  # rows of one answer; the counts are of all

Planner = Callable[[AsyncSession, Batch], Awaitable[Preview]]


class Assigning(Strict):
    """A contract answers for each of the cameras."""

    contract: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    hops: tuple[Hop, ...] = ()


class BulkAsked(Strict):
    filter: CameraFilter = Field(description="as in the list of cameras")
    set: changed_model(What.CAMERA) | None = Field(None, description="of each camera")  # type: ignore[valid-type]
    feeds: dict[str, template_model(What.FEED)] = Field(  # type: ignore[valid-type]
        {}, max_length=8, description="by id; `url` may hold {host}, {path} and {camera}"
    )
    assign: Assigning | None = None
    retire: bool = False
    reason: str = Field(min_length=1, max_length=300)
    token: str | None = Field(None, max_length=64, description="of the preview to carry out")
    skip_conflicts: bool = Field(False, description="carry out what can be; else all or nothing")

    @model_validator(mode="after")
    def _does_something(self) -> BulkAsked:
        others = self.set is not None or bool(self.feeds) or self.assign is not None
        if self.retire == others:
            raise ValueError("expected either retire, or some of set, feeds, assign")
        return self

    def bulk(self) -> Bulk:
        assignment = {} if self.assign is None else self.assign.model_dump()
        return Bulk(
            fields={} if self.set is None else values_of(What.CAMERA, self.set),
            retire=self.retire,
            feeds={name: values_of(What.FEED, each) for name, each in self.feeds.items()},
            assignment=assignment,
        )


class UndoAsked(Strict):
    reason: str = Field("", max_length=300)
    token: str | None = Field(None, max_length=64, description="of the preview to carry out")
    skip_conflicts: bool = Field(False, description="carry out what can be; else all or nothing")


class RowShape(BaseModel):
    """One object, field by field as far as it differs."""

    kind: What
    code: str
    before: dict[str, Any] | None = Field(description="null: it is made")
    after: dict[str, Any] | None = Field(description="null: it is removed")


class ConflictShape(BaseModel):
    kind: What
    code: str
    detail: str


class PlanShape(BaseModel):
    token: str = Field(description="carries out exactly this, as long as nothing changed")
    batch: str | None = Field(description="null: nothing was done yet, or there was nothing to do")
    changes: int
    conflicts: int
    rows: list[RowShape] = Field(description=f"the first {SHOWN}")
    hindered: list[ConflictShape] = Field(description=f"what cannot be, the first {SHOWN}")

    @classmethod
    def of(cls, preview: Preview, shown: Shown, batch: Batch | None) -> PlanShape:
        return cls(
            token=shown.token,
            batch=batch.id if batch is not None and preview.changes else None,
            changes=len(preview.changes),
            conflicts=len(preview.conflicts),
            rows=[
                RowShape(kind=row.what, code=row.code, before=row.before, after=row.after)
                for row in shown.rows
            ],
            hindered=[
                ConflictShape(kind=each.what, code=each.code, detail=each.detail)
                for each in preview.conflicts[:SHOWN]
            ],
        )


class BatchPath(Strict):
    batch: Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]


async def change_many(call: Call[Nothing, Nothing, BulkAsked]) -> PlanShape:
    asked, sealer = call.body, sealer_of(call)

    async def planner(session: AsyncSession, batch: Batch) -> Preview:
        cameras = await _cameras(session, call)
        return await plan_bulk(session, asked.bulk(), cameras, batch, sealer, call.within)

    return await _shown_or_done(call, planner, batch_of(call, asked.reason))


async def undo(call: Call[BatchPath, Nothing, UndoAsked]) -> PlanShape:
    sealer = sealer_of(call)

    async def planner(session: AsyncSession, batch: Batch) -> Preview:
        try:
            return await plan_undo(session, call.path.batch, batch, sealer, call.within)
        except UnknownBatch as error:
            raise Problem(404, str(error)) from error

    reason = call.body.reason or f"undo of {call.path.batch}"
    return await _shown_or_done(call, planner, batch_of(call, reason, ChangeSource.UNDO))


async def _cameras(session: AsyncSession, call: Call[Nothing, Nothing, BulkAsked]) -> list[str]:
    columns: Select = sa.select(Camera.code)
    moment = Moment.of(call.serving)
    wanted = selected(columns, call.body.filter, moment, call.within(Camera), technical=True)
    found = list(await session.scalars(wanted.order_by(Camera.code).limit(MOST + 1)))
    if len(found) > MOST:
        detail = f"more than {MOST} cameras are meant, expected fewer at once"
        raise Problem(422, detail, errors=[FieldError(field="body.filter", detail=detail)])
    return found


async def _shown_or_done(call: Call[Any, Any, Any], planner: Planner, batch: Batch) -> PlanShape:
    """Without a token the plan; with it exactly that plan, or a 409 and nothing."""
    if call.body.token is None:
        async with call.serving.database.read() as session:
            preview = await planner(session, batch)
        return PlanShape.of(preview, await _shown(preview), None)
    async with call.serving.database.write() as session:
        await hold(session)
        preview = await planner(session, batch)
        shown = await _shown(preview)
        if shown.token != call.body.token:
            raise Problem(409, "what would be done now is not what was shown: look at it again")
        if preview.conflicts and not call.body.skip_conflicts:
            raise _conflicting(preview)
        try:
            await write(session, preview.changes, batch, sealer_of(call), call.within)
        except OutOfReach as error:
            raise Problem(403, str(error)) from error
    return PlanShape.of(preview, shown, batch)


async def _shown(preview: Preview) -> Shown:
    return await asyncio.to_thread(preview.shown, SHOWN)


def _conflicting(preview: Preview) -> Problem:
    errors = [
        FieldError(field=f"{each.what} {each.code}", detail=each.detail)
        for each in preview.conflicts[:SHOWN]
    ]
    return Problem(409, f"{len(preview.conflicts)} objects cannot be changed so", errors=errors)


ROUTES: Final = (
    Route(
        method="POST",
        path="/api/v1/cameras/bulk",
        name="changeCameras",
        tag="cameras",
        summary="Change all cameras of a filter: first what would be done, then exactly that",
        access=Access.OPERATE,
        handler=change_many,
        body_model=BulkAsked,
        answers=PlanShape,
        problems=(400, 409, 503),
    ),
    Route(
        method="POST",
        path="/api/v1/changes/{batch}/undo",
        name="undoChanges",
        tag="changes",
        summary="Take a batch back: first what would be done, then exactly that",
        access=Access.OPERATE,
        handler=undo,
        path_model=BatchPath,
        body_model=UndoAsked,
        answers=PlanShape,
        problems=(400, 404, 409, 503),
    ),
)
