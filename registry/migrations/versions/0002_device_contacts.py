"""Devices that push what they do: their last contact, and tokens of the role `device`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

UTC = sa.DateTime(timezone=True)
STATES = ("docked", "charging", "uploading", "on_shift_recording", "on_shift_idle")
ROLES = ("viewer", "operator", "admin", "scrape", "device")


def upgrade() -> None:
    state = sa.Enum(
        *STATES, name="devicestate", native_enum=False, create_constraint=True, length=32
    )
    op.create_table(
        "device_contact",
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("received_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["camera.id"],
            name=op.f("fk_device_contact_camera_id_camera"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_device_contact")),
    )
    roles = ", ".join(f"'{role}'" for role in ROLES)
    with op.batch_alter_table("api_token") as table:
        table.drop_constraint(op.f("ck_api_token_role"), type_="check")
        table.create_check_constraint(op.f("ck_api_token_role"), f"role IN ({roles})")
