"""The change log; nothing may change or delete what stands in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

UTC = sa.DateTime(timezone=True)
_REFUSAL = "the change log is only ever added to"


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("batch", sa.String(length=32), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=300), nullable=False),
        sa.Column("camera", sa.String(length=64), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_index(op.f("ix_change_at"), "change", ["at"], unique=False)
    op.create_index(op.f("ix_change_batch"), "change", ["batch"], unique=False)
    op.create_index(op.f("ix_change_camera"), "change", ["camera"], unique=False)
    op.create_index("ix_change_object", "change", ["kind", "code"], unique=False)
    _only_added_to()


def _only_added_to() -> None:
    if op.get_context().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(
                f"create trigger change_no_{deed} before {deed} on change "
                f"begin select raise(abort, '{_REFUSAL}'); end"
            )
        return
    op.execute(
        "create function change_refuses() returns trigger language plpgsql as "
        f"$$ begin raise exception '{_REFUSAL}'; end $$"
    )
    op.execute(
        "create trigger change_only_grows before update or delete or truncate on change "
        "for each statement execute function change_refuses()"
    )
