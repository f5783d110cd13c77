"""Who may: tokens, the browser sessions made of them, and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey
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


class ApiToken(Limited, Base):
    """`key_id.secret` in somebody's hands; here only the SHA-256 of the secret."""

    __tablename__ = "api_token"
    __table_args__ = (CheckConstraint(_CONTRACTOR_NAMED, name="contractor_named"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(sa.String(16), unique=True)
    secret_sha256: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(100))
    role: Mapped[Role] = mapped_column(word(Role))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class WebSession(Base):
    """A browser that pasted a token once. The cookie's value is kept only as its SHA-256."""

    __tablename__ = "web_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    cookie_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    token_id: Mapped[int] = mapped_column(
        ForeignKey("api_token.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    token: Mapped[ApiToken] = relationship()


class AuditEntry(Base):
    """Who did what; written by the product, never changed by it."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(sa.String(100))
    action: Mapped[str] = mapped_column(sa.String(64))
    subject: Mapped[str] = mapped_column(sa.String(200), default="")
    detail: Mapped[dict[str, Any]]
    address: Mapped[str] = mapped_column(sa.String(64), default="", server_default=_EMPTY)
    request_id: Mapped[str] = mapped_column(sa.String(32), default="", server_default=_EMPTY)
