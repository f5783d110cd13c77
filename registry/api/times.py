"""A moment somebody asks about: with its offset, or on the clock of the place. It guesses nothing.

A clock that was set back shows an hour twice: such a time is refused, with both offsets named.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, StringConstraints

from registry.api.problems import FieldError, Problem

AskedTime = Annotated[
    str,
    StringConstraints(min_length=10, max_length=40),
    Field(
        description="ISO 8601, with an offset (its + written as %2B) or Z; "
        "without one it is meant on the clock of the area",
        examples=["2026-11-22T22:10:00+05:00", "2026-11-22T22:10"],
    ),
]


class ZoneFrom(StrEnum):
    """How it was known which moment is meant."""

    OFFSET = "offset"
    AREA = "area"


@dataclass(frozen=True, slots=True)
class Asked:
    at: datetime  # UTC
    local: datetime | None  # on the clock of the place, where there is one place
    zone: str | None
    zone_from: ZoneFrom


async def asked_time(text: str, zone_name: str | None, now: datetime) -> Asked:
    """Raises Problem 422 that names `query.time`."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        _refuse(f"{text!r} is no time, expected one like 2026-11-22T22:10:00+05:00 (+ as %2B)")
    zone = None if zone_name is None else await asyncio.to_thread(_zone, zone_name)
    try:
        asked = _understood(given, text, zone, zone_name)
    except OverflowError:
        _refuse(f"{text!r} lies outside of the calendar")
    if asked.at > now:
        _refuse(f"{asked.at.isoformat()} has not come yet, it is {now.isoformat()}")
    return asked


def _understood(given: datetime, text: str, zone: ZoneInfo | None, name: str | None) -> Asked:
    if given.tzinfo is not None:
        local = None if zone is None else given.astimezone(zone)
        return Asked(given.astimezone(UTC), local, name, ZoneFrom.OFFSET)
    if zone is None:
        _refuse(f"{text!r} has no offset, and no one area is asked for whose clock could be meant")
    first, second = (given.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        offsets = f"{first.isoformat()} or {second.isoformat()}"
        _refuse(f"the clock of {name} showed {text!r} twice or never: say {offsets}")
    return Asked(first.astimezone(UTC), first, name, ZoneFrom.AREA)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _refuse(detail: str) -> NoReturn:
    raise Problem(422, detail, errors=[FieldError(field="query.time", detail=detail)])
