"""The columns of the format: which cell says what of which thing. It reads no file."""

from __future__ import annotations

from dataclasses import dataclass

from registry.changing.inventory import What
from registry.transfer import cells
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


@dataclass(frozen=True, slots=True)
class Column:
    """`field` of the record of `what`; None where planning reads the cell itself (logins)."""

    name: str
    what: What
    field: str | None
    parse: cells.Parser
    secret: bool = False
    is_short: bool = False  # said at once for several columns; read, never written

    @property
    def is_number(self) -> bool:
        return self.field in _NUMBERS


_NUMBERS = frozenset(
    {
        *("latitude", "longitude", "network_kbit", "session_budget", "expected_width"),
        *("expected_height", "expected_fps", "keyframe_limit_s", "liveness_every_s"),
        *("picture_every_s", "azimuth_degrees", "view_degrees", "range_m"),
        *("availability_target", "repair_hours"),
    }
)


def _latitude() -> cells.Parser:
    return cells.number(-90, 90)


def _seconds() -> cells.Parser:
    return cells.number(0.1, 86_400)


def _kbit() -> cells.Parser:
    return cells.integer(1, 100_000_000)


COLUMNS = (
    Column("camera", What.CAMERA, "code", cells.code),
    Column("camera_name", What.CAMERA, "name", cells.text(200)),
    Column("kind", What.CAMERA, "kind", cells.word(CameraKind)),
    Column("importance", What.CAMERA, "importance", cells.word(Importance)),
    Column("lifecycle", What.CAMERA, "lifecycle", cells.word(Lifecycle)),
    Column("lifecycle_note", What.CAMERA, "lifecycle_note", cells.text(300)),
    Column("snapshots", What.CAMERA, "snapshots", cells.yes_no),
    Column("azimuth", What.CAMERA, "azimuth_degrees", cells.number(0, 360)),
    Column("view", What.CAMERA, "view_degrees", cells.number(0.1, 360)),
    Column("range_m", What.CAMERA, "range_m", cells.number(0.1, 100_000)),
    Column("area", What.AREA, "path", cells.area_path),
    Column("area_name", What.AREA, "name", cells.text(200)),
    Column("area_kind", What.AREA, "kind", cells.word(AreaKind)),
    Column("time_zone", What.AREA, "time_zone", cells.time_zone),
    Column("site", What.SITE, "code", cells.code),
    Column("site_name", What.SITE, "name", cells.text(200)),
    Column("address", What.SITE, "address", cells.text(300)),
    Column("sector", What.SITE, "sector", cells.word(Sector)),
    Column("latitude", What.SITE, "latitude", _latitude()),
    Column("longitude", What.SITE, "longitude", cells.number(-180, 180)),
    Column("site_area", What.SITE, "area", cells.area_path),
    Column("site_kbit", What.SITE, "network_kbit", _kbit()),
    Column("system", What.SYSTEM, "code", cells.code),
    Column("system_name", What.SYSTEM, "name", cells.text(200)),
    Column("system_owner", What.SYSTEM, "owner", cells.text(200)),
    Column("system_site", What.SYSTEM, "site", cells.code),
    Column("recorder", What.RECORDER, "code", cells.code),
    Column("recorder_name", What.RECORDER, "name", cells.text(200)),
    Column("recorder_host", What.RECORDER, "host", cells.host),
    Column("recorder_sessions", What.RECORDER, "session_budget", cells.integer(1, 256)),
    Column("recorder_site", What.RECORDER, "site", cells.code),
    Column("recorder_system", What.RECORDER, "system", cells.code),
    Column("program", What.PROGRAM, "code", cells.code),
    Column("program_name", What.PROGRAM, "name", cells.text(200)),
    Column("serial", What.DEVICE, "serial", cells.text(64)),
    Column("mac", What.DEVICE, "mac", cells.mac),
    Column("vendor", What.DEVICE, "vendor", cells.text(64)),
    Column("model", What.DEVICE, "model", cells.text(64)),
    Column("firmware", What.DEVICE, "firmware", cells.text(64)),
    Column("installed_from", What.DEVICE, "installed_from", cells.day),
    Column("feed", What.FEED, "name", cells.feed_name),
    Column("url", What.FEED, "url", cells.text(2000), secret=True),
    Column("hop", What.FEED, "hop", cells.word(Hop)),
    Column("taken_from", What.FEED, "taken_from", cells.feed_name),
    Column("transport", What.FEED, "transport", cells.word(TransportPolicy)),
    Column("tls", What.FEED, "tls_policy", cells.word(TlsPolicy)),
    Column("credential", What.FEED, "credential", cells.code),
    Column("username", What.CREDENTIAL, None, cells.text(200), secret=True),
    Column("password", What.CREDENTIAL, None, cells.text(200), secret=True),
    Column("basic", What.CREDENTIAL, "allow_basic", cells.yes_no),
    Column("codec", What.FEED, "expected_codec", cells.word(Codec)),
    Column("width", What.FEED, "expected_width", cells.integer(16, 32_768)),
    Column("height", What.FEED, "expected_height", cells.integer(16, 32_768)),
    Column("fps", What.FEED, "expected_fps", cells.number(0.1, 240)),
    Column("keyframe_limit_s", What.FEED, "keyframe_limit_s", _seconds()),
    Column("liveness_every_s", What.FEED, "liveness_every_s", _seconds()),
    Column("picture_every_s", What.FEED, "picture_every_s", _seconds()),
    Column("delivers_to", What.CENTER, "code", cells.code),
    Column("proof", What.DELIVERY, "proof", cells.word(Proof)),
    Column("center_name", What.CENTER, "name", cells.text(200)),
    Column("center_kind", What.CENTER, "kind", cells.word(CenterKind)),
    Column("center_area", What.CENTER, "area", cells.area_path),
    Column("center_kbit", What.CENTER, "network_kbit", _kbit()),
    Column("contractor", What.CONTRACTOR, "code", cells.code),
    Column("contractor_name", What.CONTRACTOR, "name", cells.text(200)),
    Column("contract", What.CONTRACT, "code", cells.code),
    Column("contract_contractor", What.CONTRACT, "contractor", cells.code),
    Column("contract_title", What.CONTRACT, "title", cells.text(200)),
    Column("contract_from", What.CONTRACT, "starts_on", cells.day),
    Column("contract_to", What.CONTRACT, "ends_on", cells.day),
    Column("contract_availability", What.CONTRACT, "availability_target", cells.number(0, 1)),
    Column("contract_repair_hours", What.CONTRACT, "repair_hours", cells.number(0, 100_000)),
    Column("contact", What.CONTACT, "code", cells.code),
    Column("contact_name", What.CONTACT, "name", cells.text(200)),
    Column("contact_contractor", What.CONTACT, "contractor", cells.code),
    Column("contact_center", What.CONTACT, "center", cells.code),
    Column("contact_site", What.CONTACT, "site", cells.code),
    Column("contact_duty", What.CONTACT, "duty", cells.text(100)),
    Column("contact_phone", What.CONTACT, "phone", cells.text(40)),
    Column("contact_email", What.CONTACT, "email", cells.text(254)),
    Column("assignment", What.ASSIGNMENT, "code", cells.code),
    Column("assignment_contract", What.ASSIGNMENT, "contract", cells.code),
    Column("assignment_camera", What.ASSIGNMENT, "camera", cells.code),
    Column("assignment_site", What.ASSIGNMENT, "site", cells.code),
    Column("assignment_recorder", What.ASSIGNMENT, "recorder", cells.code),
    Column("assignment_system", What.ASSIGNMENT, "system", cells.code),
    Column("assignment_area", What.ASSIGNMENT, "area", cells.area_path),
    Column("assignment_hops", What.ASSIGNMENT, "hops", cells.words(Hop)),
    Column("assignment_from", What.ASSIGNMENT, "starts_at", cells.moment),
    Column("assignment_to", What.ASSIGNMENT, "ends_at", cells.moment),
    Column("coordinates", What.SITE, None, cells.text(100), is_short=True),
    Column("device_address", What.FEED, None, cells.text(300), is_short=True),
    Column("template", What.FEED, None, cells.text(300), is_short=True),
    Column("channels", What.FEED, None, cells.text(300), is_short=True),
)
BY_NAME = {column.name: column for column in COLUMNS}
BY_FIELD = {(column.what, column.field): column.name for column in COLUMNS if column.field}

# The column that names a place; on a camera's row it is also the camera's reference to it.
PLACE_KEYS = {
    What.AREA: "area",
    What.SITE: "site",
    What.SYSTEM: "system",
    What.RECORDER: "recorder",
    What.PROGRAM: "program",
    What.CENTER: "delivers_to",
    What.CONTRACTOR: "contractor",
    What.CONTRACT: "contract",
    What.CONTACT: "contact",
    What.ASSIGNMENT: "assignment",
}
CAMERA_REFERENCES = ("area", "site", "system", "recorder", "program")
