"""What exists: systems, recorders, cameras, devices, feeds, deliveries and credentials."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.models.base import Base, Code, Name, Retirable, Revised, word
from registry.models.care import Program
from registry.models.places import Area, Center, Site
from registry.vocabulary import (
    CameraKind,
    Codec,
    Hop,
    Importance,
    Lifecycle,
    Proof,
    TlsPolicy,
    TransportPolicy,
)


class System(Revised, Retirable, Base):
    """One owner's installation at a site; may hold recorders and cameras."""

    __tablename__ = "system"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    owner: Mapped[str] = mapped_column(sa.String(200), default="")

    site: Mapped[Site | None] = relationship()


class Recorder(Revised, Retirable, Base):
    """One host that serves several feeds within a session budget: NVR, encoder, cloud tenant."""

    __tablename__ = "recorder"
    __table_args__ = (CheckConstraint("session_budget between 1 and 256", name="session_budget"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    host: Mapped[str] = mapped_column(sa.String(253), default="")
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    system_id: Mapped[int | None] = mapped_column(ForeignKey("system.id"), index=True)
    session_budget: Mapped[int] = mapped_column(default=4)

    site: Mapped[Site | None] = relationship()
    system: Mapped[System | None] = relationship()


class Credential(Revised, Retirable, Base):
    """A login, write-only: it is encrypted with the key file and never comes out of the API.

    `hosts` binds it: names, addresses or networks (CIDR); a feed outside them is an error.
    `sealed` holds username, password and further secret parameters.
    """

    __tablename__ = "credential"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    sealed: Mapped[bytes]
    hosts: Mapped[list[str]]
    allow_basic: Mapped[bool] = mapped_column(default=False)  # may cross the wire readable
    changed_at: Mapped[datetime]


class Camera(Revised, Base):
    """One point of view. Its `code` never changes and is never used again."""

    __tablename__ = "camera"
    __table_args__ = (
        CheckConstraint("azimuth_degrees between 0 and 360", name="azimuth_degrees"),
        CheckConstraint("view_degrees > 0 and view_degrees <= 360", name="view_degrees"),
        CheckConstraint("range_m > 0", name="range_m"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    kind: Mapped[CameraKind] = mapped_column(word(CameraKind), index=True)
    importance: Mapped[Importance] = mapped_column(word(Importance), default=Importance.NORMAL)
    lifecycle: Mapped[Lifecycle] = mapped_column(word(Lifecycle), index=True)
    lifecycle_note: Mapped[str] = mapped_column(
        sa.String(300), default=""
    )  # why suspended, why planned
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    system_id: Mapped[int | None] = mapped_column(ForeignKey("system.id"), index=True)
    recorder_id: Mapped[int | None] = mapped_column(ForeignKey("recorder.id"), index=True)
    program_id: Mapped[int | None] = mapped_column(ForeignKey("program.id"), index=True)
    snapshots: Mapped[bool | None]  # None: as the kind says
    azimuth_degrees: Mapped[float | None]  # from north, clockwise; None: nobody said
    view_degrees: Mapped[float | None]
    range_m: Mapped[float | None]
    search: Mapped[str] = mapped_column(sa.Text, default="")  # folded; SQLite folds only ASCII
    # Serials, MACs and hosts, folded alike: found by technicians only.
    search_technical: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))

    area: Mapped[Area] = relationship()
    site: Mapped[Site | None] = relationship()
    system: Mapped[System | None] = relationship()
    recorder: Mapped[Recorder | None] = relationship()
    program: Mapped[Program | None] = relationship()
    feeds: Mapped[list[Feed]] = relationship(back_populates="camera", cascade="all, delete-orphan")
    deliveries: Mapped[list[Delivery]] = relationship(
        back_populates="camera", cascade="all, delete-orphan"
    )
    devices: Mapped[list[Device]] = relationship(
        back_populates="camera", cascade="all, delete-orphan"
    )


class Device(Revised, Base):
    """The hardware in a camera's place from - to. Swapping it keeps the camera and its history."""

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint("installed_to is null or installed_to >= installed_from", name="dates"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"), index=True)
    serial: Mapped[str] = mapped_column(sa.String(64), default="", index=True)
    mac: Mapped[str] = mapped_column(sa.String(17), default="", index=True)
    vendor: Mapped[str] = mapped_column(sa.String(64), default="")
    model: Mapped[str] = mapped_column(sa.String(64), default="")
    firmware: Mapped[str] = mapped_column(sa.String(64), default="")
    installed_from: Mapped[date | None]
    installed_to: Mapped[date | None]

    camera: Mapped[Camera] = relationship(back_populates="devices")


class Feed(Revised, Retirable, Base):
    """One stream of a camera. `url` holds placeholders, never a secret.

    `taken_from` is the feed this one is made from; the composite key keeps it in the camera.
    """

    __tablename__ = "feed"
    __table_args__ = (
        UniqueConstraint("camera_id", "name"),
        UniqueConstraint("camera_id", "id"),
        ForeignKeyConstraint(["camera_id", "taken_from_id"], ["feed.camera_id", "feed.id"]),
        CheckConstraint("taken_from_id is null or taken_from_id <> id", name="not_from_itself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(32))  # the short `id` of DESIGN section 1
    url: Mapped[str] = mapped_column(sa.String(2000))
    hop: Mapped[Hop] = mapped_column(word(Hop))
    taken_from_id: Mapped[int | None] = mapped_column()
    delivers_to_id: Mapped[int | None] = mapped_column(ForeignKey("center.id"), index=True)
    credential_id: Mapped[int | None] = mapped_column(ForeignKey("credential.id"), index=True)
    transport: Mapped[TransportPolicy] = mapped_column(
        word(TransportPolicy), default=TransportPolicy.AUTO
    )
    tls_policy: Mapped[TlsPolicy] = mapped_column(
        word(TlsPolicy, growing=True),
        default=TlsPolicy.VERIFY,
        server_default=TlsPolicy.VERIFY.value,
    )
    expected_codec: Mapped[Codec | None] = mapped_column(word(Codec))
    expected_width: Mapped[int | None]
    expected_height: Mapped[int | None]
    expected_fps: Mapped[float | None]
    keyframe_limit_s: Mapped[float | None]  # smart codecs: GOPs of many seconds (Q132)
    liveness_every_s: Mapped[float | None]
    picture_every_s: Mapped[float | None]

    camera: Mapped[Camera] = relationship(back_populates="feeds", foreign_keys=[camera_id])
    taken_from: Mapped[Feed | None] = relationship(
        remote_side=[id],
        foreign_keys=[taken_from_id],
        primaryjoin="foreign(Feed.taken_from_id) == remote(Feed.id)",
        post_update=True,
    )
    delivers_to: Mapped[Center | None] = relationship()
    credential: Mapped[Credential | None] = relationship()


class Delivery(Revised, Retirable, Base):
    """`center` must have this camera's picture; `proof` says what a look can prove of it."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("camera_id", "center_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"))
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), index=True)
    proof: Mapped[Proof] = mapped_column(word(Proof), default=Proof.INFERRED)

    camera: Mapped[Camera] = relationship(back_populates="deliveries")
    center: Mapped[Center] = relationship()
