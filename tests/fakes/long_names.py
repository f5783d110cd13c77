"""One of every kind of thing with names as long as owners give them, for whoever looks at pages."""

from __future__ import annotations

from datetime import timedelta

from registry.cost import Cost, HostCost, LineCost
from registry.look import FeedKey
from registry.vocabulary import Role
from tests.fakes.each_state import full_look, plant_each_state
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
        cameras = await plant_each_state(plant, seen_ago=1)
        cameras["A2"].name = f"Улица за школой: {SCHOOL}"
        cameras["A6"].lifecycle_note = "ждём технических условий от владельца здания"
    now = service.clock.now()
    service.live.kept[FeedKey("A2", "cou")] = [
        full_look(now - timedelta(seconds=30 + 60 * back)) for back in range(3)
    ]
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
