"""The composition root: constructs and wires, and does nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import structlog
from aiohttp import web

from monitor import open_files
from monitor.beacons import Beacons
from monitor.certificate import followed, server_context
from monitor.changes import Changes
from monitor.chores import chores
from monitor.config import ConfigError, Contacts, Probe, Service, Settings
from monitor.cost import cost_of
from monitor.doors.limits import Limits
from monitor.doors.opener import TcpOpener
from monitor.doors.policy import NetworkPolicy
from monitor.doors.rtsp import RtspDoor
from monitor.doors.tls import Trust
from monitor.exposition import Exposition
from monitor.frames import Frames
from monitor.http import Health, Telling, build_app
from monitor.knowledge import Knowledge
from monitor.looking import Looker
from monitor.picture.pool import DecoderPool
from monitor.plan.lines import LineBudgets
from monitor.plan.lockout import LoginGate
from monitor.plan.rhythm import Cadences
from monitor.plan.scheduler import Order, Scheduler
from monitor.plan.toll import Done
from monitor.running_view import RunningView
from monitor.self_metrics import SelfMetrics
from monitor.watch import Watch
from registry.clock import SystemClock
from registry.database import Database, DatabaseTrouble, DatabaseUnusable, first_line, shown
from registry.device_contacts import SilenceLimits
from registry.estate import ensure_vantage
from registry.holding import HeldElsewhere, held
from registry.migrations import MigrationRefused, make_ready, schema_at
from registry.observations import ObservationWriter
from registry.restoring import restore
from registry.security.credentials import count_credentials
from registry.security.sealing import Sealer, SealingError, create_key_file
from registry.serving import Serving
from registry.vocabulary import TlsPolicy

log = structlog.get_logger()

VERSION = version("camreach")


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
async def open_registry(settings: Settings) -> AsyncIterator[tuple[Database, Sealer]]:
    """The registry alone, for commands that look at nothing; made where there is none."""
    async with AsyncExitStack() as stack:
        yield await _open_registry(settings, stack)


@asynccontextmanager
async def open_kept_registry(settings: Settings) -> AsyncIterator[tuple[Database, Sealer]]:
    """The registry that is there: reading must not make an empty one and a key."""
    if not await has_registry(settings):
        raise ConfigError(
            f"database.url: there is no registry yet at {shown(settings.database.url)}; "
            "`camreach import` or `camreach serve` makes one"
        )
    async with open_registry(settings) as opened:
        yield opened


async def has_registry(settings: Settings) -> bool:
    try:
        return (await asyncio.to_thread(schema_at, settings.database.url)).found is not None
    except (OSError, MigrationRefused, *DatabaseUnusable) as error:
        raise ConfigError(f"database.url: {first_line(error)}") from error


@asynccontextmanager
async def open_house(settings: Settings, clock: SystemClock | None = None) -> AsyncIterator[House]:
    """Everything started in order, and stopped in the opposite order."""
    probe = settings.probe
    if not probe.allow_networks:
        raise ConfigError(
            "probe.allow_networks: name the networks the cameras are in, "
            'such as ["198.18.0.0/15"]; nothing else is ever connected to'
        )
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        # Before anything is written: whoever comes second must leave no trace.
        listener = stack.enter_context(_bound(settings.service))
        await _hold(settings, stack)
        if not open_files.allow(open_files.needed_files(probe.concurrency)):
            log.warning("few_open_files", allowed=open_files.allowed_files(), see="camreach doctor")
        database, sealer = await _open_registry(settings, stack)
        async with database.write() as session:
            vantage_id = await ensure_vantage(
                session, probe.vantage, probe.vantage, center=probe.center
            )
        restored = await restore(database, vantage_id, clock.now())

        metrics = SelfMetrics(VERSION)
        writer = ObservationWriter(database, vantage_id, clock.now())
        exposition = Exposition(probe.vantage, settings.metrics.per_camera)
        changes = Changes()
        gate = LoginGate(clock, probe.login_back_off_s)
        pool = DecoderPool(workers=settings.picture.workers, clock=clock)
        stack.push_async_callback(pool.close)
        await pool.start()

        async def carry_out(order: Order) -> Done:
            return await watch.look(order)

        scheduler = Scheduler(
            clock,
            carry_out,
            _cadences(settings),
            lines=LineBudgets(probe.site_kbit, probe.center_kbit),
            concurrency=probe.concurrency,
            dropped=lambda ticket, why: view.dropped(ticket, why),
        )
        frames = Frames(settings.picture.kept_mb * 1_000_000)
        knowledge = Knowledge(clock, writer, exposition, changes, scheduler.rhythm_of, frames)
        view = RunningView(
            knowledge,
            scheduler,
            changes,
            frames,
            lambda targets: cost_of(targets, settings),
            gate.parked_until,
            lambda key: looker.stage_of(key),
        )
        beacons = Beacons(clock, probe.beacons)
        door = RtspDoor(
            clock=clock,
            opener=stack.enter_context(contextlib.closing(TcpOpener(clock))),
            policy=NetworkPolicy(probe.allow_networks),
            trust=await _trust(probe),
            limits=_limits(probe),
            gate=gate,
        )
        looker = Looker(
            clock,
            door,
            pool,
            gate,
            beacons,
            liveness_limit_s=probe.liveness_s,
            keyframe_limit_s=probe.keyframe_s,
        )
        watch = Watch(
            clock=clock,
            database=database,
            sealer=sealer,
            vantage=probe.vantage,
            scheduler=scheduler,
            looker=looker,
            gate=gate,
            knowledge=knowledge,
            writer=writer,
            view=view,
            metrics=metrics,
        )
        metrics.watch(
            lambda: (
                _gauges(scheduler, writer, pool, frames, clock)
                | scheduler.gauges()
                | beacons.gauges()
            ),
            lambda: _counters(pool),
        )
        await stack.enter_async_context(beacons.watched())
        await watch.start(restored)
        await stack.enter_async_context(chores(database, clock))
        serving = Serving(
            database=database,
            live=view,
            clock=clock,
            vantage_id=vantage_id,
            session_hours=settings.service.session_hours,
            secure_cookie=not settings.service.is_loopback or settings.service.behind_proxy,
            version=VERSION,
            silence=_silence(settings.contacts),
            sealer=sealer,
            map_tiles=settings.service.map_tiles,
        )
        telling = Telling(
            knowledge,
            exposition,
            metrics,
            Health(watch.wrong, watch.missing),
            settings.metrics,
            settings.service.behind_proxy,
        )
        context = await stack.enter_async_context(_tls(settings.service, clock))
        url = await stack.enter_async_context(
            _listening(build_app(serving, telling), listener, context)
        )
        watching = asyncio.create_task(watch.run(), name="watch")
        try:
            yield House(url, database, sealer, clock, knowledge, watching)
        finally:
            await _wind_down(watching, watch, probe.shutdown_s)


async def _open_registry(settings: Settings, stack: AsyncExitStack) -> tuple[Database, Sealer]:
    await asyncio.to_thread(_migrate, settings)
    database = Database(settings.database.url)
    stack.push_async_callback(database.close)
    async with database.read() as session:
        logins = await count_credentials(session)
    sealer = await asyncio.to_thread(_key_to, settings.security.key_file, logins)
    return database, sealer


def _migrate(settings: Settings) -> None:
    """The database at this version's schema, made if there is none."""
    try:
        settings.security.key_file.parent.mkdir(parents=True, exist_ok=True)  # by default the same
        migrated = make_ready(settings.database.url)
    except (OSError, MigrationRefused, *DatabaseUnusable) as error:
        raise ConfigError(f"database.url: {first_line(error)}") from error
    if migrated.before != migrated.after:
        log.info("database_migrated", before=migrated.before, after=migrated.after)


