"""Who looks after what, since when, under which paper, and whom to call."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base, Code, Name, Retirable, Revised, made_up_code


class Program(Revised, Retirable, Base):
    """The project that paid for cameras, such as "Облачное видеонаблюдение"."""

    __tablename__ = "program"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]


class Contractor(Revised, Retirable, Base):
    __tablename__ = "contractor"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]


class Contact(Revised, Retirable, Base):
    """Whom to call: a desk or a post of exactly one contractor, center or site."""

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint(
            "(case when contractor_id is null then 0 else 1 end)"
            " + (case when center_id is null then 0 else 1 end)"
            " + (case when site_id is null then 0 else 1 end) = 1",
            name="one_party",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True, default=made_up_code)
    contractor_id: Mapped[int | None] = mapped_column(ForeignKey("contractor.id"), index=True)
    center_id: Mapped[int | None] = mapped_column(ForeignKey("center.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    name: Mapped[Name]
    duty: Mapped[str] = mapped_column(
        sa.String(100), default=""
    )  # "round the clock", "working days 9-18"
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")


class Contract(Revised, Retirable, Base):
    """A paper with a contractor. Its end date is an operational risk."""

    __tablename__ = "contract"
    __table_args__ = (
        CheckConstraint("ends_on is null or ends_on >= starts_on", name="dates"),
        CheckConstraint("availability_target between 0 and 1", name="availability_target"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    contractor_id: Mapped[int] = mapped_column(ForeignKey("contractor.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    availability_target: Mapped[float | None]
    repair_hours: Mapped[float | None]

    contractor: Mapped[Contractor] = relationship()


class Assignment(Revised, Base):
    """Dated responsibility: a contract x one object x hops, from - to.

    An outage is charged to the assignment of its failing hop at that time.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("ends_at is null or ends_at > starts_at", name="dates"),
        CheckConstraint(
            "(case when camera_id is null then 0 else 1 end)"
            " + (case when site_id is null then 0 else 1 end)"
            " + (case when recorder_id is null then 0 else 1 end)"
            " + (case when system_id is null then 0 else 1 end)"
            " + (case when area_id is null then 0 else 1 end) = 1",
            name="one_object",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True, default=made_up_code)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    camera_id: Mapped[int | None] = mapped_column(
        ForeignKey("camera.id", ondelete="CASCADE"), index=True
    )
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    recorder_id: Mapped[int | None] = mapped_column(ForeignKey("recorder.id"), index=True)
    system_id: Mapped[int | None] = mapped_column(ForeignKey("system.id"), index=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    hops: Mapped[list[str]]  # closed words of Hop; empty means every hop
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]

    contract: Mapped[Contract] = relationship()
