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
from registry.web import languages
from registry.web.words import Both, label

# One name for a field wherever it stands: `area` is the same thing of a camera and of a site.
FIELDS: Final[Mapping[str, Both]] = {
    "address": Both("address", "адрес"),
    "allow_basic": Both("Basic allowed", "разрешён Basic"),
    "area": Both("area", "территория"),
    "availability_target": Both("availability promised", "обещанная доступность"),
    "azimuth_degrees": Both("looks towards, °", "смотрит на, °"),
    "camera": Both("camera", "камера"),
    "center": Both("center", "центр"),
    "changed_at": Both("changed at", "изменено"),
    "code": Both("code", "код"),
    "contract": Both("contract", "договор"),
    "contractor": Both("contractor", "подрядчик"),
    "credential": Both("login", "учётные данные"),
    "delivers_to": Both("delivers to", "передаёт в центр"),
    "duty": Both("on duty", "часы дежурства"),
    "email": Both("e-mail", "эл. почта"),
    "ends_at": Both("until", "до"),
    "ends_on": Both("ends on", "действует до"),
    "expected_codec": Both("codec wanted", "требуемый кодек"),
    "expected_fps": Both("frames a second wanted", "требуемые кадры/с"),
    "expected_height": Both("height wanted", "требуемая высота"),
    "expected_width": Both("width wanted", "требуемая ширина"),
    "failing_at": Both("place of the fault", "место неисправности"),
    "firmware": Both("firmware", "прошивка"),
    "hop": Both("place on the way", "место на пути"),
    "hops": Both("places on the way", "места на пути"),
    "host": Both("host", "адрес в сети"),
    "hosts": Both("hosts", "адреса в сети"),
    "id": Both("id in the camera", "имя в камере"),
    "importance": Both("importance", "важность"),
    "installed_from": Both("installed since", "установлено с"),
    "keyframe_limit_s": Both("wait for a keyframe, s", "ждать опорный кадр, с"),
    "kind": Both("kind", "вид"),
    "latitude": Both("latitude", "широта"),
    "lifecycle": Both("lifecycle", "стадия"),
    "lifecycle_note": Both("note on the lifecycle", "примечание к стадии"),
    "liveness_every_s": Both("look for video every, s", "проверять видео каждые, с"),
    "login": Both("user and password", "имя и пароль"),
    "longitude": Both("longitude", "долгота"),
    "mac": Both("MAC", "MAC"),
    "model": Both("model", "модель"),
    "name": Both("name", "название"),
    "network_kbit": Both("line, kbit/s", "линия, кбит/с"),
    "owner": Both("owner", "владелец"),
    "password": Both("password", "пароль"),
    "path": Both("path", "путь"),
    "phone": Both("phone", "телефон"),
    "picture_every_s": Both("look at the picture every, s", "проверять картинку каждые, с"),
    "program": Both("program", "программа"),
    "proof": Both("proof", "подтверждение"),
    "range_m": Both("sees as far as, m", "дальность, м"),
    "recorder": Both("recorder", "регистратор"),
    "repair_hours": Both("hours to repair", "часов на ремонт"),
    "retired": Both("retired", "списано"),
    "sector": Both("sector", "тип объекта"),
    "serial": Both("serial number", "серийный номер"),
    "session_budget": Both("sessions at once", "одновременных сеансов"),
    "site": Both("site", "объект"),
    "snapshots": Both("pictures kept", "хранить кадры"),
    "starts_at": Both("from", "с"),
    "starts_on": Both("starts on", "действует с"),
    "system": Both("system", "система"),
    "taken_from": Both("taken from", "берётся из"),
    "time_zone": Both("time zone", "часовой пояс"),
    "title": Both("title", "предмет"),
    "tls": Both("certificate", "сертификат"),
    "tls_policy": Both("certificate", "сертификат"),
    "transport": Both("transport", "транспорт"),
    "url": Both("URL", "URL"),
    "username": Both("user name", "имя пользователя"),
    "vendor": Both("vendor", "производитель"),
    "view_degrees": Both("angle of view, °", "угол обзора, °"),
}
_YES_NO: Final = {True: Both("yes", "да"), False: Both("no", "нет")}
_MOMENTS: Final = frozenset({"starts_at", "ends_at"})  # of a log, where they are text
# In JSON, and in the cells of a plan.
_SAID_OF_FLAGS: Final = {"true": True, "yes": True, "false": False, "no": False}
_CHANGED: Final = Both("changed", "изменено")


def field_label(name: str, language: str) -> str:
    """As a label begins. What an older version logged and this one does not know stays as it is."""
    if name not in FIELDS:
        return name
    word = field_word(name, language)
    return word[:1].upper() + word[1:]


def field_word(name: str, language: str) -> str:
    """The same amid other words."""
    return _in(FIELDS[name], language)


def value_label(what: What, name: str, value: Any, language: str, zone: tzinfo = UTC) -> str:
    """A value of the change log or of a list; nothing to say of what is empty."""
    match value:
        case None:
            return ""
        case bool():
            return _in(_YES_NO[value], language)
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
        return _in(_CHANGED, language)
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


def _in(both: Both, language: str) -> str:
    return both.ru if language == "ru" else both.en


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
            f"{what}.{name}.{said}": _in(_YES_NO[meant], language)
            for what in What
            for name in _flags(what)
            for said, meant in _SAID_OF_FLAGS.items()
        },
    }
