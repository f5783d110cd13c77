"""Browser sessions: a token pasted once becomes a cookie value, of which only a SHA-256 is kept."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.models import ApiToken, WebSession
from registry.security.tokens import (
    MAX_TOKEN_CHARS,
    Principal,
    is_in_force,
    principal_of,
    sha256_of,
)


async def open_session(
    session: AsyncSession, principal: Principal, now: datetime, hours: float
) -> str:
    """The value for the cookie. Sessions that ended are swept away on the occasion."""
    cookie = secrets.token_urlsafe(32)
    await session.execute(sa.delete(WebSession).where(WebSession.expires_at <= now))
    session.add(
        WebSession(
            cookie_sha256=sha256_of(cookie),
            token_id=principal.token_id,
            created_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    await session.flush()
    return cookie


async def verify_session(session: AsyncSession, cookie: str, now: datetime) -> Principal | None:
    """Who sits at this browser; None once the session or its token is over."""
    # Looked up by hash: what an attacker could learn from its timing is the hash of a guess.
    found = (
        await session.execute(
            sa.select(WebSession, ApiToken)
            .join(ApiToken, ApiToken.id == WebSession.token_id)
            .where(WebSession.cookie_sha256 == sha256_of(cookie[: MAX_TOKEN_CHARS + 1]))
        )
    ).one_or_none()
    if found is None:
        return None
    web_session, token = found
    if web_session.expires_at <= now or not is_in_force(token, now):
        return None
    return principal_of(token)


async def close_session(session: AsyncSession, cookie: str) -> None:
    await session.execute(
        sa.delete(WebSession).where(
            WebSession.cookie_sha256 == sha256_of(cookie[: MAX_TOKEN_CHARS + 1])
        )
    )
