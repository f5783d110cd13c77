"""Browser sessions: who signed in once has a cookie, of whose value only a SHA-256 is kept."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from registry.models import Account, ApiToken, WebSession
from registry.security.principals import Principal, of_account, of_token
from registry.security.tokens import MAX_TOKEN_CHARS, is_in_force, sha256_of


async def open_session(
    session: AsyncSession, principal: Principal, now: datetime, hours: float, address: str = ""
) -> str:
    """The value for the cookie. Sessions that ended are swept away on the occasion."""
    cookie = secrets.token_urlsafe(32)
    await session.execute(sa.delete(WebSession).where(WebSession.expires_at <= now))
    by_token = principal.token_id is not None
    session.add(
        WebSession(
            cookie_sha256=sha256_of(cookie),
            token_id=principal.token_id,
            account_id=None if by_token else principal.account_id,
            address=address[:64],
            created_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    await session.flush()
    return cookie


async def verify_session(session: AsyncSession, cookie: str, now: datetime) -> Principal | None:
    """Who sits at this browser; None once the session, its token or its account is over."""
    owner, behind = aliased(Account), aliased(Account)  # of the session, and of its token
    # Looked up by hash: what an attacker could learn from its timing is the hash of a guess.
    found = (
        await session.execute(
            sa.select(WebSession, owner, ApiToken, behind)
            .outerjoin(owner, owner.id == WebSession.account_id)
            .outerjoin(ApiToken, ApiToken.id == WebSession.token_id)
            .outerjoin(behind, behind.id == ApiToken.account_id)
            .where(WebSession.cookie_sha256 == sha256_of(cookie[: MAX_TOKEN_CHARS + 1]))
        )
    ).one_or_none()
    if found is None or found[0].expires_at <= now:
        return None
    web_session, account, token, behind_token = found
    if account is not None:
        principal = of_account(account)
    else:
        principal = of_token(token, behind_token) if is_in_force(token, now) else None
    return None if principal is None else replace(principal, session_id=web_session.id)


async def close_session(session: AsyncSession, cookie: str) -> None:
    await session.execute(
        sa.delete(WebSession).where(
            WebSession.cookie_sha256 == sha256_of(cookie[: MAX_TOKEN_CHARS + 1])
        )
    )


async def sessions_of(
    session: AsyncSession, account_id: int, now: datetime
) -> Sequence[WebSession]:
    """Where that account is signed in now, the latest first."""
    statement = (
        sa.select(WebSession)
        .where(WebSession.account_id == account_id, WebSession.expires_at > now)
        .order_by(WebSession.id.desc())
    )
    return (await session.scalars(statement)).all()