def _key_to(key_file: Path, logins: int) -> Sealer:
    """The key to the camera logins; a new one is made only while there are none to open."""
    try:
        if not key_file.exists():
            if logins:
                raise ConfigError(
                    f"security.key_file: {key_file} is missing and {logins} camera logins are "
                    "sealed with it: put it back, a new key would not open them"
                )
            create_key_file(key_file)
            log.info("key_file_created", path=str(key_file), keep="it opens the camera logins")
        return Sealer.from_file(key_file)
    except (OSError, SealingError) as error:
        raise ConfigError(f"security.key_file: {error}") from error


async def _hold(settings: Settings, stack: AsyncExitStack) -> None:
    try:
        await stack.enter_async_context(held(settings.database.url))
    except (HeldElsewhere, *DatabaseTrouble, *DatabaseUnusable) as error:
        raise ConfigError(first_line(error)) from error


@contextlib.contextmanager
def _bound(service: Service) -> Iterator[socket.socket]:
    try:
        listener = socket.create_server(
            (service.host, service.port),
            family=socket.AF_INET6 if ":" in service.host else socket.AF_INET,
        )
    except (OSError, OverflowError) as error:
        place = f"{service.host} port {service.port}"
        raise ConfigError(f"cannot listen on {place}: {error}") from error
    with listener:
        yield listener


