"""What was observed: the state now, and history as intervals. Only the monitor writes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, word
from registry.vocabulary import DeliveryState, DeviceState, FailingAt, FeedState, Reason


class FeedStatus(Base):
    """What is known now of a feed from a vantage. Past `valid_until` it is unknown all the same."""

    __tablename__ = "feed_status"

    feed_id: Mapped[int] = mapped_column(
        ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True
    )
    vantage_id: Mapped[int] = mapped_column(ForeignKey("vantage.id"), primary_key=True)
    state: Mapped[FeedState] = mapped_column(word(FeedState))
    reason: Mapped[Reason | None] = mapped_column(word(Reason, growing=True))
    detail: Mapped[str | None] = mapped_column(sa.String(500))
    since: Mapped[datetime]
    valid_until: Mapped[datetime]
    last_look_at: Mapped[datetime | None]
    last_frame_at: Mapped[datetime | None]
    last_fresh_picture_at: Mapped[datetime | None]
    memory: Mapped[
        dict[str, Any]
    ]  # the two proofs, the picture's memory, the last look: survives a restart


class DeliveryStatus(Base):
    """What is known now of one delivery from one vantage."""

    __tablename__ = "delivery_status"
    __table_args__ = (Index("ix_delivery_status_state", "vantage_id", "state"),)

    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True
    )
    vantage_id: Mapped[int] = mapped_column(ForeignKey("vantage.id"), primary_key=True)
    state: Mapped[DeliveryState] = mapped_column(word(DeliveryState))
    failing_at: Mapped[FailingAt | None] = mapped_column(word(FailingAt))
    reason: Mapped[Reason | None] = mapped_column(word(Reason, growing=True))
    since: Mapped[datetime]
    valid_until: Mapped[datetime]


class FeedInterval(Base):
    """One row per transition; the open one has no end."""

    __tablename__ = "feed_interval"
    __table_args__ = (
        Index("ix_feed_interval_feed_time", "feed_id", "vantage_id", "started_at"),
        Index(
            "uq_feed_interval_open",
            "feed_id",
            "vantage_id",
            unique=True,
            sqlite_where=sa.text("ended_at is null"),
            postgresql_where=sa.text("ended_at is null"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    feed_id: Mapped[int] = mapped_column(ForeignKey("feed.id", ondelete="CASCADE"))
    vantage_id: Mapped[int] = mapped_column(ForeignKey("vantage.id"))
    state: Mapped[FeedState] = mapped_column(word(FeedState))
    reason: Mapped[Reason | None] = mapped_column(word(Reason, growing=True))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class DeliveryInterval(Base):
    __tablename__ = "delivery_interval"
    __table_args__ = (
        Index("ix_delivery_interval_delivery_time", "delivery_id", "vantage_id", "started_at"),
        Index(
            "uq_delivery_interval_open",
            "delivery_id",
            "vantage_id",
            unique=True,
            sqlite_where=sa.text("ended_at is null"),
            postgresql_where=sa.text("ended_at is null"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"))
    vantage_id: Mapped[int] = mapped_column(ForeignKey("vantage.id"))
    state: Mapped[DeliveryState] = mapped_column(word(DeliveryState))
    failing_at: Mapped[FailingAt | None] = mapped_column(word(FailingAt))
    reason: Mapped[Reason | None] = mapped_column(word(Reason, growing=True))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Outage(Base):
    """One (feed, vantage) not usable. The true edges lie between the two times of each pair.

    `last_bad_at` ends it: without `first_good_at` where measuring ended before the outage did.
    """

    __tablename__ = "outage"
    __table_args__ = (
        Index("ix_outage_feed_time", "feed_id", "vantage_id", "first_bad_at"),
        Index(
            "uq_outage_open",
            "feed_id",
            "vantage_id",
            unique=True,
            sqlite_where=sa.text("last_bad_at is null"),
            postgresql_where=sa.text("last_bad_at is null"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    feed_id: Mapped[int] = mapped_column(ForeignKey("feed.id", ondelete="CASCADE"))
    vantage_id: Mapped[int] = mapped_column(ForeignKey("vantage.id"))
    reason: Mapped[Reason] = mapped_column(word(Reason, growing=True))
    last_good_at: Mapped[datetime | None]
    first_bad_at: Mapped[datetime]
    last_bad_at: Mapped[datetime | None]
    first_good_at: Mapped[datetime | None]


class DeviceContact(Base):
    """What a device that pushes said last, and when: its own word, not something we saw."""

    __tablename__ = "device_contact"

    camera_id: Mapped[int] = mapped_column(
        ForeignKey("camera.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[DeviceState] = mapped_column(word(DeviceState))
    at: Mapped[datetime]
    received_at: Mapped[datetime]


class Heartbeat(Base):
    """The sign of life of a vantage's monitor: where measuring ended if it crashed."""

    __tablename__ = "heartbeat"

    vantage_id: Mapped[int] = mapped_column(ForeignKey("vantage.id"), primary_key=True)
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]


class Event(Base):
    """What happened to the measuring itself: started, stopped, crashed, clock stepped."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    vantage_id: Mapped[int | None] = mapped_column(ForeignKey("vantage.id"))
    what: Mapped[str] = mapped_column(sa.String(64))
    detail: Mapped[dict[str, Any]]
