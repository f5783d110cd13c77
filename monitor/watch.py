"""The running monitor: follows the registry, carries out looks, writes what was observed."""

from __future__ import annotations

import asyncio

import structlog

from monitor.exposition import Exposition
from monitor.heap import give_back
from monitor.knowledge import Knowledge
from monitor.looking import Looker
from monitor.plan.lockout import LoginGate
from monitor.plan.scheduler import Order, Scheduler
from monitor.plan.toll import Done, toll_of
from monitor.record import FeedRecord
from monitor.running_view import RunningView
from monitor.self_metrics import SelfMetrics
from monitor.verdict import FeedMemory
from registry.clock import SystemClock
from registry.database import Database, DatabaseTrouble, current_revision
from registry.estate import load_estate
from registry.look import FeedKey
from registry.observations import ObservationWriter
from registry.restoring import NOTHING, STARTED, STOPPED, Restored
from registry.security.sealing import Sealer, SealingError
from registry.targets import Estate

log = structlog.get_logger()

FOLLOW_EVERY_S = 0.5
WRITE_EVERY_S = 1.0
CLOCK_STEP_S = 1.0
BELIEVABLE_STEP_BACK_S = 5.0  # further back, and states would be believed that much too long
BELIEVABLE_STEP_ON_S = 60.0  # further on, and states would end, and their proofs be out of date
SILENT_WRITER_S = 30.0
GIVE_BACK_EVERY_S = 60.0


