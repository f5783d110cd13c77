"""The service as a whole: everything started in order and stopped in the opposite order.

What it is made of is put together in `wiring`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from monitor import open_files
from monitor.chores import chores
from monitor.config import ConfigError, Settings
from monitor.knowledge import Knowledge
from monitor.watch import Watch
from monitor.wiring.looking import wire_looking
from monitor.wiring.registry import hold, opened
from monitor.wiring.telling import bound, serving_of, told
from registry.clock import SystemClock
from registry.database import Database
from registry.estate import ensure_vantage
from registry.restoring import restore
from registry.security.sealing import Sealer

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class House:
    """The running service, as its owner holds it."""

    url: str
    database: Database
    sealer: Sealer
    clock: SystemClock
    knowledge: Knowledge
    watching: asyncio.Task[None]


@asynccontextmanager
async def open_house(settings: Settings, clock: SystemClock | None = None) -> AsyncIterator[House]:
    """Everything started in order, and stopped in the opposite order."""
    _require_networks(settings)
    probe, clock = settings.probe, clock or SystemClock()
    async with AsyncExitStack() as stack:
        # Before anything is written: whoever comes second must leave no trace.
        listener = stack.enter_context(bound(settings.service))
        await hold(settings, stack)
        if not open_files.allow(open_files.needed_files(probe.concurrency)):
            log.warning("few_open_files", allowed=open_files.allowed_files(), see="camreach doctor")
        database, sealer = await opened(settings, stack)
        async with database.write() as session:
            vantage_id = await ensure_vantage(
                session, probe.vantage, probe.vantage, center=probe.center
            )
        restored = await restore(database, vantage_id, clock.now())
        looking = await wire_looking(settings, database, sealer, vantage_id, clock, stack)
        await stack.enter_async_context(looking.beacons.watched())
        await looking.watch.start(restored)
        await stack.enter_async_context(chores(database, clock))
        serving = serving_of(settings, database, sealer, vantage_id, looking)
        url = await stack.enter_async_context(told(settings, serving, looking, listener))
        watching = asyncio.create_task(looking.watch.run(), name="watch")
        try:
            yield House(url, database, sealer, clock, looking.knowledge, watching)
        finally:
            await _wind_down(watching, looking.watch, probe.shutdown_s)


def _require_networks(settings: Settings) -> None:
    if not settings.probe.allow_networks:
        raise ConfigError(
            "probe.allow_networks: name the networks the cameras are in, "
            'such as ["198.18.0.0/15"]; nothing else is ever connected to'
        )


async def _wind_down(watching: asyncio.Task[None], watch: Watch, limit_s: float) -> None:
    """Looks under way end their sessions within the deadline; then come the last words."""
    watching.cancel()
    _, pending = await asyncio.wait([watching], timeout=limit_s)
    if pending:
        log.warning("sessions_left_open", after_s=limit_s)
    await watch.stop()
