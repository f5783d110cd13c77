"""The closed words as people on duty read them. Reasons have theirs in the vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

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
    Label,
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

LANGUAGES: Final = ("en", "ru", "kk")

# Kazakh here and in the catalogue is the authors' rendering: unreviewed until a Kazakh speaker has
# signed it.
#
# Word of Standing and of DeliveryState alike: the same thing, of a camera and of one delivery.
_ARRIVAL = {
    "reaching": Label("reaching", "поступает", "түсіп тұр"),
    "degraded": Label("degraded", "с дефектом", "ақаумен"),
    "not_reaching": Label("not reaching", "не поступает", "түспейді"),
    "unknown": Label("unknown", "неизвестно", "белгісіз"),
}

LABELS: Final[Mapping[type[StrEnum], Mapping[str, Label]]] = {
    Standing: _ARRIVAL
    | {
        "no_center": Label("no center", "центр не назначен", "орталығы жоқ"),
        "not_measured": Label("not measured", "не измеряется", "өлшенбеген"),
    },
    DeliveryState: _ARRIVAL,
    ChangeSource: {
        "api": Label("API", "через API", "API арқылы"),
        "page": Label("page", "страница", "бет"),
        "import": Label("import", "импорт", "импорт"),
        "undo": Label("undo", "отмена", "кері қайтару"),
        "cli": Label("command line", "командная строка", "командалық жол"),
    },
    FeedState: {
        "live": Label("live", "есть видео", "бейне бар"),
        "degraded": Label("degraded", "видео с дефектом", "бейне ақаулы"),
        "down": Label("down", "нет видео", "бейне жоқ"),
        "unknown": Label("unknown", "неизвестно", "белгісіз"),
    },
    FailingAt: {
        "camera": Label("at the camera", "на камере", "камерада"),
        "link": Label("on the link", "на линии связи", "байланыс желісінде"),
        "recorder": Label("at the recorder", "на регистраторе", "бейнетіркегіште"),
        "relay": Label("at the relay", "на ретрансляторе", "ретрансляторда"),
        "center": Label("at the center", "в центре", "орталықта"),
        "camera_or_link": Label(
            "at the camera or its link",
            "на камере или её линии связи",
            "камерада немесе оның байланыс желісінде",
        ),
        "unknown": Label("place not known", "место не установлено", "орны анықталмаған"),
    },
    CameraKind: {
        "street": Label("street", "уличная", "көше камерасы"),
        "yard": Label("yard", "дворовая", "аула камерасы"),
        "doorway": Label("doorway", "подъездная", "кіреберіс камерасы"),
        "facility": Label("facility", "камера объекта", "объект камерасы"),
        "body": Label("body camera", "видеожетон", "бейнежетон"),
        "in_car": Label("in-car", "автомобильный регистратор", "көліктегі бейнетіркегіш"),
    },
    CenterKind: {
        "operations_center": Label("operations center", "ЦОУ", "ЖБО"),
        "mini_center": Label("mini center", "мини-ЦОУ", "шағын ЖБО"),
        "duty_unit": Label("duty unit", "дежурная часть", "кезекші бөлім"),
        "precinct_point": Label(
            "precinct point", "участковый пункт полиции", "учаскелік полиция пункті"
        ),
    },
    AreaKind: {
        "region": Label("region", "область", "облыс"),
        "city": Label("city", "город", "қала"),
        "district": Label("district", "район", "аудан"),
    },
    Sector: {
        "street": Label("street", "улица", "көше"),
        "yard": Label("yard", "двор", "аула"),
        "doorway": Label("doorway", "подъезд", "кіреберіс"),
        "mall": Label("mall", "торговый объект", "сауда объектісі"),
        "entertainment": Label("entertainment", "развлекательный объект", "ойын-сауық объектісі"),
        "education": Label("education", "объект образования", "білім беру объектісі"),
        "healthcare": Label("healthcare", "объект здравоохранения", "денсаулық сақтау объектісі"),
        "transport": Label("transport", "транспорт", "көлік"),
        "police": Label("police", "полиция", "полиция"),
        "call_point": Label("call point", "пункт вызова полиции", "полиция шақыру пункті"),
    },
    What: {
        "program": Label("program", "программа", "бағдарлама"),
        "contractor": Label("contractor", "подрядчик", "мердігер"),
        "contract": Label("contract", "договор", "келісімшарт"),
        "area": Label("area", "территория", "аумақ"),
        "center": Label("center", "центр", "орталық"),
        "site": Label("site", "объект", "объект"),
        "system": Label("system", "система", "жүйе"),
        "recorder": Label("recorder", "регистратор", "бейнетіркегіш"),
        "credential": Label("login", "учётные данные", "кіру деректері"),
        "camera": Label("camera", "камера", "камера"),
        "device": Label("device", "устройство", "құрылғы"),
        "feed": Label("feed", "поток", "бейнеағын"),
        "delivery": Label("delivery", "доставка", "жеткізу"),
        "contact": Label("contact", "контакт", "байланыс"),
        "assignment": Label("assignment", "закрепление", "бекіту"),
    },
    TransportPolicy: {
        "auto": Label("as it works", "автоматически", "автоматты"),
        "tcp": Label("TCP", "TCP", "TCP"),
        "udp": Label("UDP", "UDP", "UDP"),
    },
    TlsPolicy: {
        "verify": Label("checked", "проверяется", "тексеріледі"),
        "accept_any": Label("not checked", "не проверяется", "тексерілмейді"),
    },
    Hop: {
        "camera": Label("camera", "камера", "камера"),
        "recorder": Label("recorder", "регистратор", "бейнетіркегіш"),
        "relay": Label("relay", "ретранслятор", "ретранслятор"),
        "center": Label("center", "центр", "орталық"),
    },
    Proof: {
        "handed_on": Label(
            "seen as the center's own video system hands it on",
            "видно на выходе видеосистемы самого центра",
            "орталықтың өз бейнежүйесінің шығысында көрінеді",
        ),
        "pulled": Label(
            "pulled from inside the center's network",
            "получено из сети центра",
            "орталық желісінен алынды",
        ),
        "inferred": Label(
            "inferred, seen only from elsewhere",
            "косвенное, видно только из другой сети",
            "жанама, тек басқа желіден көрінеді",
        ),
    },
    Importance: {
        "normal": Label("normal", "обычная", "қалыпты"),
        "high": Label("high", "высокая", "жоғары"),
    },
    Lifecycle: {
        "planned": Label("planned", "планируется", "жоспарланған"),
        "installed": Label("installed", "установлена", "орнатылған"),
        "in_service": Label("in service", "в эксплуатации", "пайдалануда"),
        "suspended": Label("suspended", "приостановлена", "тоқтатылған"),
        "retired": Label("retired", "списана", "есептен шығарылған"),
    },
    Depth: {
        "liveness": Label("liveness", "наличие видео", "бейненің болуы"),
        "picture": Label("picture", "качество картинки", "кескін сапасы"),
        "measure": Label("measure", "измерение потока", "ағынды өлшеу"),
    },
    Outcome: {
        "live": Label("live", "есть видео", "бейне бар"),
        "degraded": Label("degraded", "видео с дефектом", "бейне ақаулы"),
        "down": Label("down", "нет видео", "бейне жоқ"),
        "could_not_look": Label("could not look", "проверить не удалось", "тексеру мүмкін болмады"),
    },
    Answer: {
        "ok": Label("ok", "норма", "қалыпты"),
        "found": Label("found", "обнаружено", "анықталды"),
        "not_checkable": Label("not checkable", "проверить нельзя", "тексеруге болмайды"),
    },
    Stage: {
        "dns": Label("name", "имя", "атауы"),
        "connect": Label("connect", "соединение", "қосылу"),
        "tls": Label("TLS", "TLS", "TLS"),
        "options": Label("OPTIONS", "OPTIONS", "OPTIONS"),
        "describe": Label("DESCRIBE", "DESCRIBE", "DESCRIBE"),
        "setup": Label("SETUP", "SETUP", "SETUP"),
        "play": Label("PLAY", "PLAY", "PLAY"),
        "first_packet": Label("first packet", "первый пакет", "алғашқы пакет"),
        "first_keyframe": Label("first keyframe", "опорный кадр", "тірек кадр"),
        "decode": Label("decode", "декодирование", "декодтау"),
    },
    Codec: {
        "h264": Label("H.264", "H.264", "H.264"),
        "h265": Label("H.265", "H.265", "H.265"),
        "mjpeg": Label("MJPEG", "MJPEG", "MJPEG"),
        "mpeg4": Label("MPEG-4", "MPEG-4", "MPEG-4"),
    },
    ReasonClass: {
        "seen_absent": Label("seen absent", "видео отсутствует", "бейне жоқ"),
        "seen_poor": Label("seen poor", "видео с дефектом", "бейне ақаулы"),
        "could_not_look": Label("could not look", "проверить не удалось", "тексеру мүмкін болмады"),
    },
    Role: {
        "viewer": Label("viewer", "наблюдатель", "бақылаушы"),
        "operator": Label("operator", "оператор", "оператор"),
        "admin": Label("administrator", "администратор", "әкімші"),
        "scrape": Label("metrics scraper", "сбор метрик", "метрика жинау"),
        "device": Label("device", "устройство", "құрылғы"),
        "contractor": Label("contractor", "подрядчик", "мердігер"),
    },
    DeviceState: {
        "docked": Label("docked", "в доке", "док-станцияда"),
        "charging": Label("charging", "заряжается", "зарядталуда"),
        "uploading": Label("uploading", "выгружает записи", "жазбаларды жүктеп жатыр"),
        "on_shift_recording": Label(
            "on shift, recording", "на смене, ведёт запись", "ауысымда, жазып жүр"
        ),
        "on_shift_idle": Label(
            "on shift, not recording", "на смене, без записи", "ауысымда, жазбайды"
        ),
    },
    Silence: {
        "heard": Label("heard lately", "на связи", "байланыста"),
        "silent": Label("silent", "молчит", "үндемейді"),
        "long_silent": Label("silent for long", "давно молчит", "көптен үндемейді"),
        "lost": Label("lost", "потеряно", "жоғалды"),
    },
}


def label(word: StrEnum, language: str) -> str:
    """What to call a closed word."""
    known = WORDS[word].label if isinstance(word, Reason) else LABELS[type(word)][word.value]
    return known.said_in(language)


def state_label(state: str, language: str) -> str:
    """Of a stretch of history: of a delivery, of a feed, or of the time that was not measured."""
    kinds = (Standing, FeedState)
    known = next(LABELS[kind][state] for kind in kinds if state in LABELS[kind])
    return known.said_in(language)
