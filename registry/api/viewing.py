"""The audit trail of pictures, addresses and looks: who saw what, never what was seen."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from aiohttp import web

from registry.api.callers import Caller
from registry.look import FeedKey
from registry.security.audit import record
from registry.serving import Serving
from registry.vocabulary import Depth

# A wall shows a feed to the same person all day: one entry an hour says as much as thousands.
AGAIN_AFTER_S: Final = 3600.0
_REMEMBERED: Final = 20_000  # views; beyond it the oldest is recorded again


class Views:
    """Who saw what, from where, within the hour."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._seen: OrderedDict[tuple[str, str, str, str], float] = OrderedDict()

    async def seen(self, caller: Caller, key: FeedKey) -> None:
        await self._once_an_hour(caller, "frame.viewed", str(key))

    async def revealed(self, caller: Caller, path: str) -> None:
        """Addresses of devices; the path says whose."""
        await self._once_an_hour(caller, "addresses.viewed", path)

    async def asked(self, caller: Caller, key: FeedKey, depth: Depth) -> None:
        await self._record(caller, "look.asked", str(key), {"depth": depth.value})

    async def _once_an_hour(self, caller: Caller, action: str, subject: str) -> None:
        now, view = self._serving.clock.monotonic(), (caller.name, caller.address, action, subject)
        last = self._seen.get(view)
        if last is not None and now - last < AGAIN_AFTER_S:
            return
        await self._record(caller, action, subject, {})
        self._seen[view] = now
        self._seen.move_to_end(view)
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    async def _record(
        self, caller: Caller, action: str, subject: str, detail: dict[str, str]
    ) -> None:
        async with self._serving.database.write() as session:
            now = self._serving.clock.now()
            await record(
                session,
                caller.name,
                action,
                subject,
                detail,
                now,
                address=caller.address,
                request_id=caller.request_id,
            )


VIEWS = web.AppKey("views", Views)
