"""Every view is an entry of the audit log: of so many, those of one object or deed are found."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_index("ix_audit_subject", "audit", ["subject", "id"])
    op.create_index("ix_audit_action", "audit", ["action", "id"])
