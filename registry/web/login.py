"""In and out: a token pasted once becomes a session in a cookie. The token itself is not kept."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from registry.api.callers import SESSION_COOKIE, caller_of, require_same_origin
from registry.api.problems import Problem
from registry.security.access import Access, allows
from registry.security.audit import record
from registry.security.sessions import close_session, open_session
from registry.security.tokens import Principal, verify_token
from registry.serving import SERVING
from registry.web.attempts import Attempts
from registry.web.guard import local_path
from registry.web.languages import COOKIE as LANGUAGE_COOKIE
from registry.web.rendering import render
from registry.web.words import LANGUAGES

ATTEMPTS: Final = web.AppKey("login_attempts", Attempts)
_YEAR_S: Final = 365 * 24 * 3600


async def show_login(request: web.Request) -> web.StreamResponse:
    wanted = local_path(request.query.get("next", "/"))
    if await caller_of(request) is not None:
        raise web.HTTPSeeOther(wanted)
    return render(request, "login.html", next=wanted, refused=None)


async def log_in(request: web.Request) -> web.StreamResponse:
    require_same_origin(request)
    attempts, address = request.app[ATTEMPTS], request.remote or ""
    form = await request.post()
    wanted = local_path(str(form.get("next", "/")))
    if not attempts.allowed(address):
        return render(request, "login.html", 429, next=wanted, refused="too_many")
    principal = await _principal(request, str(form.get("token", "")).strip())
    if principal is None or not allows(Access.OWN, principal.role, principal.reach):
        attempts.failed(address)
        return render(request, "login.html", 401, next=wanted, refused="wrong")
    return await _welcome(request, principal, wanted)


async def log_out(request: web.Request) -> web.StreamResponse:
    require_same_origin(request)
    serving = request.app[SERVING]
    caller = await caller_of(request)
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie is not None and caller is not None:
        async with serving.database.write() as session:
            await close_session(session, cookie)
            await record(session, caller.name, "session.closed", "", {}, serving.clock.now())
    response = web.Response(status=303, headers={"Location": "/login"})
    response.del_cookie(SESSION_COOKIE, path="/")
    return response


async def switch_language(request: web.Request) -> web.StreamResponse:
    chosen = request.match_info["language"]
    if chosen not in LANGUAGES:
        raise Problem(404, f"no page speaks {chosen!r}, expected one of {', '.join(LANGUAGES)}")
    wanted = local_path(request.query.get("next", "/"))
    response = web.Response(status=303, headers={"Location": wanted})
    response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=_YEAR_S, path="/", samesite="Lax")
    return response


async def _principal(request: web.Request, token: str) -> Principal | None:
    serving = request.app[SERVING]
    async with serving.database.read() as session:
        return await verify_token(session, token, serving.clock.now())


async def _welcome(request: web.Request, principal: Principal, wanted: str) -> web.StreamResponse:
    serving = request.app[SERVING]
    now = serving.clock.now()
    async with serving.database.write() as session:
        cookie = await open_session(session, principal, now, serving.session_hours)
        await record(session, principal.who, "session.opened", principal.key_id, {}, now)
    response = web.Response(status=303, headers={"Location": wanted})
    response.set_cookie(
        SESSION_COOKIE,
        cookie,
        path="/",
        max_age=int(serving.session_hours * 3600),
        httponly=True,
        samesite="Strict",
        secure=serving.secure_cookie,
    )
    return response
