"""One declaration per route: it drives validation, access and OpenAPI. It knows no resource."""

from __future__ import annotations

import json
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.callers import Caller, require
from registry.api.problems import Handler, malformed, refused
from registry.api.viewing import VIEWS, Views
from registry.models import Base
from registry.security.access import Access
from registry.security.audit import record
from registry.security.within import Condition, within
from registry.serving import SERVING, Serving


class Strict(BaseModel):
    """Input: an unknown field is an error, or a misspelt filter would silently show everything."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


@dataclass(frozen=True, slots=True)
class Bytes:
    """An answer that is no JSON; it is never stored on the way."""

    media_type: str
    content: bytes = b""


Answer = BaseModel | Bytes


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


def dispatcher(route: Route) -> Handler:
    async def dispatch(request: web.Request) -> web.StreamResponse:
        caller = await require(request, route.access)
        call = Call(
            serving=request.app[SERVING],
            views=request.app[VIEWS],
            caller=caller,
            path=_validated(route.path_model, "path", dict(request.match_info)),
            query=_validated(route.query_model, "query", _query(request, route.query_model)),
            body=_validated(route.body_model, "body", await _body(request, route.body_model)),
        )
        return _response(await route.handler(call), route.status)

    return dispatch


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


ModelT = TypeVar("ModelT", bound=BaseModel)


def _validated(model: type[ModelT], where: str, values: Any) -> ModelT:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise refused(where, error) from error


def _response(answer: Answer, status: int) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    if isinstance(answer, Bytes):
        return web.Response(
            body=answer.content, content_type=answer.media_type, status=status, headers=headers
        )
    text = answer.model_dump_json()
    return web.Response(text=text, content_type="application/json", status=status, headers=headers)
