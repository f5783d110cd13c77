"""/api/v1/accounts: who signs in, as what, how far. A password comes in and never goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import sqlalchemy as sa
from pydantic import BaseModel, Field, StringConstraints, field_validator
from sqlalchemy.ext.asyncio import AsyncSession

from registry.api.limits import Password, ReachGiven, ReachShape, refusals
from registry.api.problems import Problem
from registry.api.routing import Call, Nothing, Route, Strict
from registry.models import Account, WebSession
from registry.security.access import Access
from registry.security.accounts import (
    ROLES,
    create_account,
    end_sessions,
    find_account,
    set_password,
)
from registry.security.limits import require_existing
from registry.security.passwords import require_good
from registry.security.principals import limit, reach_of
from registry.security.sessions import sessions_of
from registry.vocabulary import Role

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


class AccountPath(Strict):
    name: Name


class _WithRole(Strict):
    @field_validator("role", check_fields=False)
    @classmethod
    def _of_a_person(cls, role: Role | None) -> Role | None:
        if role is not None and role not in ROLES:
            raise ValueError(f"role {role.value} is for machines, expected {', '.join(ROLES)}")
        return role


class AccountMade(_WithRole):
    name: Name
    password: Password
    role: Role = Role.VIEWER
    reach: ReachGiven = ReachGiven()

    @field_validator("name")
    @classmethod
    def _printable(cls, name: str) -> str:
        if not name.isprintable() or "/" in name:
            raise ValueError("expected printable characters without a slash")
        return name


class AccountChanged(_WithRole):
    """What is left out stays as it is. Every change ends the account's sessions."""

    password: Password | None = None
    role: Role | None = None
    reach: ReachGiven | None = None
    disabled: bool | None = None


class AccountShape(BaseModel):
    name: str
    role: Role
    reach: ReachShape
    disabled: bool
    created_at: datetime
    password_changed_at: datetime
    locked_until: datetime | None = Field(description="for addresses it never signed in from")

    @classmethod
    def of(cls, account: Account) -> AccountShape:
        return cls(
            name=account.name,
            role=account.role,
            reach=ReachShape.of(account),
            disabled=account.disabled_at is not None,
            created_at=account.created_at,
            password_changed_at=account.password_changed_at,
            locked_until=account.locked_until,
        )


class AccountList(BaseModel):
    items: list[AccountShape]
    next: None = None


class SessionShape(BaseModel):
    id: int
    address: str
    created_at: datetime
    expires_at: datetime
    current: bool = Field(description="the one that asks")

    @classmethod
    def of(cls, session: WebSession, current: int | None) -> SessionShape:
        return cls(
            id=session.id,
            address=session.address,
            created_at=session.created_at,
            expires_at=session.expires_at,
            current=session.id == current,
        )


class SessionList(BaseModel):
    items: list[SessionShape]
    next: None = None


class Ended(BaseModel):
    sessions: int


async def list_accounts(call: Call[Nothing, Nothing, Nothing]) -> AccountList:
    async with call.serving.database.read() as session:
        accounts = await session.scalars(sa.select(Account).order_by(Account.folded))
        return AccountList(items=[AccountShape.of(account) for account in accounts])


async def get_account(call: Call[AccountPath, Nothing, Nothing]) -> AccountShape:
    async with call.serving.database.read() as session:
        return AccountShape.of(await _existing(session, call.path.name))


async def make_account(call: Call[Nothing, Nothing, AccountMade]) -> AccountShape:
    made, now = call.body, call.serving.clock.now()
    async with refusals():
        hashed = await _hashed(call, made.password.get_secret_value(), made.name)
        async with call.serving.database.write() as session:
            account = await create_account(
                session,
                name=made.name,
                password_hash=hashed,
                role=made.role,
                now=now,
                reach=made.reach.reach(),
            )
            said = made.model_dump(mode="json", include={"role", "reach"})
            await call.audit(session, "account.created", account.name, **said)
    return AccountShape.of(account)


