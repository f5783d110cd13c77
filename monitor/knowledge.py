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
from monitor.frames import Frames
from monitor.record import DeliveryRecord, FeedRecord
from monitor.verdict import (
    FeedMemory,
    Next,
    Rhythm,
    Seen,
    holds_until,
    judge,
    settle,
    without_login_verdict,
)
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
from registry.vocabulary import DeliveryState, FeedState, Hop, Lifecycle, Reason

RhythmOf = Callable[[Target], Rhythm]
_USABLE = (FeedState.LIVE, FeedState.DEGRADED)
_NOT_PROBED = DeliveryVerdict(DeliveryState.UNKNOWN, reason=Reason.NOT_PROBED)


class Knowledge:
    """The fleet's states. Who reads them calls `expire` first: no claim outlives its knowledge."""

    def __init__(
        self,
        clock: Clock,
        writer: ObservationWriter,
        exposition: Exposition,
        changes: Changes,
        rhythm_of: RhythmOf,
        frames: Frames,
    ) -> None:
        self._clock = clock
        self._writer = writer
        self._exposition = exposition
        self._changes = changes
        self._rhythm_of = rhythm_of
        self._frames = frames
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
        """Take over an estate. `restored` is what an earlier run knew.

        Only what changed is touched: an estate is large, a change to it small.
        """
        self.expire()
        now = self._clock.now()
        before, self._estate = self._estate, estate
        self._tell_cameras(before, estate)
        moved = self._feeds.keys() - estate.targets.keys()
        for key in moved:
            self._drop_feed(self._feeds.pop(key), now)
        for key, target in estate.targets.items():
            record = self._feeds.get(key)
            if record is None:
                self._take_up(target, restored.feeds.get(target.feed_id), now)
                moved.add(key)
            elif record.target != target:
                self._change(record, target, now)
                moved.add(key)
        self._follow_deliveries(estate, restored, moved, now)

    def take(self, target: Target, seen: Seen, snapshot: bytes | None) -> Next | None:
        """Everything that follows from one look at `target`; returns the look it asks for."""
        record = self._feeds.get(target.key)
        if record is None:
            return None  # retired while it was looked at
        if record.target is not target and record.target.place != target.place:
            return None  # moved
        self.expire()  # what ended before this look is written as having ended
        record.rhythm = self._rhythm_of(record.target)
        before = record.memory
        record.memory, record.valid_until, following = judge(before, seen, record.rhythm)
        record.keep(seen.look)
        record.explain(seen.look)
        if snapshot is not None:
            self._frames.put(record.key, Frame(snapshot, seen.finished_at))
        self._settled(record, before, seen.finished_at)
        return following

    def forget_states(self) -> None:
        """The clock was set: what is known carries times to come, or long past."""
        self.expire()
        now = self._clock.now()
        self._expiries.clear()
        for record in self._feeds.values():
            self._start_over(record, record.target, now)

    def expire(self) -> None:
        """Turn every state whose knowledge has ended into unknown."""
        now = self._clock.now()
        while self._expiries and self._expiries[0][0] <= now:
            at, key = heapq.heappop(self._expiries)
            record = self._feeds.get(key)
            if record is None or record.expiry_at != at:
                continue
            record.expiry_at = None
            if record.valid_until > now:
                self._ask_at_its_end(record)
                continue
            before = record.memory
            record.memory = settle(before, record.rhythm, now)
            if record.memory is not before:
                record.valid_until = holds_until(record.memory, record.rhythm, now)
                self._settled(record, before, now)

    def _ask_at_its_end(self, record: FeedRecord) -> None:
        """One entry a feed: a look that makes knowledge last longer leaves it where it is."""
        if record.expiry_at is None or record.valid_until < record.expiry_at:
            record.expiry_at = record.valid_until
            heapq.heappush(self._expiries, (record.valid_until, record.key))

    def _settled(self, record: FeedRecord, before: FeedMemory, now: datetime) -> None:
        """Publish a record whose memory has just been judged or has expired."""
        memory = record.memory
        if memory.reason is not Reason.NOT_PROBED:
            self._ask_at_its_end(record)
        changed = memory.says_else_than(before)
        if changed:
            self._record_transition(record, before, now)
        self._exposition.feed(record)
        self._writer.feed(record.target.feed_id, record)
        key = record.key
        for delivery in self._on_path.get(key, ()):
            if changed:
                self._rejudge(delivery, now)
            elif delivery.target.path[0] == key:
                self._lasts(delivery, record.valid_until)
        self._changes.tell(key.camera)

    def _record_transition(self, record: FeedRecord, before: FeedMemory, now: datetime) -> None:
        memory, feed_id = record.memory, record.target.feed_id
        since = memory.since or now
        record.recorded_from = _not_before(record.recorded_from, since)
        self._writer.happened(
            FeedTransition(feed_id, record.recorded_from, memory.state, memory.reason)
        )
        if memory.state is FeedState.DOWN and before.state is not FeedState.DOWN:
            reason = memory.reason or Reason.INTERNAL
            self._writer.happened(OutageOpened(feed_id, reason, _last_good(before), since))
        elif memory.state in _USABLE and before.state not in _USABLE:
            self._writer.happened(OutageClosed(feed_id, before.last_look_at, since))

    def _rejudge(self, delivery: DeliveryRecord, now: datetime, *, moved: bool = False) -> None:
        """`moved`: another feed delivers now; its past is not the delivery's."""
        verdict = judge_delivery(self._path_of(delivery.target))
        delivering = self._feeds.get(delivery.target.path[0])
        if verdict != delivery.verdict:
            since = _since(delivery, verdict, None if moved else delivering, now)
            delivery.verdict, delivery.since = verdict, since
            self._record_delivery(delivery, since)
            self._exposition.delivery(delivery)
        self._lasts(delivery, delivering.valid_until if delivering else now)

    def _lasts(self, delivery: DeliveryRecord, until: datetime) -> None:
        """What is known of it holds as long as what is known of the feed that delivers."""
        delivery.valid_until = until
        self._writer.delivery(delivery.target.delivery_id, delivery)

    def _record_delivery(self, delivery: DeliveryRecord, since: datetime) -> None:
        verdict = delivery.verdict
        delivery.recorded_from = _not_before(delivery.recorded_from, since)
        self._writer.happened(
            DeliveryTransition(
                delivery.target.delivery_id,
                delivery.recorded_from,
                verdict.state,
                verdict.failing_at,
                verdict.reason,
            )
        )

    def _path_of(self, target: DeliveryTarget) -> list[PathFeed]:
        """A feed that cannot be looked at is unknown on its path, and never left out of it."""
        return [self._path_feed(key) for key in target.path]

    def _path_feed(self, key: FeedKey) -> PathFeed:
        record = self._feeds.get(key)
        if record is None:
            return PathFeed(Hop.CAMERA, FeedState.UNKNOWN, Reason.NOT_PROBED)
        return PathFeed(record.target.hop, record.memory.state, record.memory.reason)

    def _take_up(self, target: Target, known: FeedObservation | None, now: datetime) -> None:
        rhythm = self._rhythm_of(target)
        memory = settle(_remembered(known), rhythm, now)
        valid_until = holds_until(memory, rhythm, now)
        record = FeedRecord(target, rhythm, memory, valid_until, recorded_from=now)
        record.detail = known.detail if known and memory.reason is known.reason else None
        self._feeds[target.key] = record
        if memory.reason is not Reason.NOT_PROBED:
            self._ask_at_its_end(record)
            self._writer.happened(FeedTransition(target.feed_id, now, memory.state, memory.reason))
        self._publish(record, now)

    def _change(self, record: FeedRecord, target: Target, now: datetime) -> None:
        if record.target.place != target.place:
            self._start_over(record, target, now)
            return
        if record.target.login != target.login:
            record.memory = without_login_verdict(record.memory)
        record.target = target
        self._publish(record, now)

    def _start_over(self, record: FeedRecord, target: Target, now: datetime) -> None:
        self._end_of_knowledge(record, now)
        if record.target.feed_id != target.feed_id:
            record.recorded_from = now  # a new feed under an old name has a history of its own
        record.start_over(target, self._rhythm_of(target), now)
        self._frames.forget(record.key)
        self._publish(record, now)
        for delivery in self._on_path.get(record.key, ()):
            self._rejudge(delivery, now)

    def _drop_feed(self, record: FeedRecord, now: datetime) -> None:
        self._end_of_knowledge(record, now)
        record.start_over(record.target, record.rhythm, now)
        self._frames.forget(record.key)
        self._writer.feed(record.target.feed_id, record)
        self._exposition.forget([record.key])
        self._changes.tell(record.key.camera)

    def _end_of_knowledge(self, record: FeedRecord, now: datetime) -> None:
        """History says unknown from here on; an outage that was open keeps its last bad look."""
        memory, feed_id = record.memory, record.target.feed_id
        if memory.state not in _USABLE and memory.last_look_at is not None:
            # Down, or down when knowledge ran out: what is seen later is another outage.
            self._writer.happened(OutageClosed(feed_id, memory.last_look_at, None))
        if memory.reason is Reason.NOT_PROBED:
            return
        record.recorded_from = _not_before(record.recorded_from, now)
        unknown, reason = FeedState.UNKNOWN, Reason.NOT_PROBED
        self._writer.happened(FeedTransition(feed_id, record.recorded_from, unknown, reason))

    def _publish(self, record: FeedRecord, now: datetime) -> None:
        self._exposition.feed(record)
        self._writer.feed(record.target.feed_id, record)
        self._changes.tell(record.key.camera)

    def _follow_deliveries(
        self, estate: Estate, restored: Restored, moved: set[FeedKey], now: datetime
    ) -> None:
        wanted = {
            (target.camera, target.center): target
            for target in estate.deliveries
            if target.path and estate.cameras[target.camera].lifecycle.is_probed
        }
        for pair in self._deliveries.keys() - wanted.keys():
            self._drop_delivery(self._deliveries.pop(pair), now)
        on_path: defaultdict[FeedKey, list[DeliveryRecord]] = defaultdict(list)
        for pair, target in wanted.items():
            record = self._deliveries.get(pair)
            if record is None:
                known = restored.deliveries.get(target.delivery_id)
                record = self._take_up_delivery(target, known, now)
            elif record.target != target or not moved.isdisjoint(target.path):
                self._change_delivery(record, target, now)
            for key in target.path:
                on_path[key].append(record)
        self._on_path = dict(on_path)

    def _take_up_delivery(
        self, target: DeliveryTarget, known: DeliveryObservation | None, now: datetime
    ) -> DeliveryRecord:
        record = DeliveryRecord(target, _NOT_PROBED, now, now, recorded_from=now)
        self._deliveries[target.camera, target.center] = record
        self._rejudge(record, now, moved=True)
        if known is not None and known.state is record.verdict.state:
            record.since = known.since  # it was so before the restart and still is
            self._writer.delivery(record.target.delivery_id, record)
        self._exposition.delivery(record)
        return record

    def _change_delivery(
        self, record: DeliveryRecord, target: DeliveryTarget, now: datetime
    ) -> None:
        moved = record.target.path[0] != target.path[0]
        record.target = target
        self._rejudge(record, now, moved=moved)
        self._exposition.delivery(record)

    def _drop_delivery(self, record: DeliveryRecord, now: datetime) -> None:
        if record.verdict != _NOT_PROBED:
            record.verdict, record.since = _NOT_PROBED, now
            self._record_delivery(record, now)
        record.valid_until = now
        self._writer.delivery(record.target.delivery_id, record)
        self._exposition.forget([(record.target.camera, f"center:{record.target.center}")])

    def _tell_cameras(self, before: Estate | None, estate: Estate) -> None:
        shown = {c: f for c, f in estate.cameras.items() if f.lifecycle is not Lifecycle.RETIRED}
        known = before.cameras if before else {}
        self._exposition.forget([(code, "") for code in known.keys() - shown.keys()])
        for code, facts in shown.items():
            if known.get(code) != facts:
                self._exposition.camera(facts)


def _remembered(known: FeedObservation | None) -> FeedMemory:
    if known is None:
        return FeedMemory()
    return replace(
        FeedMemory.from_json(known.memory()),
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


def _not_before(recorded_from: datetime | None, at: datetime) -> datetime:
    """History only grows: a transition is never written before the one that was written last."""
    return at if recorded_from is None else max(recorded_from, at)
