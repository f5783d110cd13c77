"""In and out: name and password, or a token, become a session in a cookie. Neither is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from aiohttp import web

from registry.api.callers import SESSION_COOKIE, caller_of, require_same_origin
from registry.api.problems import Problem
from registry.api.request_ids import request_id
from registry.security.access import Access, allows
from registry.security.accounts import Knock, Wait, sign_in
from registry.security.audit import record
from registry.security.principals import Principal
from registry.security.sessions import close_session, open_session
from registry.security.tokens import verify_token
from registry.serving import SERVING
from registry.web.guard import local_path
from registry.web.languages import COOKIE as LANGUAGE_COOKIE
from registry.web.rendering import render
from registry.web.words import LANGUAGES

_YEAR_S: Final = 365 * 24 * 3600


async def show_login(request: web.Request) -> web.StreamResponse:
    wanted = local_path(request.query.get("next", "/"))
    if await caller_of(request) is not None:
        raise web.HTTPSeeOther(wanted)
    return render(request, "login.html", next=wanted, refused=None)


async def log_in(request: web.Request) -> web.StreamResponse:
    require_same_origin(request)
    form = await request.post()
    wanted = local_path(str(form.get("next", "/")))
    found = await _found(request, form)
    if isinstance(found, Wait):
        return _too_many(request, wanted, found)
    if found is None or not allows(Access.OWN, found.role, found.reach):
        return render(request, "login.html", 401, next=wanted, refused="wrong")
    return await _welcome(request, found, wanted)


async def _found(request: web.Request, form: Mapping[str, object]) -> Principal | Wait | None:
    """By a token where one was pasted, or else by name and password."""
    serving, token = request.app[SERVING], str(form.get("token", "")).strip()
    if token:
        return await _by_token(request, token)
    knock = Knock(
        str(form.get("name", "")).strip(),
        str(form.get("password", "")),
        request.remote or "",
        request_id(request),
    )
    return await sign_in(serving, knock, serving.clock.now(), serving.clock.monotonic())


async def _by_token(request: web.Request, token: str) -> Principal | Wait | None:
    serving, address = request.app[SERVING], request.remote or ""
    now, now_s = serving.clock.now(), serving.clock.monotonic()
    if wait_s := serving.attempts.crowd_s(address, now_s):
        return Wait(wait_s)
    with serving.attempts.under_way(address):
        found = await _holder(request, token, now)
    if found is None or not allows(Access.OWN, found.role, found.reach):
        serving.attempts.failed(address, now_s)
    return found


async def _holder(request: web.Request, token: str, now: datetime) -> Principal | None:
    serving, address = request.app[SERVING], request.remote or ""
    async with serving.database.read() as session:
        found = await verify_token(session, token, now)
    if found is None:
        async with serving.database.write() as session:
            await record(
                session,
                "",
                "login.bad",
                "",
                {},
                now,
                address=address,
                request_id=request_id(request),
            )
    return found


def _too_many(request: web.Request, wanted: str, wait: Wait) -> web.StreamResponse:
    response = render(request, "login.html", 429, next=wanted, refused="too_many")
    response.headers.update(wait.headers)
    return response


async def log_out(request: web.Request) -> web.StreamResponse:
    require_same_origin(request)
    serving = request.app[SERVING]
    caller = await caller_of(request)
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie is not None and caller is not None:
        async with serving.database.write() as session:
            await close_session(session, cookie)
            await record(
                session,
                caller.name,
                "session.closed",
                "",
                {},
                serving.clock.now(),
                address=caller.address,
                request_id=caller.request_id,
            )
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


async def _welcome(request: web.Request, principal: Principal, wanted: str) -> web.StreamResponse:
    serving = request.app[SERVING]
    now = serving.clock.now()
    async with serving.database.write() as session:
        address, hours = request.remote or "", serving.session_hours
        cookie = await open_session(session, principal, now, hours, address)
        await record(
            session,
            principal.who,
            "session.opened",
            principal.key_id,
            {},
            now,
            address=address,
            request_id=request_id(request),
        )
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
