"""Who may see a page. Without a session it leads to the login; a script gets a plain 401."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from registry.api.callers import caller_of
from registry.api.problems import Handler, Problem
from registry.vocabulary import Role
from registry.web.rendering import CALLER


def for_viewers(handler: Handler) -> Handler:
    async def guarded(request: web.Request) -> web.StreamResponse:
        caller = await caller_of(request)
        if caller is None:
            raise _to_login(request)
        if not caller.may(Role.VIEWER):
            raise Problem(403, f"role {caller.role.value} sees no pages")
        request[CALLER] = caller
        return await handler(request)

    return guarded


def local_path(wanted: str) -> str:
    """Where to go next, on this site only: anything that could lead elsewhere leads home."""
    is_local = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_local and wanted.isprintable() else "/"


def _to_login(request: web.Request) -> web.HTTPException:
    if "text/html" in request.headers.get("Accept", ""):
        return web.HTTPSeeOther(f"/login?next={quote(request.path_qs, safe='')}")
    return web.HTTPUnauthorized()
