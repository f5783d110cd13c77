"""The registry as plain values that refer to each other by natural key, and what becomes of one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from registry.targets import Login
from registry.vocabulary import (
    AreaKind,
    CameraKind,
    CenterKind,
    Codec,
    Hop,
    Importance,
    Lifecycle,
    Proof,
    Sector,
    TlsPolicy,
    TransportPolicy,
)


class What(StrEnum):
    """The kinds of things, in the order in which they can be written."""

    PROGRAM = "program"
    CONTRACTOR = "contractor"
    CONTRACT = "contract"
    AREA = "area"
    CENTER = "center"
    SITE = "site"
    SYSTEM = "system"
    RECORDER = "recorder"
    CREDENTIAL = "credential"
    CAMERA = "camera"
    DEVICE = "device"
    FEED = "feed"
    DELIVERY = "delivery"
    CONTACT = "contact"
    ASSIGNMENT = "assignment"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramRecord:
    code: str
    name: str
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRecord:
    path: str
    name: str
    kind: AreaKind
    time_zone: str
    retired: bool = False

    @property
    def parent(self) -> str | None:
        return self.path.rpartition("/")[0] or None


@dataclass(frozen=True, slots=True, kw_only=True)
class CenterRecord:
    code: str
    name: str
    kind: CenterKind
    area: str
    network_kbit: int | None = None
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRecord:
    code: str
    name: str
    sector: Sector
    area: str
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    network_kbit: int | None = None
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemRecord:
    code: str
    name: str
    site: str | None = None
    owner: str = ""
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderRecord:
    code: str
    name: str
    host: str = ""
    site: str | None = None
    system: str | None = None
    session_budget: int = 4
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRecord:
    """`login` carries username, password and secrets only; None when it does not open."""

    code: str
    login: Login | None
    hosts: tuple[str, ...]
    allow_basic: bool = False
    retired: bool = False
    changed_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraRecord:
    code: str
    name: str
    kind: CameraKind
    area: str
    importance: Importance = Importance.NORMAL
    lifecycle: Lifecycle = Lifecycle.INSTALLED
    lifecycle_note: str = ""
    site: str | None = None
    system: str | None = None
    recorder: str | None = None
    program: str | None = None
    snapshots: bool | None = None
    azimuth_degrees: float | None = None
    view_degrees: float | None = None
    range_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRecord:
    """The hardware that is in the camera's place now."""

    camera: str
    serial: str = ""
    mac: str = ""
    vendor: str = ""
    model: str = ""
    firmware: str = ""
    installed_from: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRecord:
    camera: str
    name: str
    url: str
    hop: Hop
    taken_from: str | None = None
    delivers_to: str | None = None
    credential: str | None = None
    transport: TransportPolicy = TransportPolicy.AUTO
    tls_policy: TlsPolicy = TlsPolicy.VERIFY
    expected_codec: Codec | None = None
    expected_width: int | None = None
    expected_height: int | None = None
    expected_fps: float | None = None
    keyframe_limit_s: float | None = None
    liveness_every_s: float | None = None
    picture_every_s: float | None = None
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    camera: str
    center: str
    proof: Proof = Proof.INFERRED
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractorRecord:
    code: str
    name: str
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRecord:
    code: str
    contractor: str
    starts_on: date
    title: str = ""
    ends_on: date | None = None
    availability_target: float | None = None
    repair_hours: float | None = None
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRecord:
    """Whom to call of exactly one contractor, center or site."""

    code: str
    name: str
    contractor: str | None = None
    center: str | None = None
    site: str | None = None
    duty: str = ""
    phone: str = ""
    email: str = ""
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRecord:
    """A contract answers for exactly one object, from - to; no hops means all of them."""

    code: str
    contract: str
    starts_at: datetime
    camera: str | None = None
    site: str | None = None
    recorder: str | None = None
    system: str | None = None
    area: str | None = None
    hops: tuple[Hop, ...] = ()
    ends_at: datetime | None = None


Record: TypeAlias = (
    ProgramRecord
    | ContractorRecord
    | ContractRecord
    | ContactRecord
    | AssignmentRecord
    | AreaRecord
    | CenterRecord
    | SiteRecord
    | SystemRecord
    | RecorderRecord
    | CredentialRecord
    | CameraRecord
    | DeviceRecord
    | FeedRecord
    | DeliveryRecord
)
Key: TypeAlias = tuple[str, ...]

RECORDS: dict[What, type[Record]] = {
    What.PROGRAM: ProgramRecord,
    What.CONTRACTOR: ContractorRecord,
    What.CONTRACT: ContractRecord,
    What.CONTACT: ContactRecord,
    What.ASSIGNMENT: AssignmentRecord,
    What.AREA: AreaRecord,
    What.CENTER: CenterRecord,
    What.SITE: SiteRecord,
    What.SYSTEM: SystemRecord,
    What.RECORDER: RecorderRecord,
    What.CREDENTIAL: CredentialRecord,
    What.CAMERA: CameraRecord,
    What.DEVICE: DeviceRecord,
    What.FEED: FeedRecord,
    What.DELIVERY: DeliveryRecord,
}
KEY_FIELDS: dict[What, tuple[str, ...]] = {
    What.AREA: ("path",),
    What.DEVICE: ("camera",),
    What.FEED: ("camera", "name"),
    What.DELIVERY: ("camera", "center"),
}


# Fields that name another thing by its code, whichever record holds them.
REFERENCES: dict[str, What] = {
    "area": What.AREA,
    "site": What.SITE,
    "system": What.SYSTEM,
    "recorder": What.RECORDER,
    "program": What.PROGRAM,
    "camera": What.CAMERA,
    "center": What.CENTER,
    "delivers_to": What.CENTER,
    "credential": What.CREDENTIAL,
    "contractor": What.CONTRACTOR,
    "contract": What.CONTRACT,
}

# Asked of every record of an import, several times.
FIELDS: dict[type[Record], tuple[str, ...]] = {
    kind: tuple(each.name for each in dataclasses.fields(kind)) for kind in RECORDS.values()
}
_REFERRING: dict[type[Record], dict[str, What]] = {
    kind: {name: REFERENCES[name] for name in names if name in REFERENCES}
    for kind, names in FIELDS.items()
}


def references(record: Record) -> Iterator[tuple[str, What, str]]:
    """Field, kind and code of every other thing that this one names."""
    for name, target in _REFERRING[type(record)].items():
        if (code := getattr(record, name)) is not None:
            yield name, target, code
    if isinstance(record, AreaRecord) and record.parent is not None:
        yield "path", What.AREA, record.parent


def is_retired(record: Record | None) -> bool:
    """Its history stays, its code is never used again, and nothing looks at it."""
    if isinstance(record, CameraRecord):
        return record.lifecycle is Lifecycle.RETIRED
    return bool(getattr(record, "retired", False))


def key_fields(what: What) -> tuple[str, ...]:
    return KEY_FIELDS.get(what, ("code",))


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to create (`before` is None), to change, or to remove (`after` is None)."""

    what: What
    key: Key
    before: Record | None
    after: Record | None


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the registry holds, as records by kind and natural key, at one revision.

    `beyond`: codes of what else there is, of which nothing may be told.
    """

    revision: int = 0
    records: dict[What, dict[Key, Record]] = field(
        default_factory=lambda: {what: {} for what in What}
    )
    beyond: dict[What, set[str]] = field(default_factory=lambda: {what: set() for what in What})

    def has(self, what: What, code: str) -> bool:
        return (code,) in self.records[what] or code in self.beyond[what]
