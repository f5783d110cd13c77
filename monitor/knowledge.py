"""What is known of every feed and delivery now, and until when: a look goes in, telling comes out.

It starts nothing and waits for nothing.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from monitor.changes import Changes
from monitor.delivery import DeliveryVerdict, PathFeed, judge_delivery
from monitor.exposition import Exposition
from monitor.record import DeliveryRecord, FeedRecord
from monitor.verdict import FeedMemory, Next, Rhythm, Seen, judge, settle, verdict_of
from registry.clock import Clock
from registry.live import Frame
from registry.look import FeedKey
from registry.observations import ObservationWriter
from registry.observed import (
    DeliveryObservation,
    DeliveryTransition,
    FeedObservation,
    FeedTransition,
    OutageClosed,
    OutageOpened,
)
from registry.restoring import Restored
from registry.targets import DeliveryTarget, Estate, Target
from registry.vocabulary import DeliveryState, FeedState, Lifecycle, Reason

RhythmOf = Callable[[Target], Rhythm]
_USABLE = (FeedState.LIVE, FeedState.DEGRADED)


class Knowledge:
    """The fleet's states. Who reads them calls `expire` first: no claim outlives its knowledge."""

    def __init__(
        self,
        clock: Clock,
        writer: ObservationWriter,
        exposition: Exposition,
        changes: Changes,
        rhythm_of: RhythmOf,
    ) -> None:
        self._clock = clock
        self._writer = writer
        self._exposition = exposition
        self._changes = changes
        self._rhythm_of = rhythm_of
        self._estate: Estate | None = None
        self._feeds: dict[FeedKey, FeedRecord] = {}
        self._deliveries: dict[tuple[str, str], DeliveryRecord] = {}
        self._on_path: dict[FeedKey, list[DeliveryRecord]] = {}
        self._expiries: list[tuple[datetime, FeedKey]] = []

    @property
    def estate(self) -> Estate | None:
        return self._estate

    @property
    def feeds(self) -> Mapping[FeedKey, FeedRecord]:
        return self._feeds

    @property
    def deliveries(self) -> Mapping[tuple[str, str], DeliveryRecord]:
        return self._deliveries

    def follow(self, estate: Estate, restored: Restored) -> None:
        """Take over an estate. `restored` is what an earlier run knew."""
        now = self._clock.now()
        self._forget_what_is_gone(estate)
        self._estate = estate
        for facts in estate.cameras.values():
            if facts.lifecycle is not Lifecycle.RETIRED:
                self._exposition.camera(facts)
        for key, target in estate.targets.items():
            if key in self._feeds:
                self._feeds[key].target = target
                self._exposition.feed(self._feeds[key])
            else:
                self._take_up(target, restored.feeds.get(target.feed_id), now)
        self._take_up_deliveries(estate, restored, now)

    def take(self, key: FeedKey, seen: Seen, snapshot: bytes | None) -> Next | None:
        """Everything that follows from one look; returns the look it asks for, if any."""
        record = self._feeds.get(key)
        if record is None:
            return None  # retired while it was looked at
        record.rhythm = self._rhythm_of(record.target)
        before = record.memory
        record.memory, following = judge(before, seen, record.rhythm)
        record.keep(seen.look)
        if snapshot is not None:
            record.frame = Frame(snapshot, seen.finished_at)
        self._settled(record, before, seen.finished_at)
        return following

    def expire(self) -> None:
        """Turn every state whose knowledge has ended into unknown."""
        now = self._clock.now()
        while self._expiries and self._expiries[0][0] <= now:
            _, key = heapq.heappop(self._expiries)
            record = self._feeds.get(key)
            if record is not None and record.valid_until <= now:
                before = record.memory
                record.memory = settle(before, record.rhythm, now)
                if record.memory is not before:
                    self._settled(record, before, now)

    def _settled(self, record: FeedRecord, before: FeedMemory, now: datetime) -> None:
        """Publish a record whose memory has just been judged or has expired."""
        verdict = verdict_of(record.memory, record.rhythm, now)
        record.valid_until = verdict.valid_until
        if verdict.state is not FeedState.UNKNOWN or verdict.reason is not Reason.NOT_PROBED:
            heapq.heappush(self._expiries, (verdict.valid_until, record.key))
        changed = (before.state, before.reason) != (record.memory.state, record.memory.reason)
        if changed:
            self._record_transition(record, before, now)
        self._exposition.feed(record)
        self._writer.feed(_observation(record, now))
        for delivery in self._on_path.get(record.key, ()):
            self._rejudge(delivery, now)
        self._changes.tell(record.key.camera)

    def _record_transition(self, record: FeedRecord, before: FeedMemory, now: datetime) -> None:
        memory, feed_id = record.memory, record.target.feed_id
        since = memory.since or now
        self._writer.happened(FeedTransition(feed_id, since, memory.state, memory.reason))
        if memory.state is FeedState.DOWN and before.state is not FeedState.DOWN:
            reason = memory.reason or Reason.INTERNAL
            self._writer.happened(OutageOpened(feed_id, reason, _last_good(before), since))
        elif memory.state in _USABLE and before.state not in _USABLE:
            self._writer.happened(OutageClosed(feed_id, before.last_look_at, since))

    def _rejudge(self, delivery: DeliveryRecord, now: datetime) -> None:
        verdict = judge_delivery(self._path_of(delivery.target))
        delivering = self._feeds.get(delivery.target.path[0])
        delivery.valid_until = delivering.valid_until if delivering else now
        if verdict != delivery.verdict:
            since = _since(delivery, verdict, delivering, now)
            delivery.verdict, delivery.since = verdict, since
            self._writer.happened(
                DeliveryTransition(
                    delivery.target.delivery_id,
                    since,
                    verdict.state,
                    verdict.failing_at,
                    verdict.reason,
                )
            )
            self._exposition.delivery(delivery)
        self._writer.delivery(_delivery_observation(delivery))

    def _path_of(self, target: DeliveryTarget) -> list[PathFeed]:
        records = [self._feeds.get(key) for key in target.path]
        return [PathFeed(r.target.hop, r.memory.state, r.memory.reason) for r in records if r]

    def _take_up(self, target: Target, known: FeedObservation | None, now: datetime) -> None:
        rhythm = self._rhythm_of(target)
        memory = settle(_remembered(known), rhythm, now)
        verdict = verdict_of(memory, rhythm, now)
        record = FeedRecord(target, rhythm, memory, verdict.valid_until)
        record.detail = known.detail if known else None
        self._feeds[target.key] = record
        if memory.reason is not Reason.NOT_PROBED:
            heapq.heappush(self._expiries, (verdict.valid_until, target.key))
            self._writer.happened(FeedTransition(target.feed_id, now, memory.state, memory.reason))
        self._writer.feed(_observation(record, now))
        self._exposition.feed(record)
        self._changes.tell(target.key.camera)

    def _take_up_deliveries(self, estate: Estate, restored: Restored, now: datetime) -> None:
        on_path: defaultdict[FeedKey, list[DeliveryRecord]] = defaultdict(list)
        for target in estate.deliveries:
            if not estate.cameras[target.camera].lifecycle.is_probed or not target.path:
                continue
            known = restored.deliveries.get(target.delivery_id)
            record = self._delivery_record(target, known, now)
            for key in target.path:
                on_path[key].append(record)
        self._on_path = dict(on_path)

    def _delivery_record(
        self, target: DeliveryTarget, known: DeliveryObservation | None, now: datetime
    ) -> DeliveryRecord:
        key = (target.camera, target.center)
        record = self._deliveries.get(key)
        if record is None:
            unknown = DeliveryVerdict(DeliveryState.UNKNOWN, reason=Reason.NOT_PROBED)
            record = self._deliveries[key] = DeliveryRecord(target, unknown, now, now)
            self._rejudge(record, now)
            if known is not None and known.state is record.verdict.state:
                record.since = known.since  # it was so before the restart and still is
        record.target = target
        self._rejudge(record, now)
        self._exposition.delivery(record)
        return record

    def _forget_what_is_gone(self, estate: Estate) -> None:
        gone = self._feeds.keys() - estate.targets.keys()
        wanted = {(d.camera, d.center) for d in estate.deliveries if d.path}
        undelivered = self._deliveries.keys() - wanted
        cameras = self._estate.cameras.keys() - estate.cameras.keys() if self._estate else set()
        self._exposition.forget(
            [
                *gone,
                *((camera, f"center:{center}") for camera, center in undelivered),
                *((camera, "") for camera in cameras | _retired(estate)),
            ]
        )
        for key in gone:
            del self._feeds[key]
            self._changes.tell(key.camera)
        for pair in undelivered:
            del self._deliveries[pair]


