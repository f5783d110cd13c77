"""Every error of the API as application/problem+json (RFC 9457). It shows nothing of the inside."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import web
from pydantic import BaseModel, SerializeAsAny, ValidationError

MEDIA_TYPE: Final = "application/problem+json"
_SEEN_LIMIT: Final = 80  # characters of a refused value that are quoted back

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_log = structlog.get_logger(__name__)


class FieldError(BaseModel):
    """One refused field: `field` is where it stood, as in `query.limit` or `body.depth`."""

    field: str
    detail: str
    pointer: str | None = None  # the same in a body, as JSON pointer (RFC 6901)


class ProblemBody(BaseModel):
    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[SerializeAsAny[FieldError]] = []


class Problem(Exception):
    """An answer other than the one asked for, with words that help whoever asked."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})

    def response(self) -> web.Response:
        body = ProblemBody(
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            errors=self.errors,
        )
        headers = {"Cache-Control": "no-store", **self.headers}
        text = body.model_dump_json()
        return web.Response(status=self.status, text=text, content_type=MEDIA_TYPE, headers=headers)


def refused(where: str, error: ValidationError) -> Problem:
    """A value that is none of those expected: each field with what was seen, a body's unquoted."""
    errors = [
        FieldError(
            field=".".join([where, *map(str, item["loc"])]),
            detail=item["msg"]
            if where == "body"
            else f"{item['msg']}; seen {_short(item['input'])}",
            pointer=pointer_of(*item["loc"]) if where == "body" else None,
        )
        for item in error.errors(include_url=False, include_context=False)
    ]
    return Problem(422, f"{len(errors)} field(s) of the {where} were refused", errors=errors)


def pointer_of(*steps: str | int) -> str:
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "".join(f"/{step}" for step in escaped)


def malformed(field: str, detail: str) -> Problem:
    """Something that cannot even be read as what it should be."""
    return Problem(400, detail, errors=[FieldError(field=field, detail=detail)])


def _short(value: object) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= _SEEN_LIMIT else f"{text[:_SEEN_LIMIT]}…"


def is_api(request: web.Request) -> bool:
    """/api/docs is a page that is read by people."""
    path = request.path
    is_page = path == "/api/docs" or path.startswith("/api/docs/")
    return path == "/openapi.json" or (path.startswith("/api/") and not is_page)


@web.middleware
async def problem_border(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The border of the API: whatever went wrong leaves it as a problem."""
    if not is_api(request):
        return await handler(request)
    try:
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except web.HTTPException as error:
        return _from_http(request, error).response()
    except Exception:  # noqa: BLE001 - a named border
        _log.exception("api request failed", path=request.path, method=request.method)
        return Problem(500, "something in camreach failed; its log says what").response()


def _from_http(request: web.Request, error: web.HTTPException) -> Problem:
    allowed = error.headers.get("Allow")
    match error.status:
        case 404:
            detail = f"there is nothing at {request.path!r}; /openapi.json lists what there is"
        case 405:
            detail = f"{request.method} is not possible here, expected {allowed}"
        case _:
            detail = error.reason
    return Problem(error.status, detail, headers={"Allow": allowed} if allowed else None)
