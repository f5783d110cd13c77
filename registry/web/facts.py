"""What the registry holds of an object, in words that people read. It reads no row."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from functools import cache
from typing import Any, Final

from registry.changing.inventory import RECORDS, What
from registry.vocabulary import Label
from registry.web import languages
from registry.web.words import label

# One name for a field wherever it stands: `area` is the same thing of a camera and of a site.
FIELDS: Final[Mapping[str, Label]] = {
    "address": Label("address", "адрес", "мекенжай"),
    "allow_basic": Label("Basic allowed", "разрешён Basic", "Basic рұқсат етілген"),
    "area": Label("area", "территория", "аумақ"),
    "availability_target": Label(
        "availability promised", "обещанная доступность", "уәде етілген қолжетімділік"
    ),
    "azimuth_degrees": Label("looks towards, °", "смотрит на, °", "қарау бағыты, °"),
    "camera": Label("camera", "камера", "камера"),
    "center": Label("center", "центр", "орталық"),
    "changed_at": Label("changed at", "изменено", "өзгертілген уақыты"),
    "code": Label("code", "код", "код"),
    "contract": Label("contract", "договор", "келісімшарт"),
    "contractor": Label("contractor", "подрядчик", "мердігер"),
    "credential": Label("login", "учётные данные", "кіру деректері"),
    "delivers_to": Label("delivers to", "передаёт в центр", "қай орталыққа жеткізеді"),
    "duty": Label("on duty", "часы дежурства", "кезекшілік уақыты"),
    "email": Label("e-mail", "эл. почта", "эл. пошта"),
    "ends_at": Label("until", "до", "дейін"),
    "ends_on": Label("ends on", "действует до", "аяқталу күні"),
    "expected_codec": Label("codec wanted", "требуемый кодек", "талап етілетін кодек"),
    "expected_fps": Label("frames a second wanted", "требуемые кадры/с", "талап етілетін кадр/с"),
    "expected_height": Label("height wanted", "требуемая высота", "талап етілетін биіктік"),
    "expected_width": Label("width wanted", "требуемая ширина", "талап етілетін ені"),
    "failing_at": Label("place of the fault", "место неисправности", "ақау орны"),
    "firmware": Label("firmware", "прошивка", "микробағдарлама"),
    "hop": Label("place on the way", "место на пути", "жолдағы орны"),
    "hops": Label("places on the way", "места на пути", "жолдағы орындары"),
    "host": Label("host", "адрес в сети", "желідегі мекенжай"),
    "hosts": Label("hosts", "адреса в сети", "желідегі мекенжайлар"),
    "id": Label("id in the camera", "имя в камере", "камерадағы аты"),
    "importance": Label("importance", "важность", "маңыздылығы"),
    "installed_from": Label("installed since", "установлено с", "орнатылған күні"),
    "keyframe_limit_s": Label(
        "wait for a keyframe, s", "ждать опорный кадр, с", "тірек кадрды күту, с"
    ),
    "kind": Label("kind", "вид", "түрі"),
    "latitude": Label("latitude", "широта", "ендік"),
    "lifecycle": Label("lifecycle", "стадия", "кезеңі"),
    "lifecycle_note": Label("note on the lifecycle", "примечание к стадии", "кезеңге ескертпе"),
    "liveness_every_s": Label(
        "look for video every, s", "проверять видео каждые, с", "бейнені тексеру аралығы, с"
    ),
    "login": Label("user and password", "имя и пароль", "аты мен құпиясөзі"),
    "longitude": Label("longitude", "долгота", "бойлық"),
    "mac": Label("MAC", "MAC", "MAC"),
    "model": Label("model", "модель", "үлгісі"),
    "name": Label("name", "название", "атауы"),
    "network_kbit": Label("line, kbit/s", "линия, кбит/с", "желі, кбит/с"),
    "owner": Label("owner", "владелец", "меншік иесі"),
    "password": Label("password", "пароль", "құпиясөз"),
    "path": Label("path", "путь", "жолы"),
    "phone": Label("phone", "телефон", "телефон"),
    "picture_every_s": Label(
        "look at the picture every, s",
        "проверять картинку каждые, с",
        "кескінді тексеру аралығы, с",
    ),
    "program": Label("program", "программа", "бағдарлама"),
    "proof": Label("proof", "подтверждение", "растау"),
    "range_m": Label("sees as far as, m", "дальность, м", "көру қашықтығы, м"),
    "recorder": Label("recorder", "регистратор", "бейнетіркегіш"),
    "repair_hours": Label("hours to repair", "часов на ремонт", "жөндеуге берілген сағат"),
    "retired": Label("retired", "списано", "есептен шығарылған"),
    "sector": Label("sector", "тип объекта", "объект түрі"),
    "serial": Label("serial number", "серийный номер", "сериялық нөмірі"),
    "session_budget": Label("sessions at once", "одновременных сеансов", "бір мезгілдегі сеанстар"),
    "site": Label("site", "объект", "объект"),
    "snapshots": Label("pictures kept", "хранить кадры", "кадрларды сақтау"),
    "starts_at": Label("from", "с", "бастап"),
    "starts_on": Label("starts on", "действует с", "басталу күні"),
    "system": Label("system", "система", "жүйе"),
    "taken_from": Label("taken from", "берётся из", "неден алынады"),
    "time_zone": Label("time zone", "часовой пояс", "уақыт белдеуі"),
    "title": Label("title", "предмет", "мәні"),
    "tls": Label("certificate", "сертификат", "сертификат"),
    "tls_policy": Label("certificate", "сертификат", "сертификат"),
    "transport": Label("transport", "транспорт", "тасымалдау"),
    "url": Label("URL", "URL", "URL"),
    "username": Label("user name", "имя пользователя", "пайдаланушы аты"),
    "vendor": Label("vendor", "производитель", "өндіруші"),
    "view_degrees": Label("angle of view, °", "угол обзора, °", "шолу бұрышы, °"),
}
_YES_NO: Final = {True: Label("yes", "да", "иә"), False: Label("no", "нет", "жоқ")}
_MOMENTS: Final = frozenset({"starts_at", "ends_at"})  # of a log, where they are text
# In JSON, and in the cells of a plan.
_SAID_OF_FLAGS: Final = {"true": True, "yes": True, "false": False, "no": False}
_CHANGED: Final = Label("changed", "изменено", "өзгертілді")


def field_label(name: str, language: str) -> str:
    """As a label begins. What an older version logged and this one does not know stays as it is."""
    if name not in FIELDS:
        return name
    word = field_word(name, language)
    return word[:1].upper() + word[1:]


def field_word(name: str, language: str) -> str:
    """The same amid other words."""
    return FIELDS[name].said_in(language)


def value_label(what: What, name: str, value: Any, language: str, zone: tzinfo = UTC) -> str:
    """A value of the change log or of a list; nothing to say of what is empty."""
    match value:
        case None:
            return ""
        case bool():
            return _YES_NO[value].said_in(language)
        case list() | tuple():
            return ", ".join(value_label(what, name, each, language, zone) for each in value)
        case str():
            if name in _MOMENTS:
                moment = datetime.fromisoformat(value)
                return value_label(what, name, moment, language, zone)
            return _word(what, name, value, language)
        case datetime():
            there = value.astimezone(zone)
            day = languages.day(there, language)
            return f"{day}, {there:%H:%M} {languages.offset(value, zone)}"
        case date():
            return languages.day(value, language)
        case _:
            return str(value)


def _word(what: What, name: str, value: str, language: str) -> str:
    if name == "login":
        return _CHANGED.said_in(language)
    closed = _closed(what).get(name)
    if closed is None or value not in set(closed):
        return value
    return label(closed(value), language)


@cache
def _closed(what: What) -> Mapping[str, type[StrEnum]]:
    """The fields that hold a word of a closed set, or several."""
    hints = typing.get_type_hints(RECORDS[what])
    found = {name: _enum_in(hint) for name, hint in hints.items()}
    return {name: closed for name, closed in found.items() if closed is not None}


def _flags(what: What) -> list[str]:
    hints = typing.get_type_hints(RECORDS[what])
    return [name for name, hint in hints.items() if bool in (hint, *typing.get_args(hint))]


def _enum_in(hint: Any) -> type[StrEnum] | None:
    if isinstance(hint, type) and not isinstance(hint, types.GenericAlias):
        return hint if issubclass(hint, StrEnum) else None
    return next((found for each in typing.get_args(hint) if (found := _enum_in(each))), None)


@cache
def page_words(language: str) -> Mapping[str, Mapping[str, str]]:
    """The same for a script, which gets codes from the API."""
    return {
        "kinds": {what.value: label(what, language) for what in What},
        "fields": {name: field_label(name, language) for name in FIELDS},
        "values": {
            f"{what}.{name}.{word}": label(word, language)
            for what in What
            for name, closed in _closed(what).items()
            for word in closed
        }
        | {
            f"{what}.{name}.{said}": _YES_NO[meant].said_in(language)
            for what in What
            for name in _flags(what)
            for said, meant in _SAID_OF_FLAGS.items()
        },
    }
