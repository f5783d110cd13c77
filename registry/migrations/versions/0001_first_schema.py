"""The first schema: places, cameras, care, what was observed, people; and the revision row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

UTC = sa.DateTime(timezone=True)
REASON = sa.String(length=32)  # a growing vocabulary: a new word is no migration


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    _places()
    _care()
    _cameras()
    _responsibility()
    _observed()
    _people()
    _revision()


def _places() -> None:
    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", _word("areakind", "region", "city", "district"), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["area.id"], name=op.f("fk_area_parent_id_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("path", name=op.f("uq_area_path")),
    )
    op.create_index(op.f("ix_area_parent_id"), "area", ["parent_id"], unique=False)
    op.create_table(
        "center",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            _word("centerkind", "operations_center", "mini_center", "duty_unit", "precinct_point"),
            nullable=False,
        ),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("network_kbit", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_center_area_id_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_center")),
        sa.UniqueConstraint("code", name=op.f("uq_center_code")),
    )
    op.create_index(op.f("ix_center_area_id"), "center", ["area_id"], unique=False)
    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column(
            "sector",
            _word(
                "sector",
                "street",
                "yard",
                "doorway",
                "mall",
                "entertainment",
                "education",
                "healthcare",
                "transport",
                "police",
                "call_point",
            ),
            nullable=False,
        ),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("network_kbit", sa.Integer(), nullable=True),
        sa.CheckConstraint("latitude between -90 and 90", name=op.f("ck_site_latitude")),
        sa.CheckConstraint("longitude between -180 and 180", name=op.f("ck_site_longitude")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_site_area_id_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("code", name=op.f("uq_site_code")),
    )
    op.create_index(op.f("ix_site_area_id"), "site", ["area_id"], unique=False)
    op.create_table(
        "vantage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_vantage_center_id_center")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vantage")),
        sa.UniqueConstraint("code", name=op.f("uq_vantage_code")),
    )


def _care() -> None:
    op.create_table(
        "program",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_program")),
        sa.UniqueConstraint("code", name=op.f("uq_program_code")),
    )
    op.create_table(
        "contractor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contractor")),
        sa.UniqueConstraint("code", name=op.f("uq_contractor_code")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contractor_id", sa.Integer(), nullable=True),
        sa.Column("center_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("duty", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.CheckConstraint(
            "(case when contractor_id is null then 0 else 1 end) + "
            "(case when center_id is null then 0 else 1 end) + "
            "(case when site_id is null then 0 else 1 end) = 1",
            name=op.f("ck_contact_one_party"),
        ),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_contact_center_id_center")
        ),
        sa.ForeignKeyConstraint(
            ["contractor_id"], ["contractor.id"], name=op.f("fk_contact_contractor_id_contractor")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_contact_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_center_id"), "contact", ["center_id"], unique=False)
    op.create_index(op.f("ix_contact_contractor_id"), "contact", ["contractor_id"], unique=False)
    op.create_index(op.f("ix_contact_site_id"), "contact", ["site_id"], unique=False)
    op.create_table(
        "contract",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("contractor_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("availability_target", sa.Double(), nullable=True),
        sa.Column("repair_hours", sa.Double(), nullable=True),
        sa.CheckConstraint(
            "availability_target between 0 and 1", name=op.f("ck_contract_availability_target")
        ),
        sa.CheckConstraint(
            "ends_on is null or ends_on >= starts_on", name=op.f("ck_contract_dates")
        ),
        sa.ForeignKeyConstraint(
            ["contractor_id"], ["contractor.id"], name=op.f("fk_contract_contractor_id_contractor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("code", name=op.f("uq_contract_code")),
    )
    op.create_index(op.f("ix_contract_contractor_id"), "contract", ["contractor_id"], unique=False)


def _cameras() -> None:
    op.create_table(
        "system",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_system_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_system")),
        sa.UniqueConstraint("code", name=op.f("uq_system_code")),
    )
    op.create_index(op.f("ix_system_site_id"), "system", ["site_id"], unique=False)
    op.create_table(
        "recorder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("system_id", sa.Integer(), nullable=True),
        sa.Column("session_budget", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "session_budget between 1 and 256", name=op.f("ck_recorder_session_budget")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_recorder_site_id_site")),
        sa.ForeignKeyConstraint(
            ["system_id"], ["system.id"], name=op.f("fk_recorder_system_id_system")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorder")),
        sa.UniqueConstraint("code", name=op.f("uq_recorder_code")),
    )
    op.create_index(op.f("ix_recorder_site_id"), "recorder", ["site_id"], unique=False)
    op.create_index(op.f("ix_recorder_system_id"), "recorder", ["system_id"], unique=False)
    op.create_table(
        "credential",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("hosts", sa.JSON(), nullable=False),
        sa.Column("allow_basic", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint("code", name=op.f("uq_credential_code")),
    )
    op.create_table(
        "camera",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            _word("camerakind", "street", "yard", "doorway", "facility", "body", "in_car"),
            nullable=False,
        ),
        sa.Column("importance", _word("importance", "normal", "high"), nullable=False),
        sa.Column(
            "lifecycle",
            _word("lifecycle", "planned", "installed", "in_service", "suspended", "retired"),
            nullable=False,
        ),
        sa.Column("lifecycle_note", sa.String(length=300), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("system_id", sa.Integer(), nullable=True),
        sa.Column("recorder_id", sa.Integer(), nullable=True),
        sa.Column("program_id", sa.Integer(), nullable=True),
        sa.Column("snapshots", sa.Boolean(), nullable=True),
        sa.Column("search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_camera_area_id_area")),
        sa.ForeignKeyConstraint(
            ["program_id"], ["program.id"], name=op.f("fk_camera_program_id_program")
        ),
        sa.ForeignKeyConstraint(
            ["recorder_id"], ["recorder.id"], name=op.f("fk_camera_recorder_id_recorder")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_camera_site_id_site")),
        sa.ForeignKeyConstraint(
            ["system_id"], ["system.id"], name=op.f("fk_camera_system_id_system")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera")),
        sa.UniqueConstraint("code", name=op.f("uq_camera_code")),
    )
    op.create_index(op.f("ix_camera_area_id"), "camera", ["area_id"], unique=False)
    op.create_index(op.f("ix_camera_kind"), "camera", ["kind"], unique=False)
    op.create_index(op.f("ix_camera_lifecycle"), "camera", ["lifecycle"], unique=False)
    op.create_index(op.f("ix_camera_program_id"), "camera", ["program_id"], unique=False)
    op.create_index(op.f("ix_camera_recorder_id"), "camera", ["recorder_id"], unique=False)
    op.create_index(op.f("ix_camera_site_id"), "camera", ["site_id"], unique=False)
    op.create_index(op.f("ix_camera_system_id"), "camera", ["system_id"], unique=False)
    op.create_table(
        "device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.String(length=17), nullable=False),
        sa.Column("vendor", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("firmware", sa.String(length=64), nullable=False),
        sa.Column("installed_from", sa.Date(), nullable=True),
        sa.Column("installed_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "installed_to is null or installed_to >= installed_from", name=op.f("ck_device_dates")
        ),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["camera.id"],
            name=op.f("fk_device_camera_id_camera"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_index(op.f("ix_device_camera_id"), "device", ["camera_id"], unique=False)
    op.create_index(op.f("ix_device_mac"), "device", ["mac"], unique=False)
    op.create_index(op.f("ix_device_serial"), "device", ["serial"], unique=False)
    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("hop", _word("hop", "camera", "recorder", "relay", "center"), nullable=False),
        sa.Column("taken_from_id", sa.Integer(), nullable=True),
        sa.Column("delivers_to_id", sa.Integer(), nullable=True),
        sa.Column("credential_id", sa.Integer(), nullable=True),
        sa.Column("transport", _word("transportpolicy", "auto", "tcp", "udp"), nullable=False),
        sa.Column(
            "expected_codec", _word("codec", "h264", "h265", "mjpeg", "mpeg4"), nullable=True
        ),
        sa.Column("expected_width", sa.Integer(), nullable=True),
        sa.Column("expected_height", sa.Integer(), nullable=True),
        sa.Column("expected_fps", sa.Double(), nullable=True),
        sa.Column("keyframe_limit_s", sa.Double(), nullable=True),
        sa.Column("liveness_every_s", sa.Double(), nullable=True),
        sa.Column("picture_every_s", sa.Double(), nullable=True),
        sa.CheckConstraint(
            "taken_from_id is null or taken_from_id <> id", name=op.f("ck_feed_not_from_itself")
        ),
        sa.ForeignKeyConstraint(
            ["camera_id", "taken_from_id"],
            ["feed.camera_id", "feed.id"],
            name=op.f("fk_feed_camera_id_taken_from_id_feed"),
        ),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_feed_camera_id_camera"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credential.id"], name=op.f("fk_feed_credential_id_credential")
        ),
        sa.ForeignKeyConstraint(
            ["delivers_to_id"], ["center.id"], name=op.f("fk_feed_delivers_to_id_center")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("camera_id", "id", name=op.f("uq_feed_camera_id_id")),
        sa.UniqueConstraint("camera_id", "name", name=op.f("uq_feed_camera_id_name")),
    )
    op.create_index(op.f("ix_feed_credential_id"), "feed", ["credential_id"], unique=False)
    op.create_index(op.f("ix_feed_delivers_to_id"), "feed", ["delivers_to_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("proof", _word("proof", "handed_on", "pulled", "inferred"), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["camera.id"],
            name=op.f("fk_delivery_camera_id_camera"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_delivery_center_id_center")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("camera_id", "center_id", name=op.f("uq_delivery_camera_id_center_id")),
    )
    op.create_index(op.f("ix_delivery_center_id"), "delivery", ["center_id"], unique=False)


def _responsibility() -> None:
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("recorder_id", sa.Integer(), nullable=True),
        sa.Column("system_id", sa.Integer(), nullable=True),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("hops", sa.JSON(), nullable=False),
        sa.Column("starts_at", UTC, nullable=False),
        sa.Column("ends_at", UTC, nullable=True),
        sa.CheckConstraint(
            "(case when camera_id is null then 0 else 1 end) + "
            "(case when site_id is null then 0 else 1 end) + "
            "(case when recorder_id is null then 0 else 1 end) + "
            "(case when system_id is null then 0 else 1 end) + "
            "(case when area_id is null then 0 else 1 end) = 1",
            name=op.f("ck_assignment_one_object"),
        ),
        sa.CheckConstraint(
            "ends_at is null or ends_at > starts_at", name=op.f("ck_assignment_dates")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_assignment_area_id_area")),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["camera.id"],
            name=op.f("fk_assignment_camera_id_camera"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_assignment_contract_id_contract")
        ),
        sa.ForeignKeyConstraint(
            ["recorder_id"], ["recorder.id"], name=op.f("fk_assignment_recorder_id_recorder")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_assignment_site_id_site")),
        sa.ForeignKeyConstraint(
            ["system_id"], ["system.id"], name=op.f("fk_assignment_system_id_system")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index(op.f("ix_assignment_area_id"), "assignment", ["area_id"], unique=False)
    op.create_index(op.f("ix_assignment_camera_id"), "assignment", ["camera_id"], unique=False)
    op.create_index(op.f("ix_assignment_contract_id"), "assignment", ["contract_id"], unique=False)
    op.create_index(op.f("ix_assignment_recorder_id"), "assignment", ["recorder_id"], unique=False)
    op.create_index(op.f("ix_assignment_site_id"), "assignment", ["site_id"], unique=False)
    op.create_index(op.f("ix_assignment_system_id"), "assignment", ["system_id"], unique=False)


def _observed() -> None:
    op.create_table(
        "feed_status",
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("vantage_id", sa.Integer(), nullable=False),
        sa.Column(
            "state", _word("feedstate", "live", "degraded", "down", "unknown"), nullable=False
        ),
        sa.Column("reason", REASON, nullable=True),
        sa.Column("detail", sa.String(length=500), nullable=True),
        sa.Column("since", UTC, nullable=False),
        sa.Column("valid_until", UTC, nullable=False),
        sa.Column("last_look_at", UTC, nullable=True),
        sa.Column("last_frame_at", UTC, nullable=True),
        sa.Column("last_fresh_picture_at", UTC, nullable=True),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feed.id"], name=op.f("fk_feed_status_feed_id_feed"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["vantage_id"], ["vantage.id"], name=op.f("fk_feed_status_vantage_id_vantage")
        ),
        sa.PrimaryKeyConstraint("feed_id", "vantage_id", name=op.f("pk_feed_status")),
    )
    op.create_table(
        "delivery_status",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("vantage_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            _word("deliverystate", "reaching", "degraded", "not_reaching", "unknown"),
            nullable=False,
        ),
        sa.Column(
            "failing_at",
            _word(
                "failingat",
                "camera",
                "link",
                "recorder",
                "relay",
                "center",
                "camera_or_link",
                "unknown",
            ),
            nullable=True,
        ),
        sa.Column("reason", REASON, nullable=True),
        sa.Column("since", UTC, nullable=False),
        sa.Column("valid_until", UTC, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.id"],
            name=op.f("fk_delivery_status_delivery_id_delivery"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["vantage_id"], ["vantage.id"], name=op.f("fk_delivery_status_vantage_id_vantage")
        ),
        sa.PrimaryKeyConstraint("delivery_id", "vantage_id", name=op.f("pk_delivery_status")),
    )
    op.create_table(
        "feed_interval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("vantage_id", sa.Integer(), nullable=False),
        sa.Column(
            "state", _word("feedstate", "live", "degraded", "down", "unknown"), nullable=False
        ),
        sa.Column("reason", REASON, nullable=True),
        sa.Column("started_at", UTC, nullable=False),
        sa.Column("ended_at", UTC, nullable=True),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feed.id"], name=op.f("fk_feed_interval_feed_id_feed"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["vantage_id"], ["vantage.id"], name=op.f("fk_feed_interval_vantage_id_vantage")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_interval")),
    )
    op.create_index(
        "ix_feed_interval_feed_time",
        "feed_interval",
        ["feed_id", "vantage_id", "started_at"],
        unique=False,
    )
    op.create_index(
        "uq_feed_interval_open",
        "feed_interval",
        ["feed_id", "vantage_id"],
        unique=True,
        sqlite_where=sa.text("ended_at is null"),
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "delivery_interval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("vantage_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            _word("deliverystate", "reaching", "degraded", "not_reaching", "unknown"),
            nullable=False,
        ),
        sa.Column(
            "failing_at",
            _word(
                "failingat",
                "camera",
                "link",
                "recorder",
                "relay",
                "center",
                "camera_or_link",
                "unknown",
            ),
            nullable=True,
        ),
        sa.Column("reason", REASON, nullable=True),
        sa.Column("started_at", UTC, nullable=False),
        sa.Column("ended_at", UTC, nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.id"],
            name=op.f("fk_delivery_interval_delivery_id_delivery"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["vantage_id"], ["vantage.id"], name=op.f("fk_delivery_interval_vantage_id_vantage")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_interval")),
    )
    op.create_index(
        "ix_delivery_interval_delivery_time",
        "delivery_interval",
        ["delivery_id", "vantage_id", "started_at"],
        unique=False,
    )
    op.create_index(
        "uq_delivery_interval_open",
        "delivery_interval",
        ["delivery_id", "vantage_id"],
        unique=True,
        sqlite_where=sa.text("ended_at is null"),
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "outage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("vantage_id", sa.Integer(), nullable=False),
        sa.Column("reason", REASON, nullable=False),
        sa.Column("last_good_at", UTC, nullable=True),
        sa.Column("first_bad_at", UTC, nullable=False),
        sa.Column("last_bad_at", UTC, nullable=True),
        sa.Column("first_good_at", UTC, nullable=True),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feed.id"], name=op.f("fk_outage_feed_id_feed"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["vantage_id"], ["vantage.id"], name=op.f("fk_outage_vantage_id_vantage")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
    )
    op.create_index(
        "ix_outage_feed_time", "outage", ["feed_id", "vantage_id", "first_bad_at"], unique=False
    )
    op.create_index(
        "uq_outage_open",
        "outage",
        ["feed_id", "vantage_id"],
        unique=True,
        sqlite_where=sa.text("first_good_at is null"),
        postgresql_where=sa.text("first_good_at is null"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("vantage_id", sa.Integer(), nullable=False),
        sa.Column("started_at", UTC, nullable=False),
        sa.Column("beat_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(
            ["vantage_id"], ["vantage.id"], name=op.f("fk_heartbeat_vantage_id_vantage")
        ),
        sa.PrimaryKeyConstraint("vantage_id", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("vantage_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vantage_id"], ["vantage.id"], name=op.f("fk_event_vantage_id_vantage")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(op.f("ix_event_at"), "event", ["at"], unique=False)


def _people() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", _word("role", "viewer", "operator", "admin", "scrape"), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("expires_at", UTC, nullable=True),
        sa.Column("revoked_at", UTC, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("key_id", name=op.f("uq_api_token_key_id")),
    )
    op.create_table(
        "web_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cookie_sha256", sa.String(length=64), nullable=False),
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("expires_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(
            ["token_id"],
            ["api_token.id"],
            name=op.f("fk_web_session_token_id_api_token"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("cookie_sha256", name=op.f("uq_web_session_cookie_sha256")),
    )
    op.create_index(op.f("ix_web_session_token_id"), "web_session", ["token_id"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)


def _revision() -> None:
    revision_row = op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
    )
    op.bulk_insert(revision_row, [{"id": 1, "value": 0}])
