"""/api/v1/mappings: how kinds of spreadsheets are read, kept by name for everybody."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

from pydantic import BaseModel

from registry.api.imports import ImportQuery, Name, mapping_of, problem_of
from registry.api.problems import FieldError, Problem
from registry.api.routing import Call, Nothing, Route, Strict
from registry.security.access import Access
from registry.transfer import ColumnMapping, ImportRefused
from registry.transfer.mappings import (
    BadMapping,
    NameTaken,
    NoSuchMapping,
    delete_mapping,
    find_mapping,
    list_mappings,
    rename_mapping,
    save_mapping,
)
from registry.transfer.sheets import MAX_BYTES
from registry.transfer.table import suggest


class MappingPath(Strict):
    name: Name


class MappingBody(ColumnMapping, Strict):
    """A mapping as it is saved."""


class MappingRenamed(Strict):
    name: Name


class MappingShape(ColumnMapping):
    name: str
    changed_at: datetime | None = None
    changed_by: str = ""


class MappingList(BaseModel):
    items: list[MappingShape]


async def show_mappings(call: Call[Nothing, Nothing, Nothing]) -> MappingList:
    async with call.serving.database.read() as session:
        rows = await list_mappings(session)
    return MappingList(
        items=[
            MappingShape(
                name=row.name,
                changed_at=row.changed_at,
                changed_by=row.changed_by,
                **row.definition,
            )
            for row in rows
        ]
    )


async def put_mapping(call: Call[MappingPath, Nothing, MappingBody]) -> MappingShape:
    now, name = call.serving.clock.now(), call.path.name
    mapping = ColumnMapping(**call.body.model_dump())
    try:
        async with call.serving.database.write() as session:
            await save_mapping(session, name, mapping, call.caller.name, now)
            await call.audit(session, "mapping_saved", name)
    except BadMapping as error:
        raise Problem(422, str(error)) from error
    said = mapping.model_dump()
    return MappingShape(name=name, changed_at=now, changed_by=call.caller.name, **said)


async def change_mapping(call: Call[MappingPath, Nothing, MappingRenamed]) -> MappingShape:
    """Its name; what it holds is saved anew by PUT."""
    now, name, new = call.serving.clock.now(), call.path.name, call.body.name
    try:
        async with call.serving.database.write() as session:
            mapping = await rename_mapping(session, name, new, call.caller.name, now)
            await call.audit(session, "mapping_renamed", name, name=new)
    except NoSuchMapping as error:
        raise Problem(404, str(error)) from error
    except NameTaken as error:
        raise Problem(409, str(error)) from error
    except BadMapping as error:
        told = [FieldError(field="body.name", detail=str(error), pointer="/name")]
        raise Problem(422, str(error), errors=told) from error
    said = mapping.model_dump()
    return MappingShape(name=new, changed_at=now, changed_by=call.caller.name, **said)


async def remove_mapping(call: Call[MappingPath, Nothing, Nothing]) -> MappingShape:
    name = call.path.name
    try:
        async with call.serving.database.write() as session:
            mapping = await find_mapping(session, name)
            await delete_mapping(session, name)
            await call.audit(session, "mapping_deleted", name)
    except NoSuchMapping as error:
        raise Problem(404, str(error)) from error
    return MappingShape(name=name, **mapping.model_dump())


async def suggest_mapping(call: Call[Nothing, ImportQuery, Nothing]) -> MappingShape:
    """What the header of a file is taken for; nothing is saved."""
    hint = await mapping_of(call)
    try:
        mapping = await asyncio.to_thread(suggest, call.file, hint)
    except ImportRefused as error:
        raise problem_of(error) from error
    return MappingShape(name=call.query.mapping or "", **mapping.model_dump())


ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/mappings",
        name="listMappings",
        tag="imports",
        summary="How kinds of spreadsheets are read",
        access=Access.OPERATE,
        handler=show_mappings,
        answers=MappingList,
    ),
    Route(
        method="POST",
        path="/api/v1/mappings",
        name="suggestMapping",
        tag="imports",
        summary="A mapping for files like this one, from its header; nothing is saved",
        access=Access.OPERATE,
        handler=suggest_mapping,
        query_model=ImportQuery,
        takes_bytes=MAX_BYTES,
        in_turn=True,
        answers=MappingShape,
        problems=(404, 408, 413, 422, 503),
    ),
    Route(
        method="PUT",
        path="/api/v1/mappings/{name}",
        name="saveMapping",
        tag="imports",
        summary="Keep a mapping by name; one of that name is replaced",
        access=Access.OPERATE,
        handler=put_mapping,
        path_model=MappingPath,
        body_model=MappingBody,
        answers=MappingShape,
        problems=(400, 422),
    ),
    Route(
        method="PATCH",
        path="/api/v1/mappings/{name}",
        name="renameMapping",
        tag="imports",
        summary="Give a mapping another name",
        access=Access.OPERATE,
        handler=change_mapping,
        path_model=MappingPath,
        body_model=MappingRenamed,
        answers=MappingShape,
        problems=(400, 404, 409, 422),
    ),
    Route(
        method="DELETE",
        path="/api/v1/mappings/{name}",
        name="deleteMapping",
        tag="imports",
        summary="Forget a mapping",
        access=Access.OPERATE,
        handler=remove_mapping,
        path_model=MappingPath,
        answers=MappingShape,
        problems=(404,),
    ),
)
