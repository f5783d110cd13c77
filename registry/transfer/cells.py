"""One cell's text <-> one value. It knows no table; `Unexpected` says what a parser expected."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias
from zoneinfo import available_timezones

Parser: TypeAlias = Callable[[str], Any]

CLEARED = frozenset("-–—")  # a lone dash empties a value; an empty cell says nothing
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
# Spreadsheets and web pages bring them along; nobody sees them, and nothing compares equal.
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
_CODE = re.compile(r"[^\W_][\w.:-]*")
_WHOLE = re.compile(r"[.,]0+$")  # a spreadsheet's 12.0
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_FEED_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_MAC = re.compile(r"[0-9a-f]{12}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?|[0-9a-f:]{2,39}")
_BETWEEN = re.compile(r"[\s,;]+")
_YES = frozenset({"yes", "true", "1", "да", "иә"})
_NO = frozenset({"no", "false", "0", "нет", "жоқ"})

_SERIAL = re.compile(r"[2-6]\d{4}(?:[.,]0+)?")  # a date whose cell lost its format: 1954 to 2091
_SERIALS_FROM = date(1899, 12, 30)  # spreadsheets count 1900 as a leap year


class Unexpected(ValueError):
    """The text is not what the column takes; the message says what it takes."""


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula, and that `unguarded` gives back as it was."""
    return f"'{text}" if _needs_guard(text) else text


def unguarded(cell: str) -> str:
    """What a cell says: space around it and what is invisible dropped, unless it is guarded."""
    if cell.startswith("'") and _needs_guard(cell[1:]):
        return cell[1:]
    return _visible(cell)


def said(cell: str) -> str | None:
    """What a cell says; None where it empties a value."""
    return None if cell.strip() in CLEARED else unguarded(cell)


def _needs_guard(text: str) -> bool:
    core = text.lstrip("'")
    return bool(core) and (core[0] in _FORMULA_STARTS or core in CLEARED or core != _visible(core))


def _visible(text: str) -> str:
    if text.isascii():
        return text.strip()
    return _INVISIBLE.sub("", text).replace("\u00a0", " ").strip()


def text(limit: int) -> Parser:
    def parse(cell: str) -> str:
        if len(cell) > limit:
            raise Unexpected(f"at most {limit} characters, not {len(cell)}")
        if _CONTROL.search(cell):
            raise Unexpected("text without control characters")
        return cell

    return parse


def code(cell: str) -> str:
    """A natural key: it becomes part of addresses and labels, and must compare as it looks."""
    if len(cell) > 64 or not _CODE.fullmatch(cell):
        raise Unexpected(
            "a code: letters, digits and . : _ - (at most 64, a letter or digit first)"
        )
    if not unicodedata.is_normalized("NFC", cell):
        raise Unexpected("a code in composed characters (NFC)")
    return cell


def area_path(cell: str) -> str:
    if len(cell) > 200:
        raise Unexpected("an area path of at most 200 characters")
    for segment in cell.split("/"):
        try:
            code(segment)
        except Unexpected as error:
            raise Unexpected("an area path such as region/district/town") from error
    return cell


def feed_name(cell: str) -> str:
    if not _FEED_NAME.fullmatch(cell):
        raise Unexpected("a feed's short id such as main, sub, nvr: a-z, 0-9, _ and - (at most 32)")
    return cell


def word(closed: type[StrEnum]) -> Parser:
    allowed = {member.value: member for member in closed}

    def parse(cell: str) -> StrEnum:
        try:
            return allowed[cell.lower()]
        except KeyError:
            raise Unexpected(f"one of {', '.join(allowed)}") from None

    return parse


def words(closed: type[StrEnum]) -> Parser:
    """Several, in the order of the vocabulary, whatever stands between them."""
    parse_one = word(closed)

    def parse(cell: str) -> tuple[StrEnum, ...]:
        said = {parse_one(each) for each in _BETWEEN.split(cell) if each}
        return tuple(member for member in closed if member in said)

    return parse


def yes_no(cell: str) -> bool:
    if cell.lower() in _YES:
        return True
    if cell.lower() in _NO:
        return False
    raise Unexpected("yes or no")


def integer(low: int, high: int) -> Parser:
    def parse(cell: str) -> int:
        try:
            value = int(_WHOLE.sub("", cell))
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise Unexpected(f"a whole number from {low} to {high}")
        return value

    return parse


def number(low: float, high: float) -> Parser:
    def parse(cell: str) -> float:
        try:
            value = float(cell.replace(",", "."))
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise Unexpected(f"a number from {low:g} to {high:g}")
        return value

    return parse


def day(cell: str) -> date:
    if _SERIAL.fullmatch(cell):
        return _SERIALS_FROM + timedelta(days=int(cell[:5]))
    found = re.fullmatch(r"(\d{2})\.(\d{2})\.(\d{4})", cell)
    try:
        return date.fromisoformat("-".join(reversed(found.groups())) if found else cell)
    except ValueError:
        raise Unexpected("a date such as 2026-11-22 or 22.11.2026") from None


def moment(cell: str) -> datetime:
    """A day alone begins at another moment in another zone: the zone has to be said."""
    try:
        value = datetime.fromisoformat(cell)
        if value.tzinfo is not None:
            return value.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Unexpected("a moment with its zone, such as 2026-11-22T00:00+05:00")


def mac(cell: str) -> str:
    digits = re.sub(r"[:.\s-]", "", cell.lower())
    if not _MAC.fullmatch(digits):
        raise Unexpected("a MAC address of 12 hexadecimal digits")
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def host(cell: str) -> str:
    lowered = cell.lower()
    if not _HOST.fullmatch(lowered):
        raise Unexpected("a host name or address, without port or path")
    return lowered


@cache
def time_zones() -> frozenset[str]:
    """Read from files the first time: not on the loop."""
    return frozenset(available_timezones())


def time_zone(cell: str) -> str:
    if cell not in time_zones():
        raise Unexpected("an IANA time zone such as Asia/Almaty")
    return cell


def written(value: object) -> str:
    """How a value stands in a cell: the way back of every parser here."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return repr(value)
        case date():
            return value.isoformat()
        case tuple():
            return ", ".join(map(str, value))
        case _:
            return guarded(str(value))
