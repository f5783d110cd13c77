"""/api/v1/tokens: keys of machines and of accounts. A secret is in one answer, its first."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from registry.api.limits import ReachGiven, ReachShape, refusals
from registry.api.problems import FieldError, Problem
from registry.api.routing import Call, Nothing, Route, Strict
from registry.models import Account, ApiToken
from registry.security.access import Access
from registry.security.accounts import find_account
from registry.security.tokens import create_token, revoke_token
from registry.vocabulary import Role

_LISTED: Final = 1000


class TokenPath(Strict):
    id: Annotated[str, StringConstraints(min_length=1, max_length=16)]


class TokenMade(Strict):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    role: Role = Role.VIEWER
    reach: ReachGiven = ReachGiven()
    expires_at: AwareDatetime | None = Field(None, description="null: until it is revoked")
    account: str | None = Field(
        None, max_length=64, description="whose it is: it may never more than he; null: a machine's"
    )


class TokenShape(BaseModel):
    id: str
    name: str
    role: Role
    reach: ReachShape
    account: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, token: ApiToken, account: str | None) -> TokenShape:
        return cls(
            id=token.key_id,
            name=token.name,
            role=token.role,
            reach=ReachShape.of(token),
            account=account,
            created_at=token.created_at,
            expires_at=token.expires_at,
            revoked_at=token.revoked_at,
        )


class TokenIssued(BaseModel):
    id: str
    token: str = Field(description="the whole token, shown only now")


class TokenList(BaseModel):
    items: list[TokenShape]
    next: None = None


async def list_tokens(call: Call[Nothing, Nothing, Nothing]) -> TokenList:
    statement = (
        sa.select(ApiToken, Account.name)
        .outerjoin(Account, Account.id == ApiToken.account_id)
        .order_by(ApiToken.id.desc())
        .limit(_LISTED)
    )
    async with call.serving.database.read() as session:
        rows = (await session.execute(statement)).all()
    return TokenList(items=[TokenShape.of(token, account) for token, account in rows])


async def make_token(call: Call[Nothing, Nothing, TokenMade]) -> TokenIssued:
    made, now = call.body, call.serving.clock.now()
    if made.expires_at is not None and made.expires_at <= now:
        raise _refused("body.expires_at", f"{made.expires_at} is over already")
    async with refusals(), call.serving.database.write() as session:
        owner = None if made.account is None else await find_account(session, made.account)
        if made.account is not None and owner is None:
            raise _refused("body.account", f"there is no account {made.account!r}")
        issued = await create_token(
            session,
            name=made.name,
            role=made.role,
            now=now,
            expires_at=made.expires_at,
            reach=made.reach.reach(),
            account_id=owner.id if owner is not None else None,
        )
        said = made.model_dump(mode="json")
        await call.audit(session, "token.created", issued.key_id, **said)
    return TokenIssued(id=issued.key_id, token=issued.text)


async def end_token(call: Call[TokenPath, Nothing, Nothing]) -> TokenShape:
    async with call.serving.database.write() as session:
        if not await revoke_token(session, call.path.id, call.serving.clock.now()):
            raise Problem(404, f"no token in force has the id {call.path.id!r}")
        await call.audit(session, "token.revoked", call.path.id)
        found = (
            sa.select(ApiToken, Account.name)
            .outerjoin(Account, Account.id == ApiToken.account_id)
            .where(ApiToken.key_id == call.path.id)
        )
        token, account = (await session.execute(found)).one()
    return TokenShape.of(token, account)


def _refused(field: str, detail: str) -> Problem:
    return Problem(422, detail, errors=[FieldError(field=field, detail=detail)])


ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/tokens",
        name="listTokens",
        tag="people",
        summary="The tokens, without their secrets",
        access=Access.ADMIN_OF_ALL,
        handler=list_tokens,
        answers=TokenList,
    ),
    Route(
        method="POST",
        path="/api/v1/tokens",
        name="makeToken",
        tag="people",
        summary="A new token; its secret is shown once",
        access=Access.ADMIN_OF_ALL,
        handler=make_token,
        body_model=TokenMade,
        answers=TokenIssued,
        status=201,
        problems=(400,),
    ),
    Route(
        method="DELETE",
        path="/api/v1/tokens/{id}",
        name="endToken",
        tag="people",
        summary="Revoke a token and end its browser sessions",
        access=Access.ADMIN_OF_ALL,
        handler=end_token,
        path_model=TokenPath,
        answers=TokenShape,
        problems=(404,),
    ),
)
