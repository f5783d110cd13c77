"""One declaration per route: it drives validation, access and OpenAPI. It knows no resource."""

from __future__ import annotations

import asyncio
import functools
import json
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, Generic, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.callers import Caller, require
from registry.api.problems import Handler, Problem, malformed, refused
from registry.api.viewing import VIEWS, Views
from registry.models import Base
from registry.security.access import Access
from registry.security.audit import record
from registry.security.within import Condition, within
from registry.serving import SERVING, Serving
from registry.transfer.turns import PATIENCE_S, Busy

_FILE_S: Final = 300.0  # 64 MiB at 2 Mbit/s
_ADDRESSES = frozenset({"url", "host", "hosts"})
# What was or would be changed is shown as it was, whatever it is.
_CHANGED = (frozenset({"kind", "code", "before"}), frozenset({"field", "before"}))


class Strict(BaseModel):
    """Input: an unknown field is an error, or a misspelt filter would silently show everything."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*")
    @classmethod
    def _storable(cls, value: object) -> object:
        """What no database takes as text must not get as far as one."""
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and not _is_storable(each):
                raise ValueError("holds a character that no text may hold")
        return value


def _is_storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


class Nothing(Strict):
    """No parameters at all."""


PathT = TypeVar("PathT", bound=Strict)
QueryT = TypeVar("QueryT", bound=Strict)
BodyT = TypeVar("BodyT", bound=Strict)


@dataclass(frozen=True, slots=True)
class Call(Generic[PathT, QueryT, BodyT]):
    """A validated request of somebody who may make it."""

    serving: Serving
    views: Views
    caller: Caller
    path: PathT
    query: QueryT
    body: BodyT
    headers: Mapping[str, str]
    file: bytes = b""

    def holds(self, tag: str) -> bool:
        """Whether the caller has what this ETag stands for (RFC 9110 section 13.1.2)."""
        given = self.headers.get("If-None-Match", "")
        return any(part.strip().removeprefix("W/") == f'"{tag}"' for part in given.split(","))

    def within(self, shown: type[Base]) -> Condition:
        """Which rows the caller sees. Every statement of a handler that shows any says so."""
        return within(shown, self.caller.reach, self.serving.clock.now())

    async def audit(self, session: AsyncSession, action: str, subject: str, **detail: Any) -> None:
        """In the transaction of the deed: what cannot be recorded is not done."""
        await record(
            session,
            self.caller.name,
            action,
            subject,
            detail,
            self.serving.clock.now(),
            address=self.caller.address,
            request_id=self.caller.request_id,
        )


BATCH_HEADER: Final = "X-Change-Batch"


@dataclass(frozen=True, slots=True)
class Bytes:
    """An answer that is no JSON; it is never stored on the way."""

    media_type: str
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Download:
    """A file to keep; it is sent piece by piece and closed when it is sent."""

    media_type: str
    name: str
    content: BinaryIO


@dataclass(frozen=True, slots=True)
class Tagged:
    """An answer with its ETag: 304 and no body for whoever holds it already.

    `only_for_changes`: the tag is for If-Match alone, as the body tells more than it covers.
    """

    body: BaseModel | None
    tag: str | None
    only_for_changes: bool = False
    batch: str | None = None  # of the change that was made, for an undo


Answer = BaseModel | Bytes | Download | Tagged


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`name` is the operationId; `answers` a model, or a media type where the answer is bytes."""

    method: str
    path: str
    name: str
    tag: str
    summary: str
    access: Access
    handler: Callable[[Call[Any, Any, Any]], Awaitable[Answer]]
    answers: type[BaseModel] | str
    path_model: type[Strict] = Nothing
    query_model: type[Strict] = Nothing
    body_model: type[Strict] = Nothing
    status: int = 200
    problems: tuple[int, ...] = ()
    takes_bytes: int = 0  # the body is a file of at most so many bytes, and no JSON
    in_turn: bool = False  # one at a time, before its body is read
    tagged: bool = False  # answers carry an ETag
    conditional: bool = False  # If-Match must say which state of the object is meant


def dispatcher(route: Route) -> Handler:
    reveals = shows_addresses(route)

    async def dispatch(request: web.Request) -> web.StreamResponse:
        caller = await require(request, route.access)
        if route.conditional and "If-Match" not in request.headers:
            raise Problem(428, "If-Match is missing, expected the ETag of what is to be changed")
        if not route.in_turn:
            return await _answered(route, request, caller, reveals=reveals)
        try:
            async with request.app[SERVING].turns.one():
                return await _answered(route, request, caller, reveals=reveals)
        except Busy as error:
            wait = {"Retry-After": f"{PATIENCE_S:.0f}"}
            raise Problem(503, f"{error}: try again in a while", headers=wait) from error

    return dispatch


