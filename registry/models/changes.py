"""The change log: every change of the registry, as it was and as it became. It holds no secret."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, word
from registry.vocabulary import ChangeSource


class LoggedChange(Base):
    """One object in one batch; the database itself refuses to change or delete a row.

    It refers to objects by code and not by id, so that it outlives what it tells of.
    """

    __tablename__ = "change"
    __table_args__ = (Index("ix_change_object", "kind", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    batch: Mapped[str] = mapped_column(sa.String(32), index=True)  # what is undone together
    request_id: Mapped[str] = mapped_column(sa.String(64), default="")
    who: Mapped[str] = mapped_column(sa.String(100))
    source: Mapped[ChangeSource] = mapped_column(word(ChangeSource, growing=True))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    kind: Mapped[str] = mapped_column(sa.String(32))
    code: Mapped[str] = mapped_column(sa.String(300))
    camera: Mapped[str] = mapped_column(sa.String(64), default="", index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
