"""Reads the registry into an inventory with one query per table. It writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from registry.changing.inventory import (
    RECORDS,
    AssignmentRecord,
    CredentialRecord,
    Inventory,
    Key,
    Record,
    What,
    key_fields,
    references,
)
from registry.database import current_revision
from registry.models import (
    Area,
    Assignment,
    Camera,
    Center,
    Contact,
    Contract,
    Contractor,
    Credential,
    Delivery,
    Device,
    Feed,
    Program,
    Recorder,
    Site,
    System,
)
from registry.models.base import Base, Retirable
from registry.security.sealing import Sealer, SealingError
from registry.targets import Login
from registry.vocabulary import Hop

_Query: TypeAlias = sa.Select[*tuple[Any, ...]]
_Source = aliased(Feed)


def is_retired(model: type[Retirable]) -> sa.ColumnElement[bool]:
    return model.retired_at.is_not(None).label("retired")


# What each kind holds of its own; columns are labelled with the names of the record's fields, and
# the API tells them by the same names.
QUERIES: dict[What, _Query] = {
    What.PROGRAM: sa.select(Program.code, Program.name, is_retired(Program)),
    What.AREA: sa.select(Area.path, Area.name, Area.kind, Area.time_zone, is_retired(Area)),
    What.CENTER: sa.select(
        Center.code,
        Center.name,
        Center.kind,
        Area.path.label("area"),
        Center.network_kbit,
        is_retired(Center),
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
        is_retired(Site),
    ).join(Area, Area.id == Site.area_id),
    What.SYSTEM: sa.select(
        System.code, System.name, Site.code.label("site"), System.owner, is_retired(System)
    ).outerjoin(Site, Site.id == System.site_id),
    What.RECORDER: sa.select(
        Recorder.code,
        Recorder.name,
        Recorder.host,
        Site.code.label("site"),
        System.code.label("system"),
        Recorder.session_budget,
        is_retired(Recorder),
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
        Camera.azimuth_degrees,
        Camera.view_degrees,
        Camera.range_m,
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
        is_retired(Feed),
    )
    .join(Camera, Camera.id == Feed.camera_id)
    .outerjoin(_Source, _Source.id == Feed.taken_from_id)
    .outerjoin(Center, Center.id == Feed.delivers_to_id)
    .outerjoin(Credential, Credential.id == Feed.credential_id),
    What.DELIVERY: sa.select(
        Camera.code.label("camera"),
        Center.code.label("center"),
        Delivery.proof,
        is_retired(Delivery),
    )
    .join(Camera, Camera.id == Delivery.camera_id)
    .join(Center, Center.id == Delivery.center_id),
    What.CONTRACTOR: sa.select(Contractor.code, Contractor.name, is_retired(Contractor)),
    What.CONTRACT: sa.select(
        Contract.code,
        Contractor.code.label("contractor"),
        Contract.starts_on,
        Contract.title,
        Contract.ends_on,
        Contract.availability_target,
        Contract.repair_hours,
        is_retired(Contract),
    ).join(Contractor, Contractor.id == Contract.contractor_id),
    What.CONTACT: sa.select(
        Contact.code,
        Contact.name,
        Contractor.code.label("contractor"),
        Center.code.label("center"),
        Site.code.label("site"),
        Contact.duty,
        Contact.phone,
        Contact.email,
        is_retired(Contact),
    )
    .outerjoin(Contractor, Contractor.id == Contact.contractor_id)
    .outerjoin(Center, Center.id == Contact.center_id)
    .outerjoin(Site, Site.id == Contact.site_id),
    What.ASSIGNMENT: sa.select(
        Assignment.code,
        Contract.code.label("contract"),
        Camera.code.label("camera"),
        Site.code.label("site"),
        Recorder.code.label("recorder"),
        System.code.label("system"),
        Area.path.label("area"),
        Assignment.hops,
        Assignment.starts_at,
        Assignment.ends_at,
    )
    .join(Contract, Contract.id == Assignment.contract_id)
    .outerjoin(Camera, Camera.id == Assignment.camera_id)
    .outerjoin(Site, Site.id == Assignment.site_id)
    .outerjoin(Recorder, Recorder.id == Assignment.recorder_id)
    .outerjoin(System, System.id == Assignment.system_id)
    .outerjoin(Area, Area.id == Assignment.area_id),
}
# The first part of a kind's key as a column: what a camera holds is read camera by camera.
HEADS: dict[What, InstrumentedAttribute[str]] = {
    What.PROGRAM: Program.code,
    What.CONTRACTOR: Contractor.code,
    What.CONTRACT: Contract.code,
    What.AREA: Area.path,
    What.CENTER: Center.code,
    What.SITE: Site.code,
    What.SYSTEM: System.code,
    What.RECORDER: Recorder.code,
    What.CREDENTIAL: Credential.code,
    What.CAMERA: Camera.code,
    What.DEVICE: Camera.code,
    What.FEED: Camera.code,
    What.DELIVERY: Camera.code,
    What.CONTACT: Contact.code,
    What.ASSIGNMENT: Assignment.code,
}
_CREDENTIALS = sa.select(
    Credential.code,
    Credential.sealed,
    Credential.hosts,
    Credential.allow_basic,
    Credential.changed_at,
    is_retired(Credential),
)
CODES_A_QUERY = 5_000


def model_of(what: What) -> type[Base]:
    """The class by which it is found: of a feed, a delivery or a device its camera."""
    model: type[Base] = HEADS[what].class_  # type: ignore[assignment]  # never an alias here
    return model


async def load_inventory(session: AsyncSession, sealer: Sealer | None) -> Inventory:
    """The whole registry. Without a sealer credentials stay closed, enough for an export."""
    inventory = Inventory(revision=await current_revision(session))
    for what in What:
        inventory.records[what] = await _load(session, what, sealer)
    return inventory


async def load_some(
    session: AsyncSession, wanted: Mapping[What, Iterable[str]], sealer: Sealer | None
) -> Inventory:
    """Those things, by the first part of their keys, and whatever they refer to in turn."""
    inventory = Inventory(revision=await current_revision(session))
    asked: set[tuple[What, str]] = set()
    missing = {what: set(codes) for what, codes in wanted.items()}
    while missing:
        found: list[Record] = []
        for what, codes in missing.items():
            asked |= {(what, code) for code in codes}
            records = await _load(session, what, sealer, codes)
            inventory.records[what] |= records
            found += records.values()
        missing = defaultdict(set)
        for record in found:
            for _, target, code in references(record):
                if (target, code) not in asked:
                    missing[target].add(code)
    return inventory


async def _load(
    session: AsyncSession, what: What, sealer: Sealer | None, codes: Iterable[str] | None = None
) -> dict[Key, Record]:
    query = _CREDENTIALS if what is What.CREDENTIAL else QUERIES[what]
    made: dict[What, Callable[..., Record]] = {
        What.CREDENTIAL: partial(_credential, sealer),
        What.ASSIGNMENT: _assignment,
    }
    make = made.get(what, RECORDS[what])
    records: dict[Key, Record] = {}
    for some in [query] if codes is None else _narrowed(query, HEADS[what], codes):
        rows = await session.execute(some)
        records.update(_by_key(what, make, rows.mappings()))
    return records


def _narrowed(
    query: _Query, head: InstrumentedAttribute[str], codes: Iterable[str]
) -> list[_Query]:
    listed = sorted(codes)
    slices = range(0, len(listed), CODES_A_QUERY)
    return [query.where(head.in_(listed[at : at + CODES_A_QUERY])) for at in slices]


def _by_key(
    what: What, make: Callable[..., Record], rows: Iterable[Any]
) -> Iterable[tuple[Key, Record]]:
    names = key_fields(what)
    return ((tuple(row[name] for name in names), make(**row)) for row in rows)


def _credential(
    sealer: Sealer | None, *, sealed: bytes, hosts: list[str], **row: Any
) -> CredentialRecord:
    return CredentialRecord(login=_opened(sealed, sealer), hosts=tuple(hosts), **row)


def _assignment(*, hops: list[str], **row: Any) -> AssignmentRecord:
    return AssignmentRecord(hops=tuple(map(Hop, hops)), **row)


def _opened(sealed: bytes, sealer: Sealer | None) -> Login | None:
    if sealer is None:
        return None
    try:
        login = sealer.unseal(sealed)
    except SealingError:
        return None
    return Login(login.username, login.password, login.secrets)
