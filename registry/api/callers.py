"""Who asks: a bearer token or the page's session cookie. It decides whether, never what is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from registry.api.problems import Problem
from registry.api.request_ids import request_id
from registry.security.access import RULES, Access, allows
from registry.security.principals import Principal
from registry.security.rates import Buckets
from registry.security.reach import Reach
from registry.security.roles import permits
from registry.security.sessions import verify_session
from registry.security.tokens import verify_token
from registry.serving import SERVING
from registry.vocabulary import Role

SESSION_COOKIE: Final = "camreach_session"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose token or session holds, from where he asks, and in which request."""

    principal: Principal
    by_cookie: bool
    address: str = ""
    request_id: str = ""

    @property
    def name(self) -> str:
        return self.principal.who

    @property
    def role(self) -> Role:
        return self.principal.role

    @property
    def reach(self) -> Reach:
        return self.principal.reach

    def may(self, needed: Role) -> bool:
        return permits(self.role, needed)

    def allowed(self, access: Access) -> bool:
        return allows(access, self.role, self.reach)


async def caller_of(request: web.Request) -> Caller | None:
    """A bearer token goes before a cookie; a wrong one is not rescued by a cookie.

    Raises a problem with 429 for who asks too often.
    """
    scheme, _, _ = request.headers.get("Authorization", "").partition(" ")
    found = await principal_of(request)
    if found is None:
        _slow_down_stranger(request, by_cookie=not scheme and SESSION_COOKIE in request.cookies)
        return None
    _slow_down(request, request.app[SERVING].rates.known, found.own)
    return Caller(found, not scheme, request.remote or "", request_id(request))


async def principal_of(request: web.Request) -> Principal | None:
    """Whose the token or session is that came with a request, as it stands now."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        return await _by_token(request, token.strip()) if scheme.lower() == "bearer" else None
    cookie = request.cookies.get(SESSION_COOKIE)
    return await _by_cookie(request, cookie) if cookie else None


def _slow_down_stranger(request: web.Request, *, by_cookie: bool) -> None:
    rates = request.app[SERVING].rates
    if by_cookie:
        _slow_down(request, rates.stale, request.remote or "")
    elif "Authorization" in request.headers:
        _slow_down(request, rates.strangers, request.remote or "")


def _slow_down(request: web.Request, buckets: Buckets, who: str) -> None:
    if wait_s := buckets.take(who, request.app[SERVING].clock.monotonic()):
        detail = f"too many requests, the next is possible in {wait_s} s"
        raise Problem(429, detail, headers={"Retry-After": str(wait_s)})


async def require(request: web.Request, access: Access) -> Caller:
    caller = await caller_of(request)
    if caller is None:
        raise Problem(
            401,
            "a bearer token or a session is needed",
            headers={"WWW-Authenticate": 'Bearer realm="camreach"'},
        )
    if not caller.allowed(access):
        raise forbidden(caller, access)
    if caller.by_cookie and request.method not in _SAFE:
        require_same_origin(request)
    return caller


def forbidden(caller: Caller, access: Access) -> Problem:
    limited = "" if caller.reach.is_everything else " with limits"
    return Problem(
        403, f"role {caller.role.value}{limited} may not do this, it is for {RULES[access].says}"
    )


def require_same_origin(request: web.Request) -> None:
    """A cookie travels with whatever page makes the browser send it: only our own page may."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site in ("same-origin", "none"):
            return
        raise Problem(403, f"refused a request from another site: Sec-Fetch-Site is {site!r}")
    # Browsers leave Sec-Fetch-Site out on plain HTTP, but send Origin with every POST. The scheme
    # is not compared: a proxy that ends TLS changes it.
    origin = request.headers.get("Origin")
    if origin is None or urlsplit(origin).netloc != request.host:
        raise Problem(403, f"refused a request from another site: Origin is {origin!r}")


async def _by_token(request: web.Request, token: str) -> Principal | None:
    serving = request.app[SERVING]
    async with serving.database.read(single=True) as session:
        return await verify_token(session, token, serving.clock.now())


async def _by_cookie(request: web.Request, cookie: str) -> Principal | None:
    serving = request.app[SERVING]
    async with serving.database.read(single=True) as session:
        return await verify_session(session, cookie, serving.clock.now())