async def _answered(
    route: Route, request: web.Request, caller: Caller, *, reveals: bool
) -> web.Response:
    call = Call(
        serving=request.app[SERVING],
        views=request.app[VIEWS],
        caller=caller,
        path=_validated(route.path_model, "path", dict(request.match_info)),
        query=_validated(route.query_model, "query", _query(request, route.query_model)),
        body=_validated(route.body_model, "body", await _body(request, route.body_model)),
        headers=request.headers,
        file=await _file(request, route.takes_bytes) if route.takes_bytes else b"",
    )
    answer = await route.handler(call)
    if reveals and caller.allowed(Access.OPERATE):
        await call.views.revealed(caller, request.path)
    return _response(answer, route.status, call)


@functools.cache
def shows_addresses(route: Route) -> bool:
    """Whether the answer holds addresses of devices, which operators see: that is audited."""
    if isinstance(route.answers, str):
        return False
    schema = route.answers.model_json_schema(mode="serialization")
    models = (schema, *schema.get("$defs", {}).values())
    fields = [model.get("properties", {}).keys() for model in models]
    return any(_ADDRESSES & names or any(names >= each for each in _CHANGED) for names in fields)


def list_fields(model: type[BaseModel]) -> frozenset[str]:
    """The query parameters that take several values, separated by commas or repeated."""
    fields = model.model_fields.items()
    return frozenset(
        field.alias or name
        for name, field in fields
        if typing.get_origin(field.annotation) in (list, tuple, frozenset)
    )


def _query(request: web.Request, model: type[BaseModel]) -> Mapping[str, Any]:
    several = list_fields(model)
    values: dict[str, Any] = {}
    for name in dict.fromkeys(request.query):
        given = request.query.getall(name)
        if name in several:
            values[name] = [part for value in given for part in value.split(",") if part]
        else:
            values[name] = given[0] if len(given) == 1 else given
    return values


async def _body(request: web.Request, model: type[BaseModel]) -> Any:
    if model is Nothing:
        return {}
    raw = await request.read()
    if not raw:
        return {}
    try:
        return json.loads(raw)
    except ValueError as error:
        raise malformed("body", f"the body is not JSON: {error}") from error
    except RecursionError as error:
        raise malformed("body", "the body is JSON too deeply nested") from error


async def _file(request: web.Request, most: int) -> bytes:
    """Chunk by chunk: what is too long or drips in is refused before it is all here."""
    taken = bytearray()
    try:
        async with asyncio.timeout(_FILE_S):
            async for chunk in request.content.iter_chunked(64 * 1024):
                taken += chunk
                if len(taken) > most:
                    raise Problem(413, f"a file of more than {most} bytes")
    except TimeoutError as error:
        raise Problem(408, f"the file is not here after {_FILE_S:.0f} s") from error
    return bytes(taken)


ModelT = TypeVar("ModelT", bound=BaseModel)


def _validated(model: type[ModelT], where: str, values: Any) -> ModelT:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise refused(where, error) from error


def _response(answer: Answer, status: int, call: Call[Any, Any, Any]) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    match answer:
        case Bytes(media_type, content):
            return web.Response(
                body=content, content_type=media_type, status=status, headers=headers
            )
        case Download(media_type, name, file):
            headers["Content-Disposition"] = f'attachment; filename="{name}"'
            return web.Response(body=file, content_type=media_type, status=status, headers=headers)
        case Tagged(body, tag, only_for_changes, batch):
            if tag is not None:
                # Kept by the client and asked for again each time: never told without asking.
                headers = {"Cache-Control": "private, no-cache", "ETag": f'"{tag}"'}
                if body is None or (not only_for_changes and call.holds(tag)):
                    return web.Response(status=304, headers=headers)
            if batch is not None:
                headers |= {BATCH_HEADER: batch}
            return _json(body, status, headers)
        case _:
            return _json(answer, status, headers)


def _json(body: BaseModel | None, status: int, headers: Mapping[str, str]) -> web.Response:
    text = b"null" if body is None else body.__pydantic_serializer__.to_json(body)
    return web.Response(
        body=text,
        content_type="application/json",
        charset="utf-8",
        status=status,
        headers=headers,
    )