class Watch:
    """Everything that runs for ever, and what it takes to start and stop it."""

    def __init__(
        self,
        *,
        clock: SystemClock,
        database: Database,
        sealer: Sealer,
        vantage: str,
        scheduler: Scheduler,
        looker: Looker,
        gate: LoginGate,
        knowledge: Knowledge,
        writer: ObservationWriter,
        exposition: Exposition,
        view: RunningView,
        metrics: SelfMetrics,
    ) -> None:
        self._clock = clock
        self._database = database
        self._sealer = sealer
        self._vantage = vantage
        self._scheduler = scheduler
        self._looker = looker
        self._gate = gate
        self._knowledge = knowledge
        self._writer = writer
        self._exposition = exposition
        self._view = view
        self._metrics = metrics
        self._written_s = clock.monotonic()
        self._ended: str | None = None
        self._not_followed: str | None = None

    async def start(self, restored: Restored) -> None:
        """Take up the estate as the last run left it."""
        now = self._clock.now()
        measured_until = restored.measured_until.isoformat() if restored.measured_until else None
        what = {"after_crash": restored.crashed, "measured_until": measured_until}
        self._writer.event(now, STARTED, what)
        log.info("watch_started", **what)
        await self._adopt(await self._load(), restored)
        self._park_rejected_logins()
        await self._write()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._scheduler.run(), name="scheduler")
                group.create_task(self._follow(), name="follow")
                group.create_task(self._keep_writing(), name="write")
                group.create_task(self._keep_small(), name="heap")
        except BaseExceptionGroup as error:
            self._ended = str(error.exceptions[0])
            raise

    async def stop(self) -> None:
        """The last words: after `run` has ended."""
        self._knowledge.expire()
        self._writer.event(self._clock.now(), STOPPED, {})
        try:
            await self._write()
        except DatabaseTrouble as error:
            log.error("last_words_lost", why=str(error), waiting=self._writer.waiting)  # noqa: TRY400
        log.info("watch_stopped")

    async def look(self, order: Order) -> Done:
        """One order of the scheduler, from the door to the rows."""
        key = order.target.key
        record = self._knowledge.feeds.get(key)
        if record is None:
            return Done()
        if order.ticket is not None:
            self._view.began(order.ticket)
        seen, snapshot = await self._looker.look(
            order, record.memory, record.measured.keyframe_interval_s
        )
        before = record.memory
        following = self._knowledge.take(order.target, seen, snapshot)
        self._metrics.looked(seen.look, order.target.hop, order.lag_s)
        if order.ticket is not None:
            self._view.ended(order.ticket, order.target, seen.look)
        if record.memory.says_else_than(before):
            _log_change(record, before, seen.look.detail)
        return Done(following, toll_of(seen.look))

    def wrong(self) -> str | None:
        """Why a restart would help; None while all is well."""
        if self._ended is not None:
            return f"the monitor ended: {self._ended}"
        silent_s = self._clock.monotonic() - self._written_s
        if silent_s > SILENT_WRITER_S:
            return f"nothing was written for {silent_s:.0f} s"
        return None

    def missing(self) -> str | None:
        """Why there is nothing to ask yet."""
        if self._knowledge.estate is None:
            return "the estate is not loaded yet"
        return self.wrong() or self._not_followed

    async def _follow(self) -> None:
        """A write to the registry, or another key file, takes effect within a second."""
        while True:
            await self._clock.sleep(FOLLOW_EVERY_S)
            try:
                rekeyed = await asyncio.to_thread(self._sealer.follow)
                if rekeyed or await self._has_changed():
                    await self._adopt(await self._load(), NOTHING)
                self._not_followed = None
            except (*DatabaseTrouble, SealingError, LookupError) as error:
                # What is known stays in force; /readyz says that it is not the newest.
                self._not_followed = f"the registry is not followed: {error}"
                log.warning("follow_failed", why=str(error))

    async def _has_changed(self) -> bool:
        estate = self._knowledge.estate
        async with self._database.read() as session:
            return estate is None or await current_revision(session) != estate.revision

    async def _load(self) -> Estate:
        async with self._database.read() as session:
            return await load_estate(session, self._vantage, self._sealer, self._clock.now())

    async def _adopt(self, estate: Estate, restored: Restored) -> None:
        self._scheduler.follow(estate.targets, self._known(estate, restored))
        self._knowledge.follow(estate, restored)
        log.info("estate", revision=estate.revision, feeds=len(estate.targets))

    def _known(self, estate: Estate, restored: Restored) -> set[FeedKey]:
        """The feeds of which what an earlier run saw still holds."""
        now = self._clock.now()
        seen = ((key, restored.feeds.get(t.feed_id)) for key, t in estate.targets.items())
        return {key for key, o in seen if o and o.last_look_at and o.valid_until > now}

    def _park_rejected_logins(self) -> None:
        """A restart must not become one more signed attempt on a login that was just rejected."""
        now = self._clock.now()
        for record in self._knowledge.feeds.values():
            target, rejected = record.target, record.memory.rejected
            if rejected and target.login and rejected.login == target.login.fingerprint:
                age_s = (now - rejected.at).total_seconds()
                login = (target.host, target.port, rejected.login)
                self._gate.take_over_rejection(login, age_s)

    async def write_down(self) -> None:
        """What is done once a second with all that was seen in it."""
        self._knowledge.expire()
        self._watch_clock()
        self._exposition.render()
        self._metrics.count()
        try:
            await self._write()
        except DatabaseTrouble as error:  # a full disk must not end the measuring
            log.warning("write_failed", why=str(error), waiting=self._writer.waiting)

    async def _keep_writing(self) -> None:
        while True:
            await self._clock.sleep(WRITE_EVERY_S)
            await self.write_down()

    async def _keep_small(self) -> None:
        while await asyncio.to_thread(give_back):
            await self._clock.sleep(GIVE_BACK_EVERY_S)

    async def _write(self) -> None:
        await self._writer.flush(self._clock.now())
        self._written_s = self._clock.monotonic()

    def _watch_clock(self) -> None:
        drift_s = self._clock.drift().total_seconds()
        if abs(drift_s) > CLOCK_STEP_S:
            self._writer.event(self._clock.now(), "clock_stepped", {"seconds": drift_s})
            log.warning("clock_stepped", seconds=drift_s)
            if not -BELIEVABLE_STEP_BACK_S <= drift_s <= BELIEVABLE_STEP_ON_S:
                self._knowledge.forget_states()
            self._clock.reanchor()


def _log_change(record: FeedRecord, before: FeedMemory, detail: str | None) -> None:
    log.info(
        "feed_changed",
        feed=str(record.key),
        before=before.state,
        state=record.memory.state,
        reason=record.memory.reason,
        detail=detail,
    )
