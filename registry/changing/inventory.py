"""The registry as plain values that refer to each other by natural key, and what becomes of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramRecord:
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRecord:
    path: str
    name: str
    kind: AreaKind
    time_zone: str

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemRecord:
    code: str
    name: str
    site: str | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderRecord:
    code: str
    name: str
    host: str = ""
    site: str | None = None
    system: str | None = None
    session_budget: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRecord:
    """`login` carries username, password and secrets only; None when it does not open."""

    code: str
    login: Login | None
    hosts: tuple[str, ...]
    allow_basic: bool = False


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    camera: str
    center: str
    proof: Proof = Proof.INFERRED


Record: TypeAlias = (
    ProgramRecord
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
    """Everything the registry holds, as records by kind and natural key, at one revision."""

    revision: int = 0
    records: dict[What, dict[Key, Record]] = field(
        default_factory=lambda: {what: {} for what in What}
    )

    def has(self, what: What, *key: str) -> bool:
        return key in self.records[what]
