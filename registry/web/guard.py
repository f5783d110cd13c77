"""Who may see a page. Without a session it leads to the login; a script gets a plain 401."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from registry.api.callers import caller_of, forbidden
from registry.api.problems import Handler
from registry.api.viewing import VIEWS
from registry.models import Base
from registry.security.access import Access
from registry.security.within import Condition, within
from registry.serving import SERVING
from registry.web.rendering import CALLER


@dataclass(frozen=True, slots=True)
class Page:
    """One declaration per page, as `Route` is for the API."""

    method: str
    path: str
    access: Access
    handler: Handler
    reveals: bool = False  # addresses of devices, to operators: that is audited
    again: bool = False  # a page that is open fetches this by itself


def guarded(page: Page) -> Handler:
    if page.access is Access.OPEN:
        return page.handler

    async def guard(request: web.Request) -> web.StreamResponse:
        caller = await caller_of(request)
        if caller is None:
            raise _to_login(request)
        request[CALLER] = caller
        if not caller.allowed(page.access):
            raise forbidden(caller, page.access)
        answer = await page.handler(request)
        if page.reveals and caller.allowed(Access.OPERATE):
            views = request.app[VIEWS]
            await (views.still_open if page.again else views.revealed)(caller, request.path)
        return answer

    return guard


async def recognise(request: web.Request) -> None:
    """For what stands on no page: whoever is signed in keeps the frame of the site."""
    caller = await caller_of(request)
    if caller is not None:
        request[CALLER] = caller


def within_reach(request: web.Request, shown: type[Base]) -> Condition:
    """Which rows whoever reads this page sees; every statement of a page that shows any says so."""
    return within(shown, request[CALLER].reach, request.app[SERVING].clock.now())


def local_path(wanted: str) -> str:
    """Where to go next, on this site only: anything that could lead elsewhere leads home."""
    is_local = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_local and wanted.isprintable() else "/"


def _to_login(request: web.Request) -> web.HTTPException:
    if "text/html" in request.headers.get("Accept", ""):
        return web.HTTPSeeOther(f"/login?next={quote(request.path_qs, safe='')}")
    return web.HTTPUnauthorized()
