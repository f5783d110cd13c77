"""The closed words as people on duty read them. Reasons have theirs in the vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from registry.api.standing import Standing
from registry.changing.inventory import What
from registry.vocabulary import (
    WORDS,
    Answer,
    AreaKind,
    CameraKind,
    CenterKind,
    ChangeSource,
    Codec,
    DeliveryState,
    Depth,
    DeviceState,
    FailingAt,
    FeedState,
    Hop,
    Importance,
    Lifecycle,
    Outcome,
    Proof,
    Reason,
    ReasonClass,
    Role,
    Sector,
    Silence,
    Stage,
    TlsPolicy,
    TransportPolicy,
)

LANGUAGES: Final = ("en", "ru")


class Both(NamedTuple):
    en: str
    ru: str


# Word of Standing and of DeliveryState alike: the same thing, of a camera and of one delivery.
_ARRIVAL = {
    "reaching": Both("reaching", "поступает"),
    "degraded": Both("degraded", "с дефектом"),
    "not_reaching": Both("not reaching", "не поступает"),
    "unknown": Both("unknown", "неизвестно"),
}

LABELS: Final[Mapping[type[StrEnum], Mapping[str, Both]]] = {
    Standing: _ARRIVAL
    | {
        "no_center": Both("no center", "центр не назначен"),
        "not_measured": Both("not measured", "не измеряется"),
    },
    DeliveryState: _ARRIVAL,
    ChangeSource: {
        "api": Both("API", "через API"),
        "page": Both("page", "страница"),
        "import": Both("import", "импорт"),
        "undo": Both("undo", "отмена"),
        "cli": Both("command line", "командная строка"),
    },
    FeedState: {
        "live": Both("live", "есть видео"),
        "degraded": Both("degraded", "видео с дефектом"),
        "down": Both("down", "нет видео"),
        "unknown": Both("unknown", "неизвестно"),
    },
    FailingAt: {
        "camera": Both("at the camera", "на камере"),
        "link": Both("on the link", "на линии связи"),
        "recorder": Both("at the recorder", "на регистраторе"),
        "relay": Both("at the relay", "на ретрансляторе"),
        "center": Both("at the center", "в центре"),
        "camera_or_link": Both("at the camera or its link", "на камере или её линии связи"),
        "unknown": Both("place not known", "место не установлено"),
    },
    CameraKind: {
        "street": Both("street", "уличная"),
        "yard": Both("yard", "дворовая"),
        "doorway": Both("doorway", "подъездная"),
        "facility": Both("facility", "камера объекта"),
        "body": Both("body camera", "видеожетон"),
        "in_car": Both("in-car", "автомобильный регистратор"),
    },
    CenterKind: {
        "operations_center": Both("operations center", "ЦОУ"),
        "mini_center": Both("mini center", "мини-ЦОУ"),
        "duty_unit": Both("duty unit", "дежурная часть"),
        "precinct_point": Both("precinct point", "участковый пункт полиции"),
    },
    AreaKind: {
        "region": Both("region", "область"),
        "city": Both("city", "город"),
        "district": Both("district", "район"),
    },
    Sector: {
        "street": Both("street", "улица"),
        "yard": Both("yard", "двор"),
        "doorway": Both("doorway", "подъезд"),
        "mall": Both("mall", "торговый объект"),
        "entertainment": Both("entertainment", "развлекательный объект"),
        "education": Both("education", "объект образования"),
        "healthcare": Both("healthcare", "объект здравоохранения"),
        "transport": Both("transport", "транспорт"),
        "police": Both("police", "полиция"),
        "call_point": Both("call point", "пункт вызова полиции"),
    },
    What: {
        "program": Both("program", "программа"),
        "contractor": Both("contractor", "подрядчик"),
        "contract": Both("contract", "договор"),
        "area": Both("area", "территория"),
        "center": Both("center", "центр"),
        "site": Both("site", "объект"),
        "system": Both("system", "система"),
        "recorder": Both("recorder", "регистратор"),
        "credential": Both("login", "учётные данные"),
        "camera": Both("camera", "камера"),
        "device": Both("device", "устройство"),
        "feed": Both("feed", "поток"),
        "delivery": Both("delivery", "доставка"),
        "contact": Both("contact", "контакт"),
        "assignment": Both("assignment", "закрепление"),
    },
    TransportPolicy: {
        "auto": Both("as it works", "автоматически"),
        "tcp": Both("TCP", "TCP"),
        "udp": Both("UDP", "UDP"),
    },
    TlsPolicy: {
        "verify": Both("checked", "проверяется"),
        "accept_any": Both("not checked", "не проверяется"),
    },
    Hop: {
        "camera": Both("camera", "камера"),
        "recorder": Both("recorder", "регистратор"),
        "relay": Both("relay", "ретранслятор"),
        "center": Both("center", "центр"),
    },
    Proof: {
        "handed_on": Both(
            "seen as the center's own video system hands it on",
            "видно на выходе видеосистемы самого центра",
        ),
        "pulled": Both("pulled from inside the center's network", "получено из сети центра"),
        "inferred": Both(
            "inferred, seen only from elsewhere", "косвенное, видно только из другой сети"
        ),
    },
    Importance: {"normal": Both("normal", "обычная"), "high": Both("high", "высокая")},
    Lifecycle: {
        "planned": Both("planned", "планируется"),
        "installed": Both("installed", "установлена"),
        "in_service": Both("in service", "в эксплуатации"),
        "suspended": Both("suspended", "приостановлена"),
        "retired": Both("retired", "списана"),
    },
    Depth: {
        "liveness": Both("liveness", "наличие видео"),
        "picture": Both("picture", "качество картинки"),
        "measure": Both("measure", "измерение потока"),
    },
    Outcome: {
        "live": Both("live", "есть видео"),
        "degraded": Both("degraded", "видео с дефектом"),
        "down": Both("down", "нет видео"),
        "could_not_look": Both("could not look", "проверить не удалось"),
    },
    Answer: {
        "ok": Both("ok", "норма"),
        "found": Both("found", "обнаружено"),
        "not_checkable": Both("not checkable", "проверить нельзя"),
    },
    Stage: {
        "dns": Both("name", "имя"),
        "connect": Both("connect", "соединение"),
        "tls": Both("TLS", "TLS"),
        "options": Both("OPTIONS", "OPTIONS"),
        "describe": Both("DESCRIBE", "DESCRIBE"),
        "setup": Both("SETUP", "SETUP"),
        "play": Both("PLAY", "PLAY"),
        "first_packet": Both("first packet", "первый пакет"),
        "first_keyframe": Both("first keyframe", "опорный кадр"),
        "decode": Both("decode", "декодирование"),
    },
    Codec: {
        "h264": Both("H.264", "H.264"),
        "h265": Both("H.265", "H.265"),
        "mjpeg": Both("MJPEG", "MJPEG"),
        "mpeg4": Both("MPEG-4", "MPEG-4"),
    },
    ReasonClass: {
        "seen_absent": Both("seen absent", "видео отсутствует"),
        "seen_poor": Both("seen poor", "видео с дефектом"),
        "could_not_look": Both("could not look", "проверить не удалось"),
    },
    Role: {
        "viewer": Both("viewer", "наблюдатель"),
        "operator": Both("operator", "оператор"),
        "admin": Both("administrator", "администратор"),
        "scrape": Both("metrics scraper", "сбор метрик"),
        "device": Both("device", "устройство"),
        "contractor": Both("contractor", "подрядчик"),
    },
    DeviceState: {
        "docked": Both("docked", "в доке"),
        "charging": Both("charging", "заряжается"),
        "uploading": Both("uploading", "выгружает записи"),
        "on_shift_recording": Both("on shift, recording", "на смене, ведёт запись"),
        "on_shift_idle": Both("on shift, not recording", "на смене, без записи"),
    },
    Silence: {
        "heard": Both("heard lately", "на связи"),
        "silent": Both("silent", "молчит"),
        "long_silent": Both("silent for long", "давно молчит"),
        "lost": Both("lost", "потеряно"),
    },
}


def label(word: StrEnum, language: str) -> str:
    """What to call a closed word; English where a language has no word of its own yet."""
    if isinstance(word, Reason):
        of_reason = WORDS[word].label
        return of_reason.ru if language == "ru" else of_reason.en
    both = LABELS[type(word)][word.value]
    return both.ru if language == "ru" else both.en


def state_label(state: str, language: str) -> str:
    """Of a stretch of history: of a delivery, of a feed, or of the time that was not measured."""
    kinds = (Standing, FeedState)
    both = next(LABELS[kind][state] for kind in kinds if state in LABELS[kind])
    return both.ru if language == "ru" else both.en
