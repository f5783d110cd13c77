"""How far a token reaches, the role `contractor`, and from where what is audited was done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_EMPTY = sa.text("''")
ROLES = ("viewer", "operator", "admin", "scrape", "device", "contractor")


def upgrade() -> None:
    roles = ", ".join(f"'{role}'" for role in ROLES)
    # Tokens that were there reach as far as they did: without limits.
    for name in ("reach_areas", "reach_centers"):
        op.add_column("api_token", sa.Column(name, sa.JSON(), server_default="[]", nullable=False))
    op.add_column("api_token", sa.Column("reach_contractor", sa.String(64), nullable=True))
    with op.batch_alter_table("api_token") as table:
        table.drop_constraint(op.f("ck_api_token_role"), type_="check")
        table.create_check_constraint(op.f("ck_api_token_role"), f"role IN ({roles})")
        table.create_check_constraint(
            op.f("ck_api_token_contractor_named"),
            "role <> 'contractor' or reach_contractor is not null",
        )
    for name, length in (("address", 64), ("request_id", 32)):
        op.add_column(
            "audit",
            sa.Column(name, sa.String(length), server_default=_EMPTY, nullable=False),
        )
