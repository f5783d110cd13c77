"""Time zones of the areas, read from disk beside the loop. A zone nobody knows is shown as UTC."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web


class Zones:
    def __init__(self) -> None:
        self._known: dict[str, tzinfo] = {}  # no more than the areas name

    async def load(self, names: Iterable[str]) -> None:
        for name in set(names) - self._known.keys():
            self._known[name] = await asyncio.to_thread(_zone, name)

    def __getitem__(self, name: str) -> tzinfo:
        return self._known.get(name, UTC)


ZONES: Final = web.AppKey("zones", Zones)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
