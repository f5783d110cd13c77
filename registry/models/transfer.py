"""What helps files in: column mappings, saved by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base


class ImportMapping(Base):
    """How one kind of spreadsheet is read: `registry.transfer.mapping.ColumnMapping` as JSON."""

    __tablename__ = "import_mapping"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(64), unique=True)
    definition: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(sa.String(100))
