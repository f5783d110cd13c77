"""All that looks, judges and remembers, put together. It opens no registry and tells nobody."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from monitor.beacons import Beacons
from monitor.changes import Changes
from monitor.config import ConfigError, Probe, Settings
from monitor.cost import cost_of
from monitor.doors.limits import Limits
from monitor.doors.opener import TcpOpener
from monitor.doors.policy import NetworkPolicy
from monitor.doors.rtsp import RtspDoor
from monitor.doors.tls import Trust
from monitor.exposition import Exposition
from monitor.frames import Frames
from monitor.knowledge import Knowledge
from monitor.looking import Looker
from monitor.picture.pool import DecoderPool
from monitor.plan.lines import LineBudgets
from monitor.plan.lockout import LoginGate
from monitor.plan.rhythm import Cadences
from monitor.plan.scheduler import CarryOut, Scheduler
from monitor.running_view import RunningView
from monitor.self_metrics import SelfMetrics
from monitor.version import VERSION
from monitor.watch import Watch
from registry.clock import SystemClock
from registry.database import Database
from registry.observations import ObservationWriter
from registry.security.sealing import Sealer
from registry.vocabulary import TlsPolicy


@dataclass(frozen=True, slots=True)
class Looking:
    """What of it others hold: to start it, to ask it, to tell of it."""

    clock: SystemClock
    scheduler: Scheduler
    watch: Watch
    knowledge: Knowledge
    exposition: Exposition
    view: RunningView
    metrics: SelfMetrics
    beacons: Beacons


async def wire_looking(
    settings: Settings,
    database: Database,
    sealer: Sealer,
    vantage_id: int,
    clock: SystemClock,
    stack: AsyncExitStack,
    *,
    around: Callable[[CarryOut], CarryOut] = lambda carry_out: carry_out,
) -> Looking:
    """`around` is for who must know when a look is over, as a benchmark must."""
    probe = settings.probe
    writer = ObservationWriter(database, vantage_id, clock.now())
    exposition = Exposition(probe.vantage, settings.metrics.per_camera)
    metrics, changes, beacons = SelfMetrics(VERSION), Changes(), Beacons(clock, probe.beacons)
    frames = Frames(settings.picture.kept_mb * 1_000_000)
    gate = LoginGate(clock, probe.login_back_off_s)
    pool = await _pool(settings, clock, stack)
    looker = await _looker(probe, clock, pool, gate, beacons, stack)
    scheduler = Scheduler(
        clock,
        around(lambda order: watch.look(order)),
        _cadences(settings),
        lines=LineBudgets(probe.site_kbit, probe.center_kbit),
        concurrency=probe.concurrency,
        stalled_s=lambda: looker.stalled_s,
        dropped=lambda ticket, why: view.dropped(ticket, why),
    )
    knowledge = Knowledge(clock, writer, exposition, changes, scheduler.rhythm_of, frames)
    view = RunningView(
        knowledge,
        scheduler,
        changes,
        frames,
        lambda targets: cost_of(targets, settings),
        gate.parked_until,
        looker.stage_of,
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
        exposition=exposition,
        view=view,
        metrics=metrics,
    )
    metrics.watch(
        lambda: (
            _gauges(scheduler, writer, pool, frames, clock) | scheduler.gauges() | beacons.gauges()
        ),
        lambda: _counters(pool),
    )
    return Looking(clock, scheduler, watch, knowledge, exposition, view, metrics, beacons)


async def _pool(settings: Settings, clock: SystemClock, stack: AsyncExitStack) -> DecoderPool:
    pool = DecoderPool(workers=settings.picture.workers, clock=clock)
    stack.push_async_callback(pool.close)
    await pool.start()
    return pool


async def _looker(
    probe: Probe,
    clock: SystemClock,
    pool: DecoderPool,
    gate: LoginGate,
    beacons: Beacons,
    stack: AsyncExitStack,
) -> Looker:
    door = RtspDoor(
        clock=clock,
        opener=stack.enter_context(contextlib.closing(TcpOpener(clock))),
        policy=NetworkPolicy(probe.allow_networks),
        trust=await _trust(probe),
        limits=_limits(probe),
        gate=gate,
    )
    return Looker(
        clock,
        door,
        pool,
        gate,
        beacons,
        liveness_limit_s=probe.liveness_s,
        keyframe_limit_s=probe.keyframe_s,
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