async def change_account(call: Call[AccountPath, Nothing, AccountChanged]) -> AccountShape:
    changed, hashed = call.body, None
    async with refusals():
        if changed.password is not None:
            hashed = await _hashed(call, changed.password.get_secret_value(), call.path.name)
        async with call.serving.database.write() as session:
            account = await _existing(session, call.path.name)
            await _change(call, session, account, hashed)
    return AccountShape.of(account)


async def _change(
    call: Call[Any, Any, AccountChanged],
    session: AsyncSession,
    account: Account,
    hashed: str | None,
) -> None:
    changed, now = call.body, call.serving.clock.now()
    if hashed is not None:
        set_password(account, hashed, now)
    if changed.role is not None:
        account.role = changed.role
    if changed.reach is not None:
        limit(account, changed.reach.reach())
    if changed.disabled is not None:
        account.disabled_at = now if changed.disabled else None
    await require_existing(session, account.role, reach_of(account))
    await session.flush()
    await _require_an_admin(session)
    ended = await end_sessions(session, account.id)
    said = changed.model_dump(mode="json", exclude_unset=True, exclude={"password"})
    new_password = hashed is not None
    await call.audit(
        session, "account.changed", account.name, new_password=new_password, ended=ended, **said
    )


async def list_account_sessions(call: Call[AccountPath, Nothing, Nothing]) -> SessionList:
    async with call.serving.database.read() as session:
        account = await _existing(session, call.path.name)
        found = await sessions_of(session, account.id, call.serving.clock.now())
    own = call.caller.principal.session_id
    return SessionList(items=[SessionShape.of(each, own) for each in found])


async def end_account_sessions(call: Call[AccountPath, Nothing, Nothing]) -> Ended:
    async with call.serving.database.write() as session:
        account = await _existing(session, call.path.name)
        ended = await end_sessions(session, account.id)
        await call.audit(session, "account.signed_out", account.name, ended=ended)
    return Ended(sessions=ended)


async def _existing(session: AsyncSession, name: str) -> Account:
    account = await find_account(session, name)
    if account is None:
        raise Problem(404, f"there is no account {name!r}")
    return account


async def _hashed(call: Call[Any, Any, Any], password: str, name: str) -> str:
    require_good(password, name)
    return await call.serving.passwords.hashed(password)


async def _require_an_admin(session: AsyncSession) -> None:
    """Once there are admins, one who sees everything remains: nobody shuts everybody out."""
    admins = list(await session.scalars(sa.select(Account).where(Account.role == Role.ADMIN)))
    rulers = [each for each in admins if each.disabled_at is None and reach_of(each).is_everything]
    if not rulers:
        raise Problem(409, "no admin without limits would be left who can sign in")


def _route(method: str, path: str, name: str, summary: str, **more: Any) -> Route:
    return Route(
        method=method,
        path=f"/api/v1/accounts{path}",
        name=name,
        tag="people",
        summary=summary,
        access=Access.ADMIN_OF_ALL,
        **more,
    )


ROUTES: Final = (
    _route(
        "GET", "", "listAccounts", "Who may sign in", handler=list_accounts, answers=AccountList
    ),
    _route(
        "POST",
        "",
        "makeAccount",
        "Let somebody sign in",
        handler=make_account,
        body_model=AccountMade,
        answers=AccountShape,
        status=201,
        problems=(400, 409),
    ),
    _route(
        "GET",
        "/{name}",
        "getAccount",
        "One account",
        handler=get_account,
        path_model=AccountPath,
        answers=AccountShape,
        problems=(404,),
    ),
    _route(
        "PATCH",
        "/{name}",
        "changeAccount",
        "Change role, reach or password, disable or enable; its sessions end",
        handler=change_account,
        path_model=AccountPath,
        body_model=AccountChanged,
        answers=AccountShape,
        problems=(400, 404, 409),
    ),
    _route(
        "GET",
        "/{name}/sessions",
        "listAccountSessions",
        "Where somebody is signed in",
        handler=list_account_sessions,
        path_model=AccountPath,
        answers=SessionList,
        problems=(404,),
    ),
    _route(
        "DELETE",
        "/{name}/sessions",
        "endAccountSessions",
        "Sign somebody out everywhere",
        handler=end_account_sessions,
        path_model=AccountPath,
        answers=Ended,
        problems=(404,),
    ),
)
