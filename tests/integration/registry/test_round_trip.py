"""What is exported imports back as an empty plan, whatever people wrote into names and notes."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from registry.changing.inventory import (
    AreaRecord,
    AssignmentRecord,
    CameraRecord,
    CenterRecord,
    Change,
    ContactRecord,
    ContractorRecord,
    ContractRecord,
    CredentialRecord,
    DeliveryRecord,
    DeviceRecord,
    FeedRecord,
    ProgramRecord,
    Record,
    RecorderRecord,
    SiteRecord,
    SystemRecord,
    What,
)
from registry.database import Database
from registry.security.sealing import Sealer
from registry.targets import Login
from registry.transfer import Format, Plan, apply_plan, export_inventory, plan_import
from registry.transfer.plan import field_changes
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
from tests.fakes.clock import FakeClock

SEALER = Sealer([b"B" * 43 + b"="])
SECRET = "never-exported"

hostile = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
    st.text("=+-@'\"`;,|\t\r\n \u00a0\u2028", max_size=6),
    st.sampled_from(
        [
            "-",
            "'-",
            "''-",
            "'",
            "=1+1",
            "'=1",
            " x ",
            "@SUM(A1)",
            "\ufeff",
            "а?б",
            "_x0041_",
            "—",
            "a\u00adb",
        ]
    ),
)
codes = st.from_regex(r"\A[A-Za-zА-я0-9Ққ][A-Za-zА-я0-9_.:-]{0,11}\Z")
names = hostile.filter(bool)


Thing = tuple[What, tuple[str, ...], Record]


class Builder:
    """Draws a registry whose references hold and whose texts are as bad as texts get."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.things: list[Thing] = []
        self._codes: dict[What, list[str]] = {}

    def build(self) -> list[Thing]:
        self._areas()
        for what in (What.PROGRAM, What.CENTER, What.SITE, What.SYSTEM, What.RECORDER):
            self._codes[what] = self._draw(st.lists(codes, min_size=1, max_size=2, unique=True))
            for code in self._codes[what]:
                self._add(what, self._place(what, code), code)
        login = Login("u", SECRET, {"secret": SECRET})
        hosts = ("198.18.0.0/15",)
        self._add(What.CREDENTIAL, CredentialRecord(code="cred", login=login, hosts=hosts), "cred")
        for code in self._draw(st.lists(codes, min_size=1, max_size=3, unique=True)):
            self._camera(code)
        self._care()
        return self.things

    def _add(self, what: What, record: Record, *key: str) -> None:
        self.things.append((what, key, record))

    def _any(self, closed: type[Any]) -> Any:
        return self._draw(st.sampled_from(closed))

    def _maybe(self, what: What) -> str | None:
        return self._draw(st.sampled_from([None, *self._codes[what]]))

    def _areas(self) -> None:
        self._paths = ["reg", f"reg/{self._draw(codes)}"]
        for path, kind in zip(self._paths, (AreaKind.REGION, AreaKind.CITY), strict=True):
            name = self._draw(names)
            area = AreaRecord(path=path, name=name, kind=kind, time_zone="Asia/Almaty")
            self._add(What.AREA, area, path)

    def _place(self, what: What, code: str) -> Record:
        name = self._draw(names)
        match what:
            case What.PROGRAM:
                return ProgramRecord(code=code, name=name)
            case What.CENTER:
                kind = self._any(CenterKind)
                return CenterRecord(code=code, name=name, kind=kind, area=self._paths[1])
            case What.SITE:
                return self._site(code, name)
            case What.SYSTEM:
                site, owner = self._maybe(What.SITE), self._draw(hostile)
                return SystemRecord(code=code, name=name, site=site, owner=owner)
            case _:
                site, system = self._maybe(What.SITE), self._maybe(What.SYSTEM)
                return RecorderRecord(code=code, name=name, site=site, system=system)

    def _site(self, code: str, name: str) -> SiteRecord:
        latitude = self._draw(st.none() | st.floats(-90, 90))
        return SiteRecord(
            code=code,
            name=name,
            sector=self._any(Sector),
            area=self._paths[0],
            address=self._draw(hostile),
            latitude=latitude,
            longitude=None if latitude is None else -latitude,
            network_kbit=self._draw(st.none() | st.integers(1, 10**6)),
        )

    def _camera(self, code: str) -> None:
        camera = CameraRecord(
            code=code,
            name=self._draw(names),
            kind=self._any(CameraKind),
            area=self._draw(st.sampled_from(self._paths)),
            importance=self._any(Importance),
            lifecycle=self._any(Lifecycle),
            lifecycle_note=self._draw(hostile),
            site=self._maybe(What.SITE),
            system=self._maybe(What.SYSTEM),
            recorder=self._maybe(What.RECORDER),
            program=self._maybe(What.PROGRAM),
            snapshots=self._draw(st.none() | st.booleans()),
            azimuth_degrees=self._draw(st.none() | st.floats(0, 360)),
            view_degrees=self._draw(st.none() | st.floats(0.1, 360)),
            range_m=self._draw(st.none() | st.floats(0.1, 100_000)),
        )
        self._add(What.CAMERA, camera, code)
        if self._draw(st.booleans()):
            self._device(code)
        centers = self._draw(st.lists(st.sampled_from(self._codes[What.CENTER]), unique=True))
        for center in centers:
            delivery = DeliveryRecord(camera=code, center=center, proof=self._any(Proof))
            self._add(What.DELIVERY, delivery, code, center)
        self._feeds(code, centers)

    def _care(self) -> None:
        """Who answers for what, and whom to call."""
        day = self._draw(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
        self._add(What.CONTRACTOR, ContractorRecord(code="firm", name=self._draw(names)), "firm")
        contract = ContractRecord(
            code="2026-1",
            contractor="firm",
            starts_on=day,
            title=self._draw(hostile),
            ends_on=self._draw(st.sampled_from([None, day])),
            availability_target=self._draw(st.none() | st.floats(0, 1)),
            repair_hours=self._draw(st.none() | st.floats(0, 100_000)),
        )
        self._add(What.CONTRACT, contract, "2026-1")
        for code, party in enumerate(({"contractor": "firm"}, {"site": self._codes[What.SITE][0]})):
            contact = ContactRecord(
                code=f"{code}",
                name=self._draw(names),
                duty=self._draw(hostile),
                phone=self._draw(hostile),
                email=self._draw(hostile),
                contractor=party.get("contractor"),
                site=party.get("site"),
            )
            self._add(What.CONTACT, contact, f"{code}")
        starts = datetime(day.year, day.month, day.day, 19, tzinfo=UTC)
        for what in (What.SITE, What.RECORDER, What.SYSTEM):
            assignment = AssignmentRecord(
                code=what,
                contract="2026-1",
                starts_at=starts,
                ends_at=self._draw(st.sampled_from([None, starts + timedelta(microseconds=1)])),
                hops=self._draw(st.sampled_from([(), tuple(Hop), (Hop.RELAY,)])),
                **{what.value: self._codes[what][0]},
            )
            self._add(What.ASSIGNMENT, assignment, what)

    def _device(self, code: str) -> None:
        day = self._draw(st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)))
        serial, model = self._draw(hostile), self._draw(hostile)
        device = DeviceRecord(camera=code, serial=serial, model=model, installed_from=day)
        self._add(What.DEVICE, device, code)

    def _feeds(self, code: str, centers: list[str]) -> None:
        feeds = self._draw(st.lists(st.sampled_from(["main", "sub", "nvr", "cou"]), unique=True))
        for position, name in enumerate(feeds):
            feed = FeedRecord(
                camera=code,
                name=name,
                url="rtsp://198.18.0.1/{user}/%241&key={secret}?a=1;b='x'",
                hop=self._any(Hop),
                taken_from=feeds[position - 1] if position else None,
                delivers_to=centers.pop() if centers else None,
                credential="cred",
                transport=self._any(TransportPolicy),
                tls_policy=self._any(TlsPolicy),
                expected_codec=self._draw(st.none() | st.sampled_from(Codec)),
                expected_fps=self._draw(st.none() | st.floats(0.1, 240)),
            )
            self._add(What.FEED, feed, code, name)


