"""/api/v1/me: who asks, his password and where he is signed in. It shows nobody else."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.accounts import Ended, SessionList, SessionShape
from registry.api.limits import Password, refusals
from registry.api.problems import FieldError, Problem
from registry.api.routing import Call, Nothing, Route, Strict
from registry.models import Account, WebSession
from registry.security.access import Access
from registry.security.accounts import Knock, Wait, end_sessions, set_password, sign_in
from registry.security.passwords import require_good
from registry.security.reach import Reach
from registry.security.sessions import sessions_of
from registry.vocabulary import Role


class LimitsShape(BaseModel):
    areas: list[str]
    centers: list[str]
    contractor: str | None


class Me(BaseModel):
    name: str
    role: Role
    reach: list[LimitsShape]
    by_session: bool

    @classmethod
    def of(cls, call: Call[Any, Any, Any]) -> Me:
        caller = call.caller
        limits = [_limits(each) for each in caller.reach]
        return cls(name=caller.name, role=caller.role, reach=limits, by_session=caller.by_cookie)


class PasswordChanged(Strict):
    old: Password
    password: Password


class SessionPath(Strict):
    id: int


async def get_me(call: Call[Nothing, Nothing, Nothing]) -> Me:
    return Me.of(call)


async def change_password(call: Call[Nothing, Nothing, PasswordChanged]) -> Ended:
    """Only in a session: a token that leaked must not become an account that is taken over."""
    id_, body, serving = _account_id(call), call.body, call.serving
    name = call.caller.name
    await _require_password(call, name, body.old.get_secret_value())
    async with refusals():
        require_good(body.password.get_secret_value(), name)
        hashed = await serving.passwords.hashed(body.password.get_secret_value())
    async with serving.database.write() as session:
        account = await session.get_one(Account, id_)
        set_password(account, hashed, serving.clock.now())
        ended = await end_sessions(session, id_, but=call.caller.principal.session_id)
        await call.audit(session, "account.password_changed", account.name, ended=ended)
    return Ended(sessions=ended)


async def list_sessions(call: Call[Nothing, Nothing, Nothing]) -> SessionList:
    async with call.serving.database.read() as session:
        found = await sessions_of(session, _account_id(call), call.serving.clock.now())
    own = call.caller.principal.session_id
    return SessionList(items=[SessionShape.of(each, own) for each in found])


async def end_session(call: Call[SessionPath, Nothing, Nothing]) -> Ended:
    async with call.serving.database.write() as session:
        if not await _end(session, call.path.id, _account_id(call)):
            raise Problem(404, f"you have no session {call.path.id}")
        await call.audit(session, "session.closed", call.caller.name, id=call.path.id)
    return Ended(sessions=1)


async def _end(session: AsyncSession, id_: int, account_id: int) -> bool:
    mine = sa.delete(WebSession).where(WebSession.id == id_, WebSession.account_id == account_id)
    return await session.scalar(mine.returning(WebSession.id)) is not None


def _account_id(call: Call[Any, Any, Any]) -> int:
    principal = call.caller.principal
    if principal.account_id is None or not call.caller.by_cookie or principal.token_id is not None:
        raise Problem(403, "this is for who signed in with a name and a password")
    return principal.account_id


async def _require_password(call: Call[Any, Any, Any], name: str, password: str) -> None:
    """The old one once more, under the same delays as signing in."""
    knock = Knock(name, password, call.caller.address, call.caller.request_id)
    clock = call.serving.clock
    found = await sign_in(call.serving, knock, clock.now(), clock.monotonic())
    if isinstance(found, Wait):
        raise Problem(429, "too many wrong passwords", headers=found.headers)
    if found is None:
        detail = "this is not the password of now"
        raise Problem(422, detail, errors=[FieldError(field="body.old", detail=detail)])


def _limits(reach: Reach) -> LimitsShape:
    return LimitsShape(
        areas=list(reach.areas), centers=list(reach.centers), contractor=reach.contractor
    )


ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/me",
        name="getMe",
        tag="people",
        summary="Who asks, as what, how far",
        access=Access.KNOWN,
        handler=get_me,
        answers=Me,
    ),
    Route(
        method="PUT",
        path="/api/v1/me/password",
        name="changeMyPassword",
        tag="people",
        summary="A new password; all other sessions end",
        access=Access.OWN,
        handler=change_password,
        body_model=PasswordChanged,
        answers=Ended,
        problems=(400, 429),
    ),
    Route(
        method="GET",
        path="/api/v1/me/sessions",
        name="listMySessions",
        tag="people",
        summary="Where I am signed in",
        access=Access.OWN,
        handler=list_sessions,
        answers=SessionList,
    ),
    Route(
        method="DELETE",
        path="/api/v1/me/sessions/{id}",
        name="endMySession",
        tag="people",
        summary="Sign out there",
        access=Access.OWN,
        handler=end_session,
        path_model=SessionPath,
        answers=Ended,
        problems=(404,),
    ),
)
