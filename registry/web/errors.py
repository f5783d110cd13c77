"""The border of the page: what went wrong is a page that explains itself, not our inside."""

from __future__ import annotations

from typing import Final

import structlog
from aiohttp import web

from registry.api.problems import Handler, Problem, is_api
from registry.web.guard import recognise
from registry.web.rendering import render

_EXPLAINED: Final = (400, 403, 404, 405, 422, 429, 503)
_log = structlog.get_logger(__name__)


@web.middleware
async def page_border(request: web.Request, handler: Handler) -> web.StreamResponse:
    if is_api(request):
        return await handler(request)
    try:
        if _leads_nowhere(request) and _is_read(request):
            await recognise(request)
        return await handler(request)
    except Problem as problem:
        return _explained(request, problem) if _is_read(request) else problem.response()
    except web.HTTPError as error:
        if not _is_read(request):
            raise
        return _explained(request, Problem(error.status, ""))
    except web.HTTPException:
        raise  # a redirection is no error
    except Exception:
        if not _is_read(request):
            raise
        _log.exception("page failed", path=request.path, method=request.method)
        return _explained(request, Problem(500, ""))


def _leads_nowhere(request: web.Request) -> bool:
    return request.match_info.http_exception is not None


def _is_read(request: web.Request) -> bool:
    """By a person in a browser, and not by a script or a scraper."""
    return "text/html" in request.headers.get("Accept", "")


def _explained(request: web.Request, problem: Problem) -> web.Response:
    shown = problem.status if problem.status in _EXPLAINED else 500
    return render(request, "error.html", problem.status, shown=shown, problem=problem)
