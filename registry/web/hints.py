"""What stands below a field of a form: what it is for, or how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from registry.changing.inventory import What
from registry.web.words import Both

_BY_SETTINGS: Final = Both("empty: as the settings say", "пусто: как в настройках")

# Of a field wherever it stands; below, of the field of one kind of thing.
_OF_FIELDS: Final[Mapping[str, Both]] = {
    "allow_basic": Both(
        "sends the password in clear: only over lines that you trust",
        "пароль идёт открытым текстом: только по доверенным линиям",
    ),
    "availability_target": Both("0.98 is 98 %", "0,98 это 98 %"),
    "azimuth_degrees": Both("0 is north, 90 is east", "0 север, 90 восток"),
    "code": Both(
        "never changes: imports, metrics and the API know it by this",
        "не меняется: по нему запись знают импорт, метрики и API",
    ),
    "delivers_to": Both(
        "the center that gets this very feed", "центр, который получает именно этот поток"
    ),
    "duty": Both("around the clock, weekdays 9-18", "круглосуточно, по будням 9-18"),
    "hop": Both(
        "where on the way this feed is taken; empty: at the camera",
        "где на пути берётся этот поток; пусто: у самой камеры",
    ),
    "host": Both("name or address, without a port", "имя или адрес, без порта"),
    "hosts": Both(
        "one on each line: name, address or network; the login goes nowhere else",
        "по одному в строке: имя, адрес или сеть; больше никуда пароль не уйдёт",
    ),
    "id": Both("short: main, sub, nvr, cou", "коротко: main, sub, nvr, cou"),
    "importance": Both(
        "high: looked at more often and shown first",
        "высокая: проверяется чаще и показывается первой",
    ),
    "keyframe_limit_s": Both("longer for smart codecs", "больше для smart-кодеков"),
    "lifecycle": Both(
        "planned is not looked at; installed and suspended are, and stay out of availability",
        "планируемая не проверяется; установленная и приостановленная проверяются, "
        "но в доступность не входят",
    ),
    "liveness_every_s": _BY_SETTINGS,
    "network_kbit": Both(
        "what looks may take of it; empty: as the settings say",
        "сколько могут занять проверки; пусто: как в настройках",
    ),
    "path": Both(
        "region/district/town in Latin letters; never changes",
        "область/район/город латиницей; не меняется",
    ),
    "picture_every_s": _BY_SETTINGS,
    "session_budget": Both(
        "how many viewers the device bears; one too many locks somebody out",
        "сколько зрителей выдерживает устройство; лишний кого-то вытеснит",
    ),
    "snapshots": Both(
        "the last one only, in memory; empty: as its kind says",
        "только последний и только в памяти; пусто: как принято для вида",
    ),
    "taken_from": Both(
        "the feed that this one is made from; empty: straight from the lens",
        "поток, из которого сделан этот; пусто: прямо с камеры",
    ),
    "time_zone": Both("Asia/Almaty", "Asia/Almaty"),
    "tls": Both("of an rtsps:// address", "для адресов rtsps://"),
    "url": Both(
        "without user and password: these belong into a login",
        "без имени и пароля: они указываются в учётных данных",
    ),
}
_OF_THINGS: Final[Mapping[tuple[What, str], Both]] = {
    (What.ASSIGNMENT, "camera"): Both(
        "exactly one of camera, site, recorder, system and area",
        "ровно одно из: камера, объект, регистратор, система, территория",
    ),
    (What.ASSIGNMENT, "hops"): Both("none chosen: all of them", "не выбрано ни одного: все"),
    (What.CONTACT, "contractor"): Both(
        "exactly one of contractor, center and site", "ровно одно из: подрядчик, центр, объект"
    ),
    (What.CREDENTIAL, "login"): Both(
        "never shown again; on a change, empty leaves them as they are",
        "снова не показываются; при изменении пустое оставляет прежние",
    ),
}


HINTED: Final = frozenset(_OF_FIELDS) | {name for _, name in _OF_THINGS}


def hint(what: What, name: str, language: str) -> str:
    """Nothing where the name of the field says it all."""
    both = _OF_THINGS.get((what, name)) or _OF_FIELDS.get(name)
    if both is None:
        return ""
    return both.ru if language == "ru" else both.en
