"""/api/v1/imports: a file is planned, shown, and carried out if asked again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field, StringConstraints

from registry.api.problems import FieldError, Problem
from registry.api.routing import Call, Nothing, Route, Strict
from registry.changing.inventory import What
from registry.security.access import Access
from registry.security.sealing import Sealer
from registry.transfer import (
    NO_MAPPING,
    ColumnMapping,
    ImportRefused,
    Plan,
    PlanOutdated,
    apply_plan,
    plan_import,
)
from registry.transfer.mappings import NoSuchMapping, find_mapping
from registry.transfer.plan import field_changes
from registry.transfer.sheets import MAX_BYTES
from registry.transfer.uploads import Upload

SHOWN_CHANGES: Final = 500
SHOWN_PROBLEMS: Final = 500

Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class ImportQuery(Strict):
    mapping: Name | None = Field(None, description="name of a saved mapping")
    sheet: Name | None = Field(None, description="of a workbook with several that have data")


class ImportPath(Strict):
    id: Name


class PlannedField(BaseModel):
    field: str
    before: str
    after: str


class PlannedChange(BaseModel):
    row: int | None = Field(description="the row that says so first")
    what: What
    key: list[str]
    action: Literal["create", "change"]
    fields: list[PlannedField]


class PlannedCount(BaseModel):
    create: int
    change: int
    unchanged: int


class HintShape(BaseModel):
    row: int
    column: str
    text: str


class ImportShape(BaseModel):
    id: str = Field(description="for POST /api/v1/imports/{id}/apply")
    plan: str = Field(description="digest of all changes; the plan is applied only if it holds")
    expires_at: datetime
    rows: int
    counts: dict[What, PlannedCount]
    changes: list[PlannedChange] = Field(description=f"the first {SHOWN_CHANGES}")
    not_shown: int
    hints: list[HintShape]


class AppliedShape(BaseModel):
    batch: str | None = Field(description="id of the batch in the change log; null: nothing to do")
    counts: dict[What, PlannedCount]


class RowError(FieldError):
    """What is wrong with one cell, also in parts, for whoever shows it as a table."""

    sheet: str
    row: int
    column: str
    title: str
    value: str
    expected: str


async def plan_file(call: Call[Nothing, ImportQuery, Nothing]) -> ImportShape:
    """Nothing is written: neither the plan nor the file, which may hold logins."""
    mapping = await mapping_of(call)
    plan = await _planned(call, call.file, mapping)
    await _answer_for(call, plan)
    now, own = call.serving.clock.now(), call.caller.principal.own
    upload = call.serving.uploads.keep(own, call.file, mapping, _digest(plan), now)
    return _shape(plan, upload)


async def apply_import(call: Call[ImportPath, Nothing, Nothing]) -> AppliedShape:
    """All of it or nothing; 409 where the registry changed so that the plan is another."""
    serving = call.serving
    own = call.caller.principal.own
    upload = serving.uploads.find(call.path.id, own, serving.clock.now())
    if upload is None:
        raise Problem(404, f"there is no import {call.path.id!r} of yours that still waits")
    plan = await _planned(call, upload.data, upload.mapping)
    outdated = Problem(409, "the registry changed since: bring the file again, see its new plan")
    if _digest(plan) != upload.plan:
        raise outdated
    try:
        batch = await apply_plan(
            serving.database,
            plan,
            sealer=_sealer(call),
            clock=serving.clock,
            who=call.caller.name,
            sight=call.within,
            request_id=call.caller.request_id,
            address=call.caller.address,
        )
    except ImportRefused as error:
        raise problem_of(error) from error
    except PlanOutdated as error:
        raise outdated from error
    serving.uploads.drop(upload.id)
    return AppliedShape(batch=batch.id if batch else None, counts=_counts(plan))


async def mapping_of(call: Call[Nothing, ImportQuery, Nothing]) -> ColumnMapping:
    mapping = NO_MAPPING
    if call.query.mapping is not None:
        try:
            async with call.serving.database.read() as session:
                mapping = await find_mapping(session, call.query.mapping)
        except NoSuchMapping as error:
            raise Problem(404, str(error)) from error
    return mapping.model_copy(update={"sheet": call.query.sheet or mapping.sheet})


async def _planned(
    call: Call[ImportPath, Nothing, Nothing] | Call[Nothing, ImportQuery, Nothing],
    data: bytes,
    mapping: ColumnMapping,
) -> Plan:
    serving, sealer = call.serving, _sealer(call)
    try:
        return await plan_import(
            serving.database,
            data,
            sealer=sealer,
            clock=serving.clock,
            mapping=mapping,
            sight=call.within,
        )
    except ImportRefused as error:
        raise problem_of(error) from error


async def _answer_for(call: Call[Nothing, ImportQuery, Nothing], plan: Plan) -> None:
    """Before it is shown: a plan tells which logins of its file are not those in use."""
    serving, differing = call.serving, plan.logins_differing
    async with serving.database.write() as session:
        rows = f"{plan.rows} rows"
        await call.audit(session, "import_planned", rows, logins_differing=differing)
    own, now = call.caller.principal.own, serving.clock.monotonic()
    if differing and (wait_s := serving.rates.guesses.take(own, now)):
        detail = f"too many files with other logins than those in use, the next in {wait_s} s"
        raise Problem(429, detail, headers={"Retry-After": str(wait_s)})


def _sealer(
    call: Call[ImportPath, Nothing, Nothing] | Call[Nothing, ImportQuery, Nothing],
) -> Sealer:
    if call.serving.sealer is None:
        raise Problem(503, "this service has no key file: logins of a file cannot be sealed")
    return call.serving.sealer


def problem_of(error: ImportRefused) -> Problem:
    told = [
        RowError(
            field=".".join(filter(None, (f"row {each.row}", each.column))),
            detail=str(each),
            **dataclasses.asdict(each),
        )
        for each in error.problems[:SHOWN_PROBLEMS]
    ]
    detail = f"{len(error.problems)} problems in the file: nothing was changed"
    return Problem(422, detail, errors=told)


def _digest(plan: Plan) -> str:
    """Equal for plans that would do the same; a login in it only says that it differs."""
    told = [
        [each.what, each.key, each.before is None, *map(str, field_changes(each))]
        for each in plan.changes
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _shape(plan: Plan, upload: Upload) -> ImportShape:
    shown = plan.changes[:SHOWN_CHANGES]
    return ImportShape(
        id=upload.id,
        plan=upload.plan,
        expires_at=upload.expires_at,
        rows=plan.rows,
        counts=_counts(plan),
        changes=[
            PlannedChange(
                row=plan.rows_of.get((each.what, each.key)),
                what=each.what,
                key=list(each.key),
                action="create" if each.before is None else "change",
                fields=[
                    PlannedField(field=one.field, before=one.before, after=one.after)
                    for one in field_changes(each)
                ],
            )
            for each in shown
        ],
        not_shown=len(plan.changes) - len(shown),
        hints=[HintShape(row=h.row, column=h.column, text=h.text) for h in plan.hints],
    )


def _counts(plan: Plan) -> dict[What, PlannedCount]:
    return {
        what: PlannedCount(create=created, change=changed, unchanged=unchanged)
        for what, (created, changed, unchanged) in plan.counts().items()
    }


ROUTES: Final = (
    Route(
        method="POST",
        path="/api/v1/imports",
        name="planImport",
        tag="imports",
        summary="What importing a file (CSV or XLSX) would do; nothing is written",
        access=Access.OPERATE,
        handler=plan_file,
        query_model=ImportQuery,
        takes_bytes=MAX_BYTES,
        in_turn=True,
        answers=ImportShape,
        status=201,
        problems=(404, 408, 413, 422, 503),
    ),
    Route(
        method="POST",
        path="/api/v1/imports/{id}/apply",
        name="applyImport",
        tag="imports",
        summary="Carry out a plan that was shown: all of it or nothing",
        access=Access.OPERATE,
        handler=apply_import,
        in_turn=True,
        path_model=ImportPath,
        answers=AppliedShape,
        problems=(404, 409, 422, 503),
    ),
)
