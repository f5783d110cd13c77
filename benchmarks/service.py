"""The service without its web server: every part a look passes through, wired as monitor/wiring.

Looks happen when asked for, not by the clock. It must not leave out a part that a look costs.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.camera import LOGIN
from benchmarks.estate import FEED, Feed, plant
from monitor import config
from monitor.beacons import Beacons
from monitor.changes import Changes
from monitor.cost import cost_of
from monitor.doors.opener import TcpOpener
from monitor.doors.policy import NetworkPolicy
from monitor.doors.rtsp import RtspDoor
from monitor.exposition import Exposition
from monitor.frames import Frames
from monitor.heap import settle
from monitor.knowledge import Knowledge
from monitor.looking import Looker
from monitor.picture.pool import DecoderPool
from monitor.plan.lockout import LoginGate
from monitor.plan.rhythm import Cadences
from monitor.plan.scheduler import Order, Scheduler
from monitor.plan.toll import Done
from monitor.running_view import RunningView
from monitor.self_metrics import SelfMetrics
from monitor.watch import Watch
from monitor.wiring.registry import open_registry
from registry.clock import SystemClock
from registry.database import Database
from registry.estate import ensure_vantage
from registry.look import FeedKey, Look
from registry.observations import ObservationWriter
from registry.restoring import restore
from registry.security.sealing import Sealer
from registry.vocabulary import Depth, FeedState

_SELDOM_S = 24 * 3600.0  # nothing is due by itself while something is measured
_TAKEN_UP_S = 60.0
_ROUNDS_AFTER_A_LOOK = 5


@dataclass
class Service:
    clock: SystemClock
    scheduler: Scheduler
    knowledge: Knowledge
    writer: ObservationWriter
    view: RunningView
    finished: dict[FeedKey, asyncio.Event] = field(default_factory=dict)

    async def look(self, key: FeedKey) -> Look:
        """A liveness look as an operator asks for it: from the queue to the metrics lines."""
        finished = self.finished[key] = asyncio.Event()
        queued = self.view.look_now(key, Depth.LIVENESS)
        assert queued is not None
        await finished.wait()
        look = self.knowledge.feeds[key].looks[0]
        assert look.failure is None, look.detail
        return look

    async def planned(self) -> None:
        """Until the scheduler has done what follows a look: some rounds of the loop, no waiting."""
        for _ in range(_ROUNDS_AFTER_A_LOOK):
            await asyncio.sleep(0)

    async def write(self) -> int:
        """The batch of the second, as the running service writes it."""
        self.knowledge.expire()
        return await self.writer.flush(self.clock.now())

    async def all_live(self) -> None:
        async with asyncio.timeout(_TAKEN_UP_S):
            while self.scheduler.in_flight or not self._is_all_live():
                await self.clock.sleep(0.1)

    def _is_all_live(self) -> bool:
        return all(f.memory.state is FeedState.LIVE for f in self.knowledge.feeds.values())


@asynccontextmanager
async def service(
    folder: Path, urls: tuple[str, ...]
) -> AsyncIterator[tuple[Service, list[FeedKey]]]:
    """Every feed known to be live, and the registry a real SQLite file."""
    settings = config.build(
        database={"url": f"sqlite+aiosqlite:///{folder / 'camreach.sqlite'}"},
        security={"key_file": folder / "camreach.key"},
        probe={"allow_networks": ["127.0.0.0/8"]},
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
    writer = ObservationWriter(database, vantage_id, clock.now())
    gate = LoginGate(clock, settings.probe.login_back_off_s)
    pool = DecoderPool(workers=1, clock=clock)
    stack.push_async_callback(pool.close)
    await pool.start()

    async def carry_out(order: Order) -> Done:
        done = await watch.look(order)
        if order.target.key in running.finished:
            running.finished.pop(order.target.key).set()
        return done

    seldom = Cadences(
        liveness_s=_SELDOM_S, liveness_high_s=_SELDOM_S, picture_s=_SELDOM_S, measure_s=_SELDOM_S
    )
    scheduler = Scheduler(clock, carry_out, seldom)
    changes = Changes()
    frames = Frames(settings.picture.kept_mb * 1_000_000)
    knowledge = Knowledge(clock, writer, Exposition(vantage), changes, scheduler.rhythm_of, frames)
    view = RunningView(
        knowledge,
        scheduler,
        changes,
        frames,
        lambda targets: cost_of(targets, settings),
        gate.parked_until,
        lambda key: looker.stage_of(key),
    )
    door = RtspDoor(
        clock=clock,
        opener=stack.enter_context(contextlib.closing(TcpOpener(clock))),
        policy=NetworkPolicy(settings.probe.allow_networks),
        gate=gate,
    )
    looker = Looker(clock, door, pool, gate, Beacons(clock, ()))
    watch = Watch(
        clock=clock,
        database=database,
        sealer=sealer,
        vantage=vantage,
        scheduler=scheduler,
        looker=looker,
        gate=gate,
        knowledge=knowledge,
        writer=writer,
        view=view,
        metrics=SelfMetrics("benchmark"),
    )
    running = Service(clock, scheduler, knowledge, writer, view)
    await watch.start(await restore(database, vantage_id, clock.now()))
    settle()  # as `camreach serve` does
    planning = asyncio.create_task(scheduler.run(), name="scheduler")
    stack.push_async_callback(_end, planning)
    return running


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