@st.composite
def registries(draw: st.DrawFn) -> list[Thing]:
    return Builder(draw).build()


async def round_trip(url: str, things: list[Thing]) -> tuple[dict[Format, Plan], str]:
    database, clock = Database(url), FakeClock()
    order = list(What)
    things = sorted(things, key=lambda thing: order.index(thing[0]))
    changes = tuple(Change(what, key, None, record) for what, key, record in things)
    await apply_plan(database, Plan(0, 0, changes, {}), sealer=SEALER, clock=clock)
    plans: dict[Format, Plan] = {}
    files = {}
    for form in Format:
        out = io.BytesIO()
        await export_inventory(database, out, form, who="=tester\x1b\n", clock=clock)
        files[form] = out.getvalue()
        plans[form] = await plan_import(database, out.getvalue(), sealer=SEALER, clock=clock)
    await database.close()
    assert not any(SECRET.encode() in each for each in files.values())
    return plans, files[Format.CSV].decode()


@pytest.mark.timeout(120)
@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(things=registries())
def test_an_export_imports_back_as_an_empty_plan(things, databases, tmp_path):
    with databases.empty(tmp_path) as url:
        plans, text = asyncio.run(round_trip(url, things))

    for form, plan in plans.items():
        at_home = drawn_on_no_map if form is Format.GEOJSON else stays_home
        assert [list(field_changes(change)) for change in plan.changes] == []
        assert sum(plan.unchanged.values()) >= sum(not at_home(thing) for thing in things)
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not [c for c in cells if c[:1] in set("=+@\t\r\n") or (c[:1] == "-" and not number(c))]


def stays_home(thing: Thing) -> bool:
    """A credential no feed uses, and a device of which nothing is known, fill no cell."""
    what, _, record = thing
    if isinstance(record, DeviceRecord):
        return not (record.serial or record.model or record.installed_from)
    return what is What.CREDENTIAL


def drawn_on_no_map(thing: Thing) -> bool:
    return thing[0] is not What.CAMERA


def number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
