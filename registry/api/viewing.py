"""The audit trail of pictures and looks asked for. It records who saw what, never the picture."""

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
_REMEMBERED: Final = 20_000  # (person, feed) pairs; beyond it the oldest is recorded again


class Views:
    """Who saw which feed within the hour."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._seen: OrderedDict[tuple[str, FeedKey], float] = OrderedDict()

    async def seen(self, caller: Caller, key: FeedKey) -> None:
        now = self._serving.clock.monotonic()
        last = self._seen.get((caller.name, key))
        if last is not None and now - last < AGAIN_AFTER_S:
            return
        await self._record(caller, "frame.viewed", key, {})
        self._seen[caller.name, key] = now
        self._seen.move_to_end((caller.name, key))
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    async def asked(self, caller: Caller, key: FeedKey, depth: Depth) -> None:
        await self._record(caller, "look.asked", key, {"depth": depth.value})

    async def _record(
        self, caller: Caller, action: str, key: FeedKey, detail: dict[str, str]
    ) -> None:
        async with self._serving.database.write() as session:
            now = self._serving.clock.now()
            await record(
                session,
                caller.name,
                action,
                str(key),
                detail,
                now,
                address=caller.address,
                request_id=caller.request_id,
            )


VIEWS = web.AppKey("views", Views)
