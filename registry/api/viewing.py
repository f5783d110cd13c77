"""The audit trail of pictures, addresses and looks: who saw what, written before it is shown."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog
from aiohttp import web

from registry.api.callers import Caller
from registry.api.problems import Problem
from registry.database import DatabaseTrouble, first_line
from registry.look import FeedKey
from registry.security.audit import Entry, entry, record_all
from registry.serving import Serving
from registry.vocabulary import Depth

_log = structlog.get_logger(__name__)

# A page that is left open is fetched again every few seconds: that is one view, however long.
AGAIN_AFTER_S: Final = 3600.0
_log = structlog.get_logger("camreach.audit")
_REMEMBERED: Final = 20_000  # open pages; beyond it the oldest is recorded again


@dataclass(slots=True)
class _Together:
    """Entries that wait for the same transaction."""

    entries: list[Entry] = field(default_factory=list)
    is_tried: bool = False
    is_written: bool = False


class Views:
    """Whoever awaits one of these may show what it names; if it raises, nothing is shown."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._waiting = _Together()
        self._turn = asyncio.Lock()
        self._open: OrderedDict[tuple[str, str, str], float] = OrderedDict()

    async def seen(self, caller: Caller, key: FeedKey, taken_at: datetime) -> None:
        """A picture: every view is an entry."""
        detail = {"taken_at": taken_at.isoformat()}
        await self._record(caller, "frame.viewed", str(key), detail)

    async def revealed(self, caller: Caller, path: str) -> None:
        """Addresses of devices; the path says whose. Every answer that holds any is an entry."""
        await self._record(caller, "addresses.viewed", path)

    async def still_open(self, caller: Caller, path: str) -> None:
        """The same, for the part that a page fetches again by itself: once an hour."""
        now, view = self._serving.clock.monotonic(), (caller.principal.own, caller.address, path)
        last = self._open.get(view)
        if last is not None and now - last < AGAIN_AFTER_S:
            return
        await self.revealed(caller, path)
        self._open[view] = now
        self._open.move_to_end(view)
        while len(self._open) > _REMEMBERED:
            self._open.popitem(last=False)

    async def asked(self, caller: Caller, key: FeedKey, depth: Depth) -> None:
        await self._record(caller, "look.asked", str(key), {"depth": depth.value})

    async def _record(
        self, caller: Caller, action: str, subject: str, detail: Mapping[str, Any] | None = None
    ) -> None:
        now = self._serving.clock.now()
        told = {"address": caller.address, "request_id": caller.request_id}
        await self._written(entry(caller.name, action, subject, detail or {}, now, **told))

    async def _written(self, view: Entry) -> None:
        """A wall asks for all its pictures at once: those that come while others are being
        written share the next transaction, and its fate."""
        together = self._waiting
        together.entries.append(view)
        async with self._turn:
            if not together.is_tried:
                together.is_tried = True
                await self._write(together)
        if not together.is_written:
            raise Problem(503, "the audit log cannot be written, nothing is shown without it")

    async def _write(self, together: _Together) -> None:
        try:
            async with self._serving.database.write(single=True) as session:
                self._waiting = _Together()  # nobody joins from here on
                await record_all(session, together.entries)
            together.is_written = True
        except DatabaseTrouble as trouble:
            lost = len(together.entries)
            _log.error("views not recorded, nothing shown", views=lost, error=first_line(trouble))
        finally:
            if self._waiting is together:
                self._waiting = _Together()


VIEWS = web.AppKey("views", Views)
