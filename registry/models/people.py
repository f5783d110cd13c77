"""Who may: accounts, tokens, the browser sessions made of them, and the audit log.

A person who carries a body camera is no account and has no row: devices go by their own codes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base, word
from registry.vocabulary import Role


class Limited:
    """How far somebody sees: paths of areas, codes of centers and of a contractor (`Reach`).

    Codes and not keys: a place that is renamed or gone leaves a reach of nothing, never of all.
    """

    reach_areas: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    reach_centers: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    reach_contractor: Mapped[str | None] = mapped_column(sa.String(64))


_EMPTY = sa.text("''")
_CONTRACTOR_NAMED = "role <> 'contractor' or reach_contractor is not null"


class Account(Limited, Base):
    """A person who signs in with a name and a password, of which an argon2id hash is kept."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint(_CONTRACTOR_NAMED, name="contractor_named"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    folded: Mapped[str] = mapped_column(sa.String(128), unique=True)  # the name, in any case
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[Role] = mapped_column(word(Role))
    created_at: Mapped[datetime]
    password_changed_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    failures: Mapped[int]  # wrong passwords in a row
    locked_until: Mapped[datetime | None]  # for addresses it was never signed in to from
    known_addresses: Mapped[list[str]]


class ApiToken(Limited, Base):
    """`key_id.secret` in somebody's hands; here only the SHA-256 of the secret.

    One that belongs to an account may never more than the account; others belong to machines.
    """

    __tablename__ = "api_token"
    __table_args__ = (CheckConstraint(_CONTRACTOR_NAMED, name="contractor_named"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(sa.String(16), unique=True)
    secret_sha256: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(100))
    role: Mapped[Role] = mapped_column(word(Role))
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    account: Mapped[Account | None] = relationship()


class WebSession(Base):
    """A browser in which somebody signed in, as an account or with a token.

    The cookie's value is kept only as its SHA-256.
    """

    __tablename__ = "web_session"
    __table_args__ = (
        CheckConstraint("(token_id is null) <> (account_id is null)", name="one_holder"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cookie_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    token_id: Mapped[int | None] = mapped_column(
        ForeignKey("api_token.id", ondelete="CASCADE"), index=True
    )
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    address: Mapped[str] = mapped_column(sa.String(64), default="", server_default=_EMPTY)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class AuditEntry(Base):
    """Who did what; the database itself refuses to change or delete a row."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_subject", "subject", "id"),
        Index("ix_audit_action", "action", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(sa.String(100))
    action: Mapped[str] = mapped_column(sa.String(64))
    subject: Mapped[str] = mapped_column(sa.String(200), default="")
    detail: Mapped[dict[str, Any]]
    address: Mapped[str] = mapped_column(sa.String(64), default="", server_default=_EMPTY)
    request_id: Mapped[str] = mapped_column(sa.String(32), default="", server_default=_EMPTY)
