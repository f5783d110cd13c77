"""API tokens: `id.secret` is shown once, a SHA-256 is kept. They say who asks, not what he may."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from registry.models import Account, ApiToken
from registry.security.limits import require_existing
from registry.security.principals import Principal, limit, of_token
from registry.security.reach import EVERYTHING, Reach
from registry.vocabulary import Role

MAX_TOKEN_CHARS = 100
_NOBODYS_SHA256 = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """The only moment at which the whole token exists; its repr shows the id alone."""

    key_id: str
    text: str = field(repr=False)


async def create_token(
    session: AsyncSession,
    *,
    name: str,
    role: Role,
    now: datetime,
    expires_at: datetime | None = None,
    reach: Reach = EVERYTHING,
    account_id: int | None = None,
) -> IssuedToken:
    """Raises ReachRefused where the reach names what is not there, or a role needs one."""
    await require_existing(session, role, reach)
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    token = ApiToken(
        key_id=key_id,
        secret_sha256=sha256_of(secret),
        name=name,
        role=role,
        account_id=account_id,
        created_at=now,
        expires_at=expires_at,
    )
    limit(token, reach)
    session.add(token)
    await session.flush()
    return IssuedToken(key_id, f"{key_id}.{secret}")


async def verify_token(session: AsyncSession, text: str, now: datetime) -> Principal | None:
    """Who holds this token; None when it is unknown, revoked or expired, without saying which."""
    key_id, _, secret = (text if text.isascii() else "")[: MAX_TOKEN_CHARS + 1].partition(".")
    found = (
        await session.execute(
            sa.select(ApiToken, Account)
            .outerjoin(Account, Account.id == ApiToken.account_id)
            .where(ApiToken.key_id == key_id)
        )
    ).one_or_none()
    token, account = found if found is not None else (None, None)
    kept = _NOBODYS_SHA256 if token is None else token.secret_sha256
    # Compared whether or not the id exists, so that the time taken tells nothing.
    matches = hmac.compare_digest(sha256_of(secret), kept)
    if token is None or not matches or not is_in_force(token, now):
        return None
    return of_token(token, account)


async def revoke_token(session: AsyncSession, key_id: str, now: datetime) -> bool:
    """Whether there was a token to revoke. Its browser sessions end with it."""
    token = await session.scalar(sa.select(ApiToken).where(ApiToken.key_id == key_id))
    if token is None or token.revoked_at is not None:
        return False
    token.revoked_at = now
    return True


async def list_tokens(session: AsyncSession) -> list[ApiToken]:
    return list(await session.scalars(sa.select(ApiToken).order_by(ApiToken.created_at)))


def is_in_force(token: ApiToken, now: datetime) -> bool:
    expired = token.expires_at is not None and token.expires_at <= now
    return token.revoked_at is None and not expired


def sha256_of(secret: str) -> str:
    """Plain, not slow: what is hashed has 256 random bits, there is nothing to guess."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
