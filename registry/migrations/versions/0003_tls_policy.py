"""What is asked of a feed's certificate; known feeds are verified, as they would have been."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # A growing vocabulary, so without a CHECK: added in place, the table is not rebuilt.
    policy = sa.Column("tls_policy", sa.String(32), server_default="verify", nullable=False)
    op.add_column("feed", policy)
