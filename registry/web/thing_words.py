"""What the kinds of things are called in headings. In running text they have their closed words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from registry.changing.inventory import What


class Said(NamedTuple):
    """`many` is the heading of a list, `one` of a form."""

    one: str
    many: str


THINGS: Final[Mapping[What, Mapping[str, Said]]] = {
    What.CAMERA: {"en": Said("Camera", "Cameras"), "ru": Said("Камера", "Камеры")},
    What.FEED: {"en": Said("Feed", "Feeds"), "ru": Said("Поток", "Потоки")},
    What.DELIVERY: {"en": Said("Delivery", "Deliveries"), "ru": Said("Доставка", "Доставки")},
    What.DEVICE: {"en": Said("Device", "Devices"), "ru": Said("Устройство", "Устройства")},
    What.RECORDER: {"en": Said("Recorder", "Recorders"), "ru": Said("Регистратор", "Регистраторы")},
    What.SYSTEM: {"en": Said("System", "Systems"), "ru": Said("Система", "Системы")},
    What.SITE: {"en": Said("Site", "Sites"), "ru": Said("Объект", "Объекты")},
    What.AREA: {"en": Said("Area", "Areas"), "ru": Said("Территория", "Территории")},
    What.CENTER: {"en": Said("Center", "Centers"), "ru": Said("Центр", "Центры")},
    What.CREDENTIAL: {
        "en": Said("Login of cameras", "Logins of cameras"),
        "ru": Said("Учётные данные камер", "Учётные данные камер"),
    },
    What.PROGRAM: {"en": Said("Program", "Programs"), "ru": Said("Программа", "Программы")},
    What.CONTRACTOR: {
        "en": Said("Contractor", "Contractors"),
        "ru": Said("Подрядчик", "Подрядчики"),
    },
    What.CONTRACT: {"en": Said("Contract", "Contracts"), "ru": Said("Договор", "Договоры")},
    What.ASSIGNMENT: {
        "en": Said("Assignment", "Assignments"),
        "ru": Said("Закрепление", "Закрепления"),
    },
    What.CONTACT: {
        "en": Said("Desk to call", "Desks to call"),
        "ru": Said("Кому звонить", "Кому звонить"),
    },
}


def thing_label(what: What, language: str) -> Said:
    return THINGS[what][language]