def _retired(estate: Estate) -> set[str]:
    return {c for c, facts in estate.cameras.items() if facts.lifecycle is Lifecycle.RETIRED}


def _remembered(known: FeedObservation | None) -> FeedMemory:
    if known is None:
        return FeedMemory()
    return replace(
        FeedMemory.from_json(known.memory),
        state=known.state,
        reason=known.reason,
        since=known.since,
        last_look_at=known.last_look_at,
        last_frame_at=known.last_frame_at,
        last_fresh_picture_at=known.last_fresh_picture_at,
    )


def _last_good(memory: FeedMemory) -> datetime | None:
    return max(_present(memory.flow.last_good_at, memory.picture.last_good_at), default=None)


def _present(*times: datetime | None) -> Iterable[datetime]:
    return (at for at in times if at is not None)


def _since(
    delivery: DeliveryRecord,
    verdict: DeliveryVerdict,
    delivering: FeedRecord | None,
    now: datetime,
) -> datetime:
    """It changed when the feed that delivers did; a new culprit behind it counts from now."""
    same_state = verdict.state is delivery.verdict.state
    began = delivering.memory.since if delivering and not same_state else None
    return max(delivery.since, began or now)


def _observation(record: FeedRecord, now: datetime) -> FeedObservation:
    memory = record.memory
    return FeedObservation(
        feed_id=record.target.feed_id,
        state=memory.state,
        reason=memory.reason,
        detail=record.detail,
        since=memory.since or now,
        valid_until=record.valid_until,
        last_look_at=memory.last_look_at,
        last_frame_at=memory.last_frame_at,
        last_fresh_picture_at=memory.last_fresh_picture_at,
        memory=memory.to_json(),
    )


def _delivery_observation(record: DeliveryRecord) -> DeliveryObservation:
    return DeliveryObservation(
        delivery_id=record.target.delivery_id,
        state=record.verdict.state,
        failing_at=record.verdict.failing_at,
        reason=record.verdict.reason,
        since=record.since,
        valid_until=record.valid_until,
    )
