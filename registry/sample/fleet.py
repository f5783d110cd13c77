"""The inventory of an invented region, shaped like a real one; every run gives the same.

968 street cameras shown in duty units, 871 systems in the regional center, 338 doorway cameras that
the telecom provider stores and nobody is shown, body cameras without a stream, 140 in-car recorders
with several views each, third-party sites that are still planned. Hosts are of 198.18.0.0/15, which
belongs to nobody.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

from registry.sample.names import (
    CITY,
    DISTRICTS,
    REGION,
    REGION_NAME,
    STREETS,
    THIRD_PARTIES,
    TIME_ZONE,
    District,
)
from registry.vocabulary import (
    AreaKind,
    CameraKind,
    CenterKind,
    Hop,
    Importance,
    Lifecycle,
    Proof,
    Sector,
)

SYSTEMS_IN_THE_CITY = 871
YARDS = 151
DOORWAYS = 338
BODY_CAMERAS = 812
OFFICERS_WITHOUT_ONE = 188  # each has a body camera planned: so many are still to be equipped
PLANNED_STREETS = 3  # in each district, besides those that are shown
CARS = 140
VIEWS_OF_A_CAR = ("front", "cabin", "rear")
OPERATIONS_CENTER = "cou-akterek"
CLOUD = "cloud-tenant-doorways"
PROGRAMS = {
    "carpet": "Сплошное покрытие",
    "cloud-doorways": "Облачное видеонаблюдение подъездов",
    "safe-yard": "Безопасный двор",
    "digital-patrol": "Цифровой патруль",
}
_LOGIN = {"username": "viewer", "password": "sample-only"}

Row = dict[str, Any]
_Lives = tuple[tuple[Lifecycle, str, int], ...]
# word, note, weight
_SHOWN: _Lives = (
    (Lifecycle.IN_SERVICE, "", 93),
    (Lifecycle.INSTALLED, "ожидает приёмки", 3),
    (Lifecycle.SUSPENDED, "ремонт дороги, опора снята", 2),
)
_PLANNED = (Lifecycle.PLANNED, "опора установлена, линии нет", 2)


def sample_rows() -> Iterator[Row]:
    """The rows of the sample in the import format."""
    region = _Region()
    yield from region.places()
    for district in DISTRICTS:
        yield from region.streets(district)
        yield from region.planned_streets(district)
    yield from region.yards()
    yield from region.doorways()
    yield from region.body_cameras()
    yield from region.cars()
    yield from region.third_parties()


class _Region:
    def __init__(self) -> None:
        self._chance = random.Random(871968338)  # noqa: S311 (a repeatable sample, no secret)
        self._cameras = itertools.count(1)
        self._recorders = itertools.count(1)
        self._sites = itertools.count(1)
        self._systems = itertools.count(1)

    def places(self) -> Iterator[Row]:
        yield _area(REGION, REGION_NAME, AreaKind.REGION)
        for district in DISTRICTS:
            yield _area(district.path, district.name, district.kind)
        yield {
            "delivers_to": OPERATIONS_CENTER,
            "center_name": "ЦОУ Департамента полиции",
            "center_kind": CenterKind.OPERATIONS_CENTER,
            "center_area": CITY,
            "center_kbit": 400_000,
        } | _video_system(OPERATIONS_CENTER, 0)
        for number, district in enumerate(DISTRICTS, start=1):
            yield {
                "delivers_to": district.duty_unit,
                "center_name": f"Дежурная часть, {district.name}",
                "center_kind": CenterKind.DUTY_UNIT,
                "center_area": district.path,
                "center_kbit": 40_000,
            } | _video_system(district.duty_unit, number)
        for code, name in PROGRAMS.items():
            yield {"program": code, "program_name": name}

    def streets(self, district: District) -> Iterator[Row]:
        """Street cameras in groups around a recorder of 16 to 64 channels; one group has none."""
        left = district.streets
        while left:
            channels = min(left, self._chance.choice((16, 16, 32, 32, 64)))
            with_recorder = self._chance.random() > 0.15
            recorder = self._recorder(district, channels) if with_recorder else {}
            for channel in range(1, channels + 1):
                camera = self._street(district) | recorder
                yield from self._street_feeds(camera, district, channel)
            left -= channels

    def planned_streets(self, district: District) -> Iterator[Row]:
        for _ in range(PLANNED_STREETS):
            planned = {"lifecycle": Lifecycle.PLANNED, "lifecycle_note": "опора стоит, линии нет"}
            camera = self._street(district) | planned
            yield camera | {"delivers_to": district.duty_unit, "proof": Proof.INFERRED}

    def _recorder(self, district: District, channels: int) -> Row:
        number = next(self._recorders)
        return {
            "recorder": f"nvr-{number:03}",
            "recorder_name": f"Регистратор {number}, {channels} каналов, {district.name}",
            "recorder_host": f"198.19.{number // 250}.{number % 250 + 1}",
            "recorder_sessions": 4 if channels <= 32 else 8,
        }

    def _street(self, district: District) -> Row:
        site = self._site("street", district, Sector.STREET)
        high = self._chance.random() < 0.12
        camera = self._camera(CameraKind.STREET, district, _SHOWN) | site
        if district.kind is AreaKind.CITY:
            camera |= self._system(str(site["site"]), "Департамент полиции")
        return camera | {
            "camera_name": f"{site['address']}, обзорная",
            "importance": Importance.HIGH if high else Importance.NORMAL,
            "program": "carpet",
        }

    def _street_feeds(self, camera: Row, district: District, channel: int) -> Iterator[Row]:
        code, host = camera["camera"], _camera_host(camera)
        own = camera | _LOGIN | {"hop": Hop.CAMERA, "codec": "h264"}
        yield own | _feed("main", f"rtsp://{host}/Streaming/Channels/101", 1920, 1080)
        yield own | _feed("sub", f"rtsp://{host}/Streaming/Channels/102", 640, 360)
        source = "main"
        if "recorder" in camera:
            source = "nvr"
            url = f"rtsp://{camera['recorder_host']}:554/Streaming/Channels/{channel}01"
            yield own | _feed("nvr", url, 1920, 1080) | {"hop": Hop.RECORDER, "taken_from": "main"}
        yield camera | _handed_on("duty", code, district.duty_unit, _unit(district), source)
        if district.kind is AreaKind.CITY:
            yield camera | _handed_on("cou", code, OPERATIONS_CENTER, 0, source)

    def yards(self) -> Iterator[Row]:
        city = DISTRICTS[0]
        for _ in range(YARDS):
            site = self._site("yard", city, Sector.YARD)
            camera = self._camera(CameraKind.YARD, city) | site
            camera |= self._system(str(site["site"]), "КСК")
            camera |= {"camera_name": f"{site['address']}, двор", "program": "safe-yard"}
            if camera["lifecycle"] == Lifecycle.PLANNED:
                yield camera | {"delivers_to": OPERATIONS_CENTER, "proof": Proof.INFERRED}
                continue
            url = f"rtsp://{_camera_host(camera)}/cam/realmonitor?channel=1&subtype=0"
            yield camera | _LOGIN | _feed("main", url, 1920, 1080) | {"hop": Hop.CAMERA}
            yield camera | _handed_on("cou", camera["camera"], OPERATIONS_CENTER, 0, "main")

    def doorways(self) -> Iterator[Row]:
        """Stored by the telecom provider, shown to nobody: no center must have them."""
        city = DISTRICTS[0]
        tenant = {
            "recorder": CLOUD,
            "recorder_name": "Облако оператора связи, подъезды",
            "recorder_host": "198.19.250.10",
            "recorder_sessions": 32,
        }
        for number in range(1, DOORWAYS + 1):
            site = self._site("door", city, Sector.DOORWAY)
            camera = self._camera(CameraKind.DOORWAY, city) | site | tenant
            camera |= {
                "lifecycle": Lifecycle.IN_SERVICE,
                "lifecycle_note": "",
                "camera_name": f"{site['address']}, подъезд {number % 4 + 1}",
                "program": "cloud-doorways",
            }
            url = f"rtsp://198.19.250.10:554/tenant/doorways/{number:04}"
            yield camera | _LOGIN | _feed("cloud", url, 1280, 720) | {"hop": Hop.RECORDER}

    def body_cameras(self) -> Iterator[Row]:
        """One for each officer of the contact staff; planned for those who have none yet."""
        for number in range(1, BODY_CAMERAS + OFFICERS_WITHOUT_ONE + 1):
            district = DISTRICTS[number % len(DISTRICTS)]
            body = {
                "camera": f"body-{number:04}",
                "camera_name": f"Видеожетон {number}",
                "kind": CameraKind.BODY,
                "area": district.path,
                "program": "digital-patrol",
            }
            if number > BODY_CAMERAS:
                note = "сотрудник ещё не обеспечен"
                yield body | {"lifecycle": Lifecycle.PLANNED, "lifecycle_note": note}
                continue
            issued = {"lifecycle": Lifecycle.IN_SERVICE, "vendor": "Bodycam"}
            yield body | issued | {"serial": f"BC{number:06}"}

    def cars(self) -> Iterator[Row]:
        for number in range(1, CARS + 1):
            district = DISTRICTS[number % len(DISTRICTS)]
            host = f"198.19.{128 + number // 250}.{number % 250 + 1}"
            for channel, view in enumerate(VIEWS_OF_A_CAR, start=1):
                yield (
                    {
                        "camera": f"car-{number:03}-{view}",
                        "camera_name": f"Патрульный автомобиль {number}, {view}",
                        "kind": CameraKind.IN_CAR,
                        "lifecycle": Lifecycle.INSTALLED,
                        "lifecycle_note": "на связи только при включённом зажигании",
                        "area": district.path,
                        "program": "digital-patrol",
                        "recorder": f"car-{number:03}",
                        "recorder_name": f"Видеорегистратор автомобиля {number}",
                        "recorder_host": host,
                        "recorder_sessions": 2,
                    }
                    | _LOGIN
                    | _feed("main", f"rtsp://{host}:554/live/{channel}", 1280, 720)
                    | {"hop": Hop.RECORDER}
                )

    def third_parties(self) -> Iterator[Row]:
        """Malls, entertainment, education, healthcare: known and agreed, not connected yet."""
        city = DISTRICTS[0]
        sectors = itertools.cycle(THIRD_PARTIES)
        while (number := next(self._systems)) <= SYSTEMS_IN_THE_CITY:
            sector = next(sectors)
            prefix, names = THIRD_PARTIES[sector]
            name = f"{prefix} «{self._chance.choice(names)}», корпус {number}"
            site = self._site("site", city, Sector(sector)) | {"site_name": name}
            for view in range(1, self._chance.randint(1, 2) + 1):
                yield (
                    self._camera(CameraKind.FACILITY, city)
                    | site
                    | _system(number, str(site["site"]), name)
                    | {
                        "camera_name": f"{name}, вход {view}",
                        "lifecycle": Lifecycle.PLANNED,
                        "lifecycle_note": "владелец согласен, договор не подписан",
                        "delivers_to": OPERATIONS_CENTER,
                        "proof": Proof.INFERRED,
                    }
                )

    def _camera(self, kind: CameraKind, district: District, lives: _Lives | None = None) -> Row:
        number = next(self._cameras)
        lives = lives or (*_SHOWN, _PLANNED)
        ((lifecycle, note, _),) = self._chance.choices(lives, weights=[each[2] for each in lives])
        return {
            "camera": f"cam-{number:05}",
            "kind": kind,
            "lifecycle": lifecycle,
            "lifecycle_note": note,
            "area": district.path,
            "vendor": self._chance.choice(("Hikvision", "Dahua", "Uniview", "Axis")),
            "serial": f"SN{number:08}",
        }

    def _site(self, prefix: str, district: District, sector: Sector) -> Row:
        chance = self._chance
        street, house = chance.choice(STREETS), chance.randint(1, 180)
        number = next(self._sites)
        return {
            "site": f"{prefix}-{number:05}",
            "site_name": f"{street}, {house}",
            "address": f"{district.name}, {street}, {house}",
            "sector": sector,
            "latitude": round(district.latitude + chance.uniform(-0.06, 0.06), 5),
            "longitude": round(district.longitude + chance.uniform(-0.09, 0.09), 5),
            "site_area": district.path,
            "site_kbit": 20_000,
        }

    def _system(self, site: str, owner: str) -> Row:
        return _system(next(self._systems), site, owner)


def _area(path: str, name: str, kind: AreaKind) -> Row:
    return {"area": path, "area_name": name, "area_kind": kind, "time_zone": TIME_ZONE}


def _system(number: int, site: str, owner: str) -> Row:
    return {
        "system": f"sys-{number:04}",
        "system_name": f"Система видеонаблюдения {number}",
        "system_owner": owner,
        "system_site": site,
    }


def _video_system(center: str, number: int) -> Row:
    """A center's own video system: it hands pictures on, and serves many sessions."""
    return {
        "recorder": f"vms-{center}",
        "recorder_name": f"Видеосервер {center}",
        "recorder_host": _video_host(number),
        "recorder_sessions": 64,
    }


def _video_host(number: int) -> str:
    return f"198.19.200.{number + 10}"


def _unit(district: District) -> int:
    return DISTRICTS.index(district) + 1


def _camera_host(camera: Row) -> str:
    number = int(str(camera["camera"]).rpartition("-")[2])
    return f"198.18.{number // 250}.{number % 250 + 1}"


def _feed(name: str, url: str, width: int, height: int) -> Row:
    return {"feed": name, "url": url, "width": width, "height": height}


def _handed_on(name: str, camera: str, center: str, unit: int, source: str) -> Row:
    url = f"rtsp://{_video_host(unit)}:554/live/{camera}"
    return (
        _LOGIN
        | _feed(name, url, 1920, 1080)
        | {
            "hop": Hop.CENTER,
            "taken_from": source,
            "delivers_to": center,
            "proof": Proof.HANDED_ON,
        }
    )
