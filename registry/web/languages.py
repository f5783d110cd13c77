"""Which language a page speaks. The .po files are compiled in memory: nothing has to be built."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta, tzinfo
from importlib import resources
from typing import Final

from aiohttp import web
from babel.dates import get_month_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

from registry.api.language import accepted
from registry.web.words import LANGUAGES

COOKIE: Final = "camreach_language"
DOMAIN: Final = "camreach"
_MONTHS: Final = {
    language: dict(get_month_names("abbreviated", locale=language)) for language in LANGUAGES
}
_UNITS: Final = {
    "en": ("s", "min", "h", "d"),
    "ru": ("с", "мин", "ч", "д"),
    "kk": ("с", "мин", "сағ", "күн"),
}
_MILLI: Final = {"en": "ms", "ru": "мс", "kk": "мс"}


def catalogue(language: str) -> Translations:
    source = resources.files("registry.web") / "locales" / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    with source.open("rb") as file:
        parsed = read_po(file, locale=language, domain=DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, parsed)
    compiled.seek(0)
    return Translations(compiled, DOMAIN)


def language_of(request: web.Request) -> str:
    """The one chosen with the switch, or else the best of what the browser accepts."""
    chosen = request.cookies.get(COOKIE)
    return (
        chosen
        if chosen in LANGUAGES
        else accepted(request.headers.get("Accept-Language", ""), LANGUAGES)
    )


def units(language: str) -> tuple[str, str, str, str]:
    """Seconds, minutes, hours, days; the browser counts on with the same words."""
    return _UNITS[language]


def span(seconds: float, language: str) -> str:
    """A length of time in one unit, as `static/clock.js` says it too."""
    second, minute, hour, day = units(language)
    whole = int(seconds)
    match whole:
        case _ if whole < 100:
            return f"{whole} {second}"
        case _ if whole < 100 * 60:
            return f"{whole // 60} {minute}"
        case _ if whole < 48 * 3600:
            return f"{whole // 3600} {hour}"
        case _:
            return f"{whole // 86400} {day}"


def short(seconds: float, language: str) -> str:
    """What a stage took: milliseconds below a second."""
    second = units(language)[0]
    return (
        f"{number(seconds, 1, language=language)} {second}"
        if seconds >= 1
        else f"{seconds * 1000:.0f} {_MILLI[language]}"
    )


def number(value: float, digits: int = 0, *, language: str) -> str:
    """With so many digits behind the point or comma, and the thousands apart."""
    pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
    return format_decimal(value, pattern, locale=language)


def day(date_: date, language: str) -> str:
    """With its month as a word: no reader takes the day for the month."""
    return f"{date_.day} {_MONTHS[language][date_.month]} {date_.year}"


def clock_time(moment: datetime, now: datetime, zone: tzinfo, language: str) -> str:
    """The hour today, with the day before that; in the time of the place."""
    there, today = moment.astimezone(zone), now.astimezone(zone).date()
    if there.date() == today:
        return f"{there:%H:%M}"
    whole = day(there, language)
    return f"{whole.removesuffix(f' {today.year}')}, {there:%H:%M}"


def offset(moment: datetime, zone: tzinfo) -> str:
    """How far that zone is from UTC: a time without its zone is half a time."""
    return offset_name(moment.astimezone(zone).utcoffset() or timedelta())


def offset_name(east: timedelta) -> str:
    minutes = int(east.total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{hours}{f':{rest:02}' if rest else ''}" if minutes else "UTC"
