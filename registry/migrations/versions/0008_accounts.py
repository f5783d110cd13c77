"""Accounts with passwords, tokens and sessions that belong to them; the audit only grows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

UTC = sa.DateTime(timezone=True)
ROLES = ("viewer", "operator", "admin", "scrape", "device", "contractor")
_EMPTY = sa.text("''")
_REFUSAL = "the audit log is only ever added to"


def upgrade() -> None:
    _accounts()
    with op.batch_alter_table("api_token") as table:
        table.add_column(sa.Column("account_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_api_token_account_id_account"),
            "account",
            ["account_id"],
            ["id"],
            ondelete="CASCADE",
        )
    op.create_index(op.f("ix_api_token_account_id"), "api_token", ["account_id"], unique=False)
    with op.batch_alter_table("web_session") as table:
        table.alter_column("token_id", existing_type=sa.Integer(), nullable=True)
        table.add_column(sa.Column("account_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_web_session_account_id_account"),
            "account",
            ["account_id"],
            ["id"],
            ondelete="CASCADE",
        )
        table.create_check_constraint(
            op.f("ck_web_session_one_holder"), "(token_id is null) <> (account_id is null)"
        )
    op.create_index(op.f("ix_web_session_account_id"), "web_session", ["account_id"], unique=False)
    address = sa.Column("address", sa.String(64), server_default=_EMPTY, nullable=False)
    op.add_column("web_session", address)
    _audit_only_grows()


def _accounts() -> None:
    role = sa.Enum(*ROLES, name="role", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("folded", sa.String(128), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("role", role, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("password_changed_at", UTC, nullable=False),
        sa.Column("disabled_at", UTC, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", UTC, nullable=True),
        sa.Column("known_addresses", sa.JSON(), nullable=False),
        sa.Column("reach_areas", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("reach_centers", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("reach_contractor", sa.String(64), nullable=True),
        sa.CheckConstraint(
            "role <> 'contractor' or reach_contractor is not null",
            name=op.f("ck_account_contractor_named"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("folded", name=op.f("uq_account_folded")),
    )


def _audit_only_grows() -> None:
    if op.get_context().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(
                f"create trigger audit_no_{deed} before {deed} on audit "
                f"begin select raise(abort, '{_REFUSAL}'); end"
            )
        return
    op.execute(
        "create function audit_refuses() returns trigger language plpgsql as "
        f"$$ begin raise exception '{_REFUSAL}'; end $$"
    )
    op.execute(
        "create trigger audit_only_grows before update or delete or truncate on audit "
        "for each statement execute function audit_refuses()"
    )
