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
    What.CAMERA: {
        "en": Said("Camera", "Cameras"),
        "ru": Said("Камера", "Камеры"),
        "kk": Said("Камера", "Камералар"),
    },
    What.FEED: {
        "en": Said("Feed", "Feeds"),
        "ru": Said("Поток", "Потоки"),
        "kk": Said("Бейнеағын", "Бейнеағындар"),
    },
    What.DELIVERY: {
        "en": Said("Delivery", "Deliveries"),
        "ru": Said("Доставка", "Доставки"),
        "kk": Said("Жеткізу", "Жеткізулер"),
    },
    What.DEVICE: {
        "en": Said("Device", "Devices"),
        "ru": Said("Устройство", "Устройства"),
        "kk": Said("Құрылғы", "Құрылғылар"),
    },
    What.RECORDER: {
        "en": Said("Recorder", "Recorders"),
        "ru": Said("Регистратор", "Регистраторы"),
        "kk": Said("Бейнетіркегіш", "Бейнетіркегіштер"),
    },
    What.SYSTEM: {
        "en": Said("System", "Systems"),
        "ru": Said("Система", "Системы"),
        "kk": Said("Жүйе", "Жүйелер"),
    },
    What.SITE: {
        "en": Said("Site", "Sites"),
        "ru": Said("Объект", "Объекты"),
        "kk": Said("Объект", "Объектілер"),
    },
    What.AREA: {
        "en": Said("Area", "Areas"),
        "ru": Said("Территория", "Территории"),
        "kk": Said("Аумақ", "Аумақтар"),
    },
    What.CENTER: {
        "en": Said("Center", "Centers"),
        "ru": Said("Центр", "Центры"),
        "kk": Said("Орталық", "Орталықтар"),
    },
    What.CREDENTIAL: {
        "en": Said("Login of cameras", "Logins of cameras"),
        "ru": Said("Учётные данные камер", "Учётные данные камер"),
        "kk": Said("Камераға кіру деректері", "Камераларға кіру деректері"),
    },
    What.PROGRAM: {
        "en": Said("Program", "Programs"),
        "ru": Said("Программа", "Программы"),
        "kk": Said("Бағдарлама", "Бағдарламалар"),
    },
    What.CONTRACTOR: {
        "en": Said("Contractor", "Contractors"),
        "ru": Said("Подрядчик", "Подрядчики"),
        "kk": Said("Мердігер", "Мердігерлер"),
    },
    What.CONTRACT: {
        "en": Said("Contract", "Contracts"),
        "ru": Said("Договор", "Договоры"),
        "kk": Said("Келісімшарт", "Келісімшарттар"),
    },
    What.ASSIGNMENT: {
        "en": Said("Assignment", "Assignments"),
        "ru": Said("Закрепление", "Закрепления"),
        "kk": Said("Бекіту", "Бекітулер"),
    },
    What.CONTACT: {
        "en": Said("Desk to call", "Desks to call"),
        "ru": Said("Кому звонить", "Кому звонить"),
        "kk": Said("Кімге қоңырау шалу", "Кімге қоңырау шалу"),
    },
}


def thing_label(what: What, language: str) -> Said:
    return THINGS[what][language]