@asynccontextmanager
async def _listening(
    app: web.Application, listener: socket.socket, context: ssl.SSLContext | None
) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        site = web.SockSite(runner, listener, ssl_context=context)
        await site.start()
        host, port = runner.addresses[0][:2]
        scheme = "http" if context is None else "https"
        yield f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _tls(service: Service, clock: SystemClock) -> AsyncIterator[ssl.SSLContext | None]:
    if service.tls_certificate is None:
        yield None
        return
    files = service.tls_certificate, service.tls_key
    context = await asyncio.to_thread(server_context, *files)
    async with followed(context, *files, clock):
        yield context


async def _wind_down(watching: asyncio.Task[None], watch: Watch, limit_s: float) -> None:
    """Looks under way end their sessions within the deadline; then come the last words."""
    watching.cancel()
    _, pending = await asyncio.wait([watching], timeout=limit_s)
    if pending:
        log.warning("sessions_left_open", after_s=limit_s)
    await watch.stop()


def _cadences(settings: Settings) -> Cadences:
    probe = settings.probe
    return Cadences(
        liveness_s=probe.liveness_every_s,
        liveness_high_s=probe.liveness_every_high_s,
        picture_s=probe.picture_every_s,
        picture_high_s=probe.picture_every_high_s,
        measure_s=probe.measure_every_s,
        pictures_off=settings.picture.off_for,
    )


def _silence(contacts: Contacts) -> SilenceLimits:
    return SilenceLimits(
        silent=timedelta(hours=contacts.silent_hours),
        long_silent=timedelta(hours=contacts.long_silent_hours),
        lost=timedelta(hours=contacts.lost_hours),
    )


async def _trust(probe: Probe) -> Trust:
    """Read now, so that a file that cannot be read is told at the start."""
    trust = Trust(probe.tls_ca_file)
    try:
        await trust.context(TlsPolicy.VERIFY)
    except OSError as error:
        raise ConfigError(f"probe.tls_ca_file: {error}") from error
    return trust


def _limits(probe: Probe) -> Limits:
    return Limits(
        connect_s=probe.connect_s,
        reply_s=probe.reply_s,
        first_packet_s=probe.first_packet_s,
        keyframe_s=probe.keyframe_s,
        liveness_s=probe.liveness_s,
        teardown_s=probe.teardown_s,
    )


def _gauges(
    scheduler: Scheduler,
    writer: ObservationWriter,
    pool: DecoderPool,
    frames: Frames,
    clock: SystemClock,
) -> dict[str, float]:
    decoder = pool.stats()
    return {
        "looks_in_flight": scheduler.in_flight,
        "write_queue_rows": writer.waiting,
        "clock_drift_seconds": clock.drift().total_seconds(),
        "decoder_busy": decoder.busy,
        "decoder_queue": decoder.queue,
        "pictures_kept": len(frames),
        "pictures_kept_bytes": frames.bytes,
    }


def _counters(pool: DecoderPool) -> dict[str, float]:
    decoder = pool.stats()
    return {
        "decoder_jobs": decoder.jobs,
        "decoder_failures": decoder.failures,
        "decoder_respawns": decoder.respawns,
    }
