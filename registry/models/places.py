"""Where things are: areas, centers, sites, and the vantage a prober stands in."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base, Code, Name, Retirable, Revised, word
from registry.vocabulary import AreaKind, CenterKind, Sector


class Area(Revised, Retirable, Base):
    """Region, city or district. `path` (`region/district/town`) is natural key and metric label."""

    __tablename__ = "area"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(sa.String(200), unique=True)
    name: Mapped[Name]
    kind: Mapped[AreaKind] = mapped_column(word(AreaKind))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    time_zone: Mapped[str] = mapped_column(
        sa.String(64)
    )  # IANA name: reports count local calendar days

    parent: Mapped[Area | None] = relationship(remote_side=[id])


class Center(Revised, Retirable, Base):
    """A place where pictures must arrive."""

    __tablename__ = "center"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    kind: Mapped[CenterKind] = mapped_column(word(CenterKind))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    network_kbit: Mapped[
        int | None
    ]  # what probing may take of its line; None is the configured default

    area: Mapped[Area] = relationship()


class Site(Revised, Retirable, Base):
    """An address with coordinates and a sector."""

    __tablename__ = "site"
    __table_args__ = (
        CheckConstraint("latitude between -90 and 90", name="latitude"),
        CheckConstraint("longitude between -180 and 180", name="longitude"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    sector: Mapped[Sector] = mapped_column(word(Sector))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    network_kbit: Mapped[int | None]

    area: Mapped[Area] = relationship()


class Vantage(Revised, Base):
    """The network a prober stands in. State, memory and history are keyed by (feed, vantage)."""

    __tablename__ = "vantage"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code]
    name: Mapped[Name]
    center_id: Mapped[int | None] = mapped_column(
        ForeignKey("center.id")
    )  # set when inside its network

    center: Mapped[Center | None] = relationship()
