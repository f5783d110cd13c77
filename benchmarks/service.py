"""The service without its web server, put together as `camreach serve` puts it together.

Looks happen when asked for, not by the clock. It must not leave out a part that a look costs.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.camera import LOGIN
from benchmarks.estate import FEED, Feed, plant
from monitor import config
from monitor.heap import settle
from monitor.plan.scheduler import CarryOut, Order
from monitor.plan.toll import Done
from monitor.wiring.looking import Looking, wire_looking
from monitor.wiring.registry import open_registry
from registry.clock import SystemClock
from registry.database import Database
from registry.estate import ensure_vantage
from registry.look import FeedKey, Look
from registry.restoring import restore
from registry.security.sealing import Sealer
from registry.vocabulary import Depth, FeedState

_CADENCES = (
    *("liveness_every_s", "liveness_every_high_s", "measure_every_s"),
    *("picture_every_s", "picture_every_high_s"),
)
_SELDOM_S = 24 * 3600.0  # nothing is due by itself while something is measured
_TAKEN_UP_S = 60.0
_ROUNDS_AFTER_A_LOOK = 5


@dataclass(frozen=True, slots=True)
class Service:
    looking: Looking
    finished: dict[FeedKey, asyncio.Future[None]]

    async def look(self, key: FeedKey) -> Look:
        """A liveness look that is due now: from the queue to the metrics lines."""
        finished = self.finished[key] = asyncio.get_running_loop().create_future()
        is_looked_at = self.looking.scheduler.ask(key, Depth.LIVENESS)
        assert is_looked_at
        await finished
        look = self.looking.knowledge.feeds[key].looks[0]
        assert look.failure is None, look.detail
        return look

    async def planned(self) -> None:
        """Until the scheduler has done what follows a look: some rounds of the loop, no waiting."""
        for _ in range(_ROUNDS_AFTER_A_LOOK):
            await asyncio.sleep(0)

    async def write(self) -> None:
        """The batch of the second, as the running service writes it."""
        await self.looking.watch.write_down()
        assert self.looking.watch.missing() is None

    async def all_live(self) -> None:
        async with asyncio.timeout(_TAKEN_UP_S):
            while self.looking.scheduler.in_flight or not self._is_all_live():
                await self.looking.clock.sleep(0.1)

    def _is_all_live(self) -> bool:
        return all(f.memory.state is FeedState.LIVE for f in self.looking.knowledge.feeds.values())


@asynccontextmanager
async def service(
    folder: Path, urls: tuple[str, ...]
) -> AsyncIterator[tuple[Service, list[FeedKey]]]:
    """Every feed known to be live, and the registry a real SQLite file."""
    settings = config.build(
        database={"url": f"sqlite+aiosqlite:///{folder / 'camreach.sqlite'}"},
        security={"key_file": folder / "camreach.key"},
        probe={"allow_networks": ["127.0.0.0/8"], **dict.fromkeys(_CADENCES, _SELDOM_S)},
    )
    feeds = [Feed(code=f"cam-{number:03}", url=url) for number, url in enumerate(urls)]
    await plant(settings, feeds, LOGIN)
    async with AsyncExitStack() as stack:
        database, sealer = await stack.enter_async_context(open_registry(settings))
        running = await _running(database, sealer, settings, stack)
        await running.all_live()
        await running.write()
        yield running, [FeedKey(feed.code, FEED) for feed in feeds]


async def _running(
    database: Database, sealer: Sealer, settings: config.Settings, stack: AsyncExitStack
) -> Service:
    clock, vantage = SystemClock(), settings.probe.vantage
    async with database.write() as session:
        vantage_id = await ensure_vantage(session, vantage, vantage)
    finished: dict[FeedKey, asyncio.Future[None]] = {}

    def told(carry_out: CarryOut) -> CarryOut:
        async def carry_out_and_tell(order: Order) -> Done:
            done = await carry_out(order)
            if order.target.key in finished:
                finished.pop(order.target.key).set_result(None)
            return done

        return carry_out_and_tell

    looking = await wire_looking(settings, database, sealer, vantage_id, clock, stack, around=told)
    await looking.watch.start(await restore(database, vantage_id, clock.now()))
    settle()  # as `camreach serve` does
    planning = asyncio.create_task(looking.scheduler.run(), name="scheduler")
    stack.push_async_callback(_end, planning)
    return Service(looking, finished)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
