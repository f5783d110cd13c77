"""One of every kind of thing with names as long as owners give them, for whoever looks at pages."""

from __future__ import annotations

from datetime import timedelta

from registry.cost import Cost, HostCost, LineCost
from registry.look import NO_CHECK_YET, FeedKey, Finding, Look, Video
from registry.vocabulary import (
    Answer,
    CameraKind,
    Codec,
    DeliveryState,
    Depth,
    FailingAt,
    Importance,
    Lifecycle,
    Reason,
    Role,
    Stage,
)
from tests.fakes.service import Service

SCHOOL = (
    "Коммунальное государственное учреждение «Средняя школа-гимназия № 12 имени Абая Кунанбаева»"
)
CAMERA = "sch-012-hall-ground-floor-entrance-0001"
_SHEET = {
    "camera": CAMERA,
    "camera_name": f"{SCHOOL}, вестибюль первого этажа у главного входа",
    "kind": "facility",
    "importance": "high",
    "lifecycle": "in_service",
    "area": "zhetisu/taldykorgan",
    "site": "school-012-abai-kunanbayev-gymnasium",
    "site_name": SCHOOL,
    "address": "Талдыкорган, микрорайон Каратал, улица Бактыбая Жолбарысулы, дом 114/2, корпус Б",
    "sector": "education",
    "latitude": "45.02",
    "longitude": "78.38",
    "system": "sys-school-012",
    "system_name": f"Система видеонаблюдения: {SCHOOL}",
    "system_owner": SCHOOL,
    "recorder": "nvr-school-012-ground-floor-server-room",
    "recorder_name": "Видеорегистратор в серверной первого этажа",
    "recorder_host": "nvr-school-012.taldykorgan.video.zhetisu.example",
    "program": "digital-school-2026",
    "program_name": "Программа «Цифровая и безопасная школа» на 2026-2028 годы",
    "serial": "DS-7716NI-I4-1620250917CCRRF12345678WCVU",
    "vendor": "Hikvision",
    "model": "DS-2CD2143G2-LIS2",
    "feed": "nvr",
    "url": "rtsp://nvr-school-012.taldykorgan.video.zhetisu.example:554/Streaming/Channels/1601",
    "hop": "recorder",
    "username": "camreach",
    "password": "a secret of nobody",
    "delivers_to": "ou-long",
    "center_name": "Центр оперативного управления департамента полиции области Жетысу",
    "center_kind": "operations_center",
    "center_area": "zhetisu",
    "contractor": "zhetysu-kauipsizdik",
    "contractor_name": "Товарищество с ограниченной ответственностью «Жетысу Қауіпсіздік Сервис»",
    "contract": "2026-014-vn-obsluzhivanie",
    "contract_contractor": "zhetysu-kauipsizdik",
    "contract_title": "Обслуживание систем видеонаблюдения организаций образования города",
    "contract_from": "2026-01-01",
    "contract_availability": "0.98",
    "contact": "desk-1",
    "contact_name": "Круглосуточная диспетчерская служба, старший смены",
    "contact_contractor": "zhetysu-kauipsizdik",
    "contact_phone": "+7 700 000 01 01",
    "contact_email": "dispetcherskaya.sluzhba@zhetysu-kauipsizdik.example",
    "assignment": "as-school",
    "assignment_contract": "2026-014-vn-obsluzhivanie",
    "assignment_site": "school-012-abai-kunanbayev-gymnasium",
    "assignment_from": "2026-01-01T00:00:00+05:00",
}


async def plant_long_names(service: Service) -> None:
    await _import(service)
    async with service.planting() as plant:
        await plant.camera("A1", name="Площадь", seen_ago=1)
        await plant.camera(
            "A2",
            name=f"Улица за школой: {SCHOOL}",
            state=DeliveryState.NOT_REACHING,
            reason=Reason.TIMEOUT,
            failing_at=FailingAt.LINK,
            seen_ago=1,
            relay=True,
        )
        await plant.camera("A3", state=DeliveryState.DEGRADED, reason=Reason.TOO_DARK, seen_ago=1)
        await plant.camera("A4", state=None, importance=Importance.HIGH)
        await plant.camera("A5", kind=CameraKind.DOORWAY, centers=(), seen_ago=1)
        planned = await plant.camera("A6", state=None, lifecycle=Lifecycle.PLANNED)
        planned.lifecycle_note = "ждём технических условий от владельца здания"
    service.live.kept[FeedKey("A2", "cou")] = [_look(service, back) for back in range(3)]
    service.live.cadences[FeedKey("A2", "cou")] = 60.0
    name = f"recorder:{_SHEET['recorder']}"
    slow = HostCost(name=name, feeds=64, sessions=1, every_s=142, wanted_every_s=60)
    line = LineCost(
        name=f"site:{_SHEET['site']}", feeds=60, wanted_kbit=1400, kbit=700, wanted_every_s=60
    )
    service.live.costs = Cost(
        vantage="ou",
        feeds=12_345,
        looks_a_second=205.7,
        logins_a_day=1440,
        kbit=123_456,
        stream_kbit=2000,
        slowed_hosts=(slow,),
        lines=(line,),
    )


async def _import(service: Service) -> None:
    sheet = ";".join(_SHEET) + "\n" + ";".join(f'"{cell}"' for cell in _SHEET.values()) + "\n"
    headers = service.bearer(Role.ADMIN)
    async with service.client.post(
        "/api/v1/imports", data=sheet.encode(), headers=headers
    ) as answer:
        planned = await answer.json()
        assert answer.status < 300, planned
    path = f"/api/v1/imports/{planned['id']}/apply"
    async with service.client.post(path, headers=headers) as answer:
        assert answer.status < 300, await answer.text()


def _look(service: Service, back: int) -> Look:
    return Look(
        depth=Depth.PICTURE,
        started_at=service.clock.now() - timedelta(seconds=30 + 60 * back),
        duration_s=6.5,
        failure=Reason.NO_PACKETS,
        detail="seen nothing within 5.0 s, expected RTP on channel 0 of rtsp://198.18.9.1:554/A2",
        transport="tcp",
        stages={Stage.CONNECT: 0.004, Stage.DESCRIBE: 1.25, Stage.SETUP: 0.2},
        video=Video(codec=Codec.H265, width=2560, height=1440),
        findings={
            Reason.FROZEN: Finding(Answer.NOT_CHECKABLE, why="one keyframe only"),
            Reason.BLACK: Finding(Answer.OK),
            Reason.TOO_DARK: Finding(Answer.FOUND),
            Reason.NOISY: Finding(Answer.NOT_CHECKABLE, why=NO_CHECK_YET),
        },
        server="Hikvision-Webs/3.0 LIVE555 Streaming Media v2015.01.27",
        quirks=("content_base_absent", "session_timeout_absent"),
        log=(f"> DESCRIBE {_SHEET['url']} RTSP/1.0", "< RTSP/1.0 200 OK"),
    )
