"""Of many deliveries few are broken: found by index."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_index("ix_delivery_status_state", "delivery_status", ["vantage_id", "state"])
