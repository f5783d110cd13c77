"""Reads the registry into an inventory with one query per table. It writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from registry.changing.inventory import (
    RECORDS,
    CredentialRecord,
    Inventory,
    Key,
    Record,
    What,
    key_fields,
)
from registry.database import current_revision
from registry.models import (
    Area,
    Camera,
    Center,
    Credential,
    Delivery,
    Device,
    Feed,
    Program,
    Recorder,
    Site,
    System,
)
from registry.security.sealing import Sealer, SealingError
from registry.targets import Login

_Source = aliased(Feed)

# Columns are labelled with the names of the record's fields.
_QUERIES: dict[What, sa.Select[*tuple[Any, ...]]] = {
    What.PROGRAM: sa.select(Program.code, Program.name),
    What.AREA: sa.select(Area.path, Area.name, Area.kind, Area.time_zone),
    What.CENTER: sa.select(
        Center.code, Center.name, Center.kind, Area.path.label("area"), Center.network_kbit
    ).join(Area, Area.id == Center.area_id),
    What.SITE: sa.select(
        Site.code,
        Site.name,
        Site.sector,
        Area.path.label("area"),
        Site.address,
        Site.latitude,
        Site.longitude,
        Site.network_kbit,
    ).join(Area, Area.id == Site.area_id),
    What.SYSTEM: sa.select(
        System.code, System.name, Site.code.label("site"), System.owner
    ).outerjoin(Site, Site.id == System.site_id),
    What.RECORDER: sa.select(
        Recorder.code,
        Recorder.name,
        Recorder.host,
        Site.code.label("site"),
        System.code.label("system"),
        Recorder.session_budget,
    )
    .outerjoin(Site, Site.id == Recorder.site_id)
    .outerjoin(System, System.id == Recorder.system_id),
    What.CAMERA: sa.select(
        Camera.code,
        Camera.name,
        Camera.kind,
        Area.path.label("area"),
        Camera.importance,
        Camera.lifecycle,
        Camera.lifecycle_note,
        Site.code.label("site"),
        System.code.label("system"),
        Recorder.code.label("recorder"),
        Program.code.label("program"),
        Camera.snapshots,
    )
    .join(Area, Area.id == Camera.area_id)
    .outerjoin(Site, Site.id == Camera.site_id)
    .outerjoin(System, System.id == Camera.system_id)
    .outerjoin(Recorder, Recorder.id == Camera.recorder_id)
    .outerjoin(Program, Program.id == Camera.program_id),
    # The latest wins where two devices stand open: a later row replaces an earlier one.
    What.DEVICE: sa.select(
        Camera.code.label("camera"),
        Device.serial,
        Device.mac,
        Device.vendor,
        Device.model,
        Device.firmware,
        Device.installed_from,
    )
    .join(Camera, Camera.id == Device.camera_id)
    .where(Device.installed_to.is_(None))
    .order_by(Device.id),
    What.FEED: sa.select(
        Camera.code.label("camera"),
        Feed.name,
        Feed.url,
        Feed.hop,
        _Source.name.label("taken_from"),
        Center.code.label("delivers_to"),
        Credential.code.label("credential"),
        Feed.transport,
        Feed.tls_policy,
        Feed.expected_codec,
        Feed.expected_width,
        Feed.expected_height,
        Feed.expected_fps,
        Feed.keyframe_limit_s,
        Feed.liveness_every_s,
        Feed.picture_every_s,
    )
    .join(Camera, Camera.id == Feed.camera_id)
    .outerjoin(_Source, _Source.id == Feed.taken_from_id)
    .outerjoin(Center, Center.id == Feed.delivers_to_id)
    .outerjoin(Credential, Credential.id == Feed.credential_id),
    What.DELIVERY: sa.select(
        Camera.code.label("camera"), Center.code.label("center"), Delivery.proof
    )
    .join(Camera, Camera.id == Delivery.camera_id)
    .join(Center, Center.id == Delivery.center_id),
}


async def load_inventory(session: AsyncSession, sealer: Sealer | None) -> Inventory:
    """The whole registry. Without a sealer credentials stay closed, enough for an export."""
    inventory = Inventory(revision=await current_revision(session))
    for what, query in _QUERIES.items():
        rows = await session.execute(query)
        inventory.records[what].update(_by_key(what, RECORDS[what], rows.mappings()))
    for row in (await session.execute(sa.select(*Credential.__table__.columns))).all():
        inventory.records[What.CREDENTIAL][row.code,] = CredentialRecord(
            code=row.code,
            login=_opened(row.sealed, sealer),
            hosts=tuple(row.hosts),
            allow_basic=row.allow_basic,
        )
    return inventory


def _by_key(
    what: What, make: Callable[..., Record], rows: Iterable[Any]
) -> Iterable[tuple[Key, Record]]:
    names = key_fields(what)
    return ((tuple(row[name] for name in names), make(**row)) for row in rows)


def _opened(sealed: bytes, sealer: Sealer | None) -> Login | None:
    if sealer is None:
        return None
    try:
        login = sealer.unseal(sealed)
    except SealingError:
        return None
    return Login(login.username, login.password, login.secrets)
