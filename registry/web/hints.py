"""What stands below a field of a form: what it is for, or how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from registry.changing.inventory import What
from registry.vocabulary import Label

_BY_SETTINGS: Final = Label(
    "empty: as the settings say", "пусто: как в настройках", "бос болса: баптаулардағыдай"
)

# Of a field wherever it stands; below, of the field of one kind of thing.
_OF_FIELDS: Final[Mapping[str, Label]] = {
    "allow_basic": Label(
        "sends the password in clear: only over lines that you trust",
        "пароль идёт открытым текстом: только по доверенным линиям",
        "құпиясөз ашық түрде жіберіледі: тек сенімді желілермен",
    ),
    "availability_target": Label("0.98 is 98 %", "0,98 это 98 %", "0,98 деген 98 %"),
    "azimuth_degrees": Label(
        "0 is north, 90 is east", "0 север, 90 восток", "0 солтүстік, 90 шығыс"
    ),
    "code": Label(
        "never changes: imports, metrics and the API know it by this",
        "не меняется: по нему запись знают импорт, метрики и API",
        "өзгермейді: импорт, метрика және API жазбаны осымен таниды",
    ),
    "delivers_to": Label(
        "the center that gets this very feed",
        "центр, который получает именно этот поток",
        "дәл осы бейнеағынды алатын орталық",
    ),
    "duty": Label(
        "around the clock, weekdays 9-18",
        "круглосуточно, по будням 9-18",
        "тәулік бойы, жұмыс күндері 9-18",
    ),
    "hop": Label(
        "where on the way this feed is taken; empty: at the camera",
        "где на пути берётся этот поток; пусто: у самой камеры",
        "бұл бейнеағын жолдың қай жерінен алынады; бос болса: камераның өзінен",
    ),
    "host": Label(
        "name or address, without a port",
        "имя или адрес, без порта",
        "атауы немесе мекенжайы, портсыз",
    ),
    "hosts": Label(
        "one on each line: name, address or network; the login goes nowhere else",
        "по одному в строке: имя, адрес или сеть; больше никуда пароль не уйдёт",
        "әр жолға біреуден: атау, мекенжай немесе желі; құпиясөз басқа ешқайда жіберілмейді",
    ),
    "id": Label(
        "short: main, sub, nvr, cou", "коротко: main, sub, nvr, cou", "қысқа: main, sub, nvr, cou"
    ),
    "importance": Label(
        "high: looked at more often and shown first",
        "высокая: проверяется чаще и показывается первой",
        "жоғары: жиірек тексеріледі және бірінші көрсетіледі",
    ),
    "keyframe_limit_s": Label(
        "longer for smart codecs", "больше для smart-кодеков", "smart-кодектер үшін ұзағырақ"
    ),
    "lifecycle": Label(
        "planned is not looked at; installed and suspended are, and stay out of availability",
        "планируемая не проверяется; установленная и приостановленная проверяются, "
        "но в доступность не входят",
        "жоспарланған тексерілмейді; орнатылған мен тоқтатылған тексеріледі, "
        "бірақ қолжетімділікке кірмейді",
    ),
    "liveness_every_s": _BY_SETTINGS,
    "network_kbit": Label(
        "what looks may take of it; empty: as the settings say",
        "сколько могут занять проверки; пусто: как в настройках",
        "тексерулер қанша ала алады; бос болса: баптаулардағыдай",
    ),
    "path": Label(
        "region/district/town in Latin letters; never changes",
        "область/район/город латиницей; не меняется",
        "облыс/аудан/қала латын әріптерімен; өзгермейді",
    ),
    "picture_every_s": _BY_SETTINGS,
    "session_budget": Label(
        "how many viewers the device bears; one too many locks somebody out",
        "сколько зрителей выдерживает устройство; лишний кого-то вытеснит",
        "құрылғы неше көрерменді көтереді; артық біреуі басқаны ығыстырады",
    ),
    "snapshots": Label(
        "the last one only, in memory; empty: as its kind says",
        "только последний и только в памяти; пусто: как принято для вида",
        "тек соңғысы және тек жадта; бос болса: түріне сай",
    ),
    "taken_from": Label(
        "the feed that this one is made from; empty: straight from the lens",
        "поток, из которого сделан этот; пусто: прямо с камеры",
        "осы бейнеағын жасалатын бейнеағын; бос болса: тікелей камерадан",
    ),
    "time_zone": Label("Asia/Almaty", "Asia/Almaty", "Asia/Almaty"),
    "tls": Label("of an rtsps:// address", "для адресов rtsps://", "rtsps:// мекенжайлары үшін"),
    "url": Label(
        "without user and password: these belong into a login",
        "без имени и пароля: они указываются в учётных данных",
        "аты мен құпиясөзсіз: олар кіру деректерінде көрсетіледі",
    ),
}
_OF_THINGS: Final[Mapping[tuple[What, str], Label]] = {
    (What.ASSIGNMENT, "camera"): Label(
        "exactly one of camera, site, recorder, system and area",
        "ровно одно из: камера, объект, регистратор, система, территория",
        "дәл біреуі: камера, объект, бейнетіркегіш, жүйе, аумақ",
    ),
    (What.ASSIGNMENT, "hops"): Label(
        "none chosen: all of them", "не выбрано ни одного: все", "ешқайсысы таңдалмаса: бәрі"
    ),
    (What.CONTACT, "contractor"): Label(
        "exactly one of contractor, center and site",
        "ровно одно из: подрядчик, центр, объект",
        "дәл біреуі: мердігер, орталық, объект",
    ),
    (What.CREDENTIAL, "login"): Label(
        "never shown again; on a change, empty leaves them as they are",
        "снова не показываются; при изменении пустое оставляет прежние",
        "қайта көрсетілмейді; өзгерткенде бос қалса, бұрынғысы қалады",
    ),
}


HINTED: Final = frozenset(_OF_FIELDS) | {name for _, name in _OF_THINGS}


def hint(what: What, name: str, language: str) -> str:
    """Nothing where the name of the field says it all."""
    found = _OF_THINGS.get((what, name)) or _OF_FIELDS.get(name)
    if found is None:
        return ""
    return found.said_in(language)
