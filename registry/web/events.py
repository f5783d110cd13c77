"""/events: which cameras changed, and the time here. It carries no states: pages fetch those."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final, cast

import sqlalchemy as sa
from aiohttp import web

from registry.api.callers import principal_of
from registry.api.problems import Problem
from registry.models import Camera
from registry.security.reach import Reach
from registry.security.within import within
from registry.serving import SERVING, Serving
from registry.web.rendering import CALLER

BEAT_S: Final = 5.0
BEATS: Final = 120  # then the browser comes back by itself, and its session is looked at again
CHECKED_EVERY: Final = 3  # beats: a session that ended keeps no stream for longer
MOST_STREAMS: Final = 200
MOST_OF_ONE: Final = 10  # pages that one account or token has open
_CODES_NAMED: Final = 500  # more at once are said as "many"


class Streams:
    """The open streams: so many and no more, and all of them end when the service does."""

    def __init__(self, most: int = MOST_STREAMS, most_of_one: int = MOST_OF_ONE) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._open: dict[asyncio.Task[object], str] = {}  # and whose it is

    @contextmanager
    def one(self, who: str) -> Iterator[None]:
        if len(self._open) >= self._most:
            raise Problem(503, f"{self._most} pages are being kept current, no more are possible")
        if list(self._open.values()).count(who) >= self._most_of_one:
            raise Problem(429, f"{self._most_of_one} pages of yours are being kept current already")
        task = cast("asyncio.Task[object]", asyncio.current_task())
        self._open[task] = who
        try:
            yield
        finally:
            self._open.pop(task, None)

    async def end(self, _app: web.Application) -> None:
        for task in tuple(self._open):
            task.cancel()


STREAMS: Final = web.AppKey("event_streams", Streams)


async def stream_events(request: web.Request) -> web.StreamResponse:
    with request.app[STREAMS].one(request[CALLER].principal.own):
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",  # nginx would hold events back
            }
        )
        await response.prepare(request)
        await _tell(request, response)
        return response


async def _tell(request: web.Request, response: web.StreamResponse) -> None:
    serving, reach = request.app[SERVING], request[CALLER].reach
    await response.write(b": camreach\nretry: 2000\n\n")
    try:
        async with asyncio.TaskGroup() as group:
            changes = group.create_task(_tell_changes(serving, reach, response))
            await _beat(request, response)
            changes.cancel()
    except* ConnectionResetError:
        pass  # the browser went away


async def _beat(request: web.Request, response: web.StreamResponse) -> None:
    """The time here, again and again: by it the page sees its own knowledge grow old.

    Until the session or token ends, or what it may see is not what it was.
    """
    serving = request.app[SERVING]
    for beat in range(BEATS):
        if beat and beat % CHECKED_EVERY == 0 and not await _still_holds(request):
            return
        now = int(serving.clock.now().timestamp() * 1000)
        await _send(response, "heartbeat", {"now": now, "every_s": BEAT_S})
        await serving.clock.sleep(BEAT_S)


async def _still_holds(request: web.Request) -> bool:
    return await principal_of(request) == request[CALLER].principal


async def _tell_changes(serving: Serving, reach: Reach, response: web.StreamResponse) -> None:
    async for codes in serving.live.changes():
        if len(codes) > _CODES_NAMED:
            await _send(response, "changed", {"cameras": None})
        elif seen := await _seen(serving, reach, codes):
            await _send(response, "changed", {"cameras": sorted(seen)})


async def _seen(serving: Serving, reach: Reach, codes: frozenset[str]) -> Collection[str]:
    """Those of them within reach: not even the code of another camera is told."""
    if reach.is_everything:
        return codes
    statement = sa.select(Camera.code).where(
        Camera.code.in_(codes), within(Camera, reach, serving.clock.now())
    )
    async with serving.database.read() as session:
        return (await session.scalars(statement)).all()


async def _send(response: web.StreamResponse, event: str, data: object) -> None:
    # JSON escapes line ends, so no value can start a line of its own.
    await response.write(f"event: {event}\ndata: {json.dumps(data)}\n\n".encode())
