"""What may go out of use without losing its history; codes for contacts and assignments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

UTC = sa.DateTime(timezone=True)
_RETIRABLE = (
    *("program", "contractor", "contract", "area", "center", "site", "system", "recorder"),
    *("credential", "feed", "delivery", "contact"),
)


def upgrade() -> None:
    for table in _RETIRABLE:
        op.add_column(table, sa.Column("retired_at", UTC, nullable=True))
    for table in ("contact", "assignment"):
        op.add_column(table, sa.Column("code", sa.String(length=64), nullable=True))
        numbered = sa.table(table, sa.column("id", sa.Integer), sa.column("code", sa.String))
        code = sa.literal(f"{table}-") + sa.cast(numbered.c.id, sa.String)
        op.execute(sa.update(numbered).values(code=code))
        with op.batch_alter_table(table) as batch:
            batch.alter_column("code", existing_type=sa.String(length=64), nullable=False)
            batch.create_unique_constraint(op.f(f"uq_{table}_code"), ["code"])
