"""One look from order to evidence: the gate, the door, the judged picture. Always an answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import structlog

from monitor.beacons import Beacons
from monitor.doors.attention import Breath
from monitor.media.loss import is_poor, share_of
from monitor.picture.pool import DecoderPool
from monitor.picture.values import Expected, PictureMemory, PictureReport, PictureRequest
from monitor.plan.lockout import LoginGate, login_key
from monitor.plan.scheduler import Order
from monitor.plan.throttle import LATE_SHARE
from monitor.rtsp.quirks import Quirk
from monitor.verdict import FeedMemory, Seen, is_on_demand, woke_slowly
from registry.clock import Clock
from registry.look import FeedKey, Finding, Look
from registry.targets import Target
from registry.vocabulary import Answer, Depth, Hop, Reason, Stage

log = structlog.get_logger()

PICTURE_JUDGED_S = 15.0  # with the wait for a free decoder; a child that hangs is killed sooner
MEASURE_S = 10.0
SUSPICIOUS_AFTER_S = 60.0  # a relay may hand out one cached keyframe for as long
START_LIMIT_S = 10.0  # so long MediaMTX waits for a source that somebody asks for
BACKSTOP_S = 2.0  # the door ends a look by its own limits first and says which one it was

# What a feed looks like when this machine had no time for it: a time-out fires, though the answer
# waits in the kernel. A starved prober must not call a healthy fleet down.
_BY_TIME = frozenset(
    {
        *(Reason.TIMEOUT, Reason.NO_PACKETS, Reason.BURST_ONLY, Reason.NO_KEYFRAME),
        Reason.PACKET_LOSS,
    }
)
_ROUND_S = 0.1

# What a feed looks like when the prober's own line is cut. What was refused did answer.
_FROM_AFAR = frozenset({Reason.UNREACHABLE, Reason.TIMEOUT, Reason.DNS, Reason.NO_PACKETS})

_RELAYING = frozenset({Hop.RELAY, Hop.CENTER})
_DOUBT = "401 to a login that was taken before, with all sessions in use: asked once more soon"


class Door(Protocol):
    """A way in. `look` always returns a Look; only cancellation is raised."""

    async def look(
        self, target: Target, depth: Depth, deadline: float, *, keyframes: int = 1
    ) -> Look: ...

    def stage_of(self, key: FeedKey) -> Stage | None: ...


class Looker:
    """Carries out orders. It knows nothing of plans and states."""

    def __init__(
        self,
        clock: Clock,
        door: Door,
        pool: DecoderPool,
        gate: LoginGate,
        beacons: Beacons,
        *,
        liveness_limit_s: float = 10.0,
        keyframe_limit_s: float = 10.0,
    ) -> None:
        self._clock = clock
        self._door = door
        self._pool = pool
        self._gate = gate
        self._beacons = beacons
        self._liveness_limit_s = liveness_limit_s
        self._keyframe_limit_s = keyframe_limit_s
        self._breath = Breath(clock, _ROUND_S)
        self._judging: set[FeedKey] = set()

    @property
    def stalled_s(self) -> float:
        """For how long, since the start, the event loop was late while looks were under way."""
        return self._breath.stalled_s

    def stage_of(self, key: FeedKey) -> Stage | None:
        """What a look under way waits for; None where that is no timed stage."""
        return Stage.DECODE if key in self._judging else self._door.stage_of(key)

    async def look(
        self, order: Order, memory: FeedMemory, keyframe_interval_s: float | None
    ) -> tuple[Seen, bytes | None]:
        """What was seen, and a snapshot where one may be kept."""
        try:
            parked = self._parked(order)
            if parked is not None:
                return self._seen(order, parked), None
            order = self._patient(order, memory)
            look = await self._through_the_door(order)
            if look.failure is not None:
                return self._seen(order, await self._explained(order, look, memory)), None
            look = _completed(order, look)
            if look.keyframes:
                return await self._judged(order, look, memory, keyframe_interval_s)
            return self._seen(order, look, suspected=self._repeats(look, memory)), None
        except Exception as error:  # the look runner is a border: one feed must not stop the plan
            log.exception("look_failed", feed=str(order.target.key), depth=order.depth)
            look = self._refused(order, Reason.INTERNAL, type(error).__name__)
            return self._seen(order, look), None

    async def _through_the_door(self, order: Order) -> Look:
        began, stalled_s = self._clock.monotonic(), self._breath.stalled_s
        self._breath.watch()
        try:
            deadline = began + self._limit_s(order) + BACKSTOP_S
            look = await self._door.look(
                order.target, order.depth, deadline, keyframes=order.keyframes
            )
            ended = self._clock.monotonic()
            self._breath.notice(ended)
        finally:
            self._breath.unwatch()
        return _unless_busy(look, ended - began, self._breath.stalled_s - stalled_s)

    async def _explained(self, order: Order, look: Look, memory: FeedMemory) -> Look:
        """A look that failed, by the reason which is the feed's own or ours."""
        look = self._doubted(order, look, memory)
        if look.failure in _FROM_AFAR and not await self._beacons.sees():
            detail = "no beacon answers either: the prober itself is cut off"
            look = replace(look, failure=Reason.VANTAGE_BLIND, detail=detail)
        return replace(look, keyframes=()) if look.keyframes else look

    async def _judged(
        self, order: Order, look: Look, memory: FeedMemory, keyframe_interval_s: float | None
    ) -> tuple[Seen, bytes | None]:
        target = order.target
        before = PictureMemory.from_json(memory.picture_memory)
        request = PictureRequest(
            codec=look.keyframes[-1].codec,
            keyframes=look.keyframes,
            memory=before,
            expected=Expected(target.expected_codec, target.expected_width, target.expected_height),
            want_snapshot=target.snapshots,
            now=self._clock.now(),
            keyframe_interval_s=keyframe_interval_s,
        )
        self._judging.add(target.key)
        try:
            report = await self._pool.judge(request, self._clock.monotonic() + PICTURE_JUDGED_S)
        finally:
            self._judging.discard(target.key)
        seen = self._seen(order, _with_picture(look, report))
        return replace(
            seen,
            picture_memory=report.memory.to_json(),
            fresh_picture=_is_proven_fresh(report),
            suspected=bool(report.suspected),
        ), report.snapshot

    def _repeats(self, look: Look, memory: FeedMemory) -> bool:
        """A keyframe passed by that equals the one of a picture look a while ago: look closer."""
        if look.keyframe_hash is None or look.keyframe_hash not in memory.picture_memory:
            return False  # nearly always, and without reading what is remembered
        before = PictureMemory.from_json(memory.picture_memory)
        if before.arrived_at is None:
            return False
        apart_s = (self._clock.now() - before.arrived_at).total_seconds()
        return look.keyframe_hash == before.keyframe_hash and apart_s >= SUSPICIOUS_AFTER_S

    def _seen(self, order: Order, look: Look, *, suspected: bool = False) -> Seen:
        login = order.target.login if look.signed_attempt else None
        fingerprint = login.fingerprint if login else ""
        return Seen(look, self._clock.now(), login=fingerprint, suspected=suspected)

    def _parked(self, order: Order) -> Look | None:
        """The answer to a look that would send a login which was just rejected."""
        key = login_key(order.target)
        parked_s = self._gate.parked_for_s(key) if key else 0.0
        if key is None or not parked_s:
            return None
        if self._gate.is_in_doubt(key):
            return self._refused(order, Reason.BUSY, _DOUBT)
        detail = f"login was rejected; the next attempt may be made in {parked_s:.0f} s"
        return self._refused(order, Reason.LOCKED_OUT, detail)

    def _doubted(self, order: Order, look: Look, memory: FeedMemory) -> Look:
        """A host at its budget that rejects a login it took a look ago may only be full (Q14)."""
        key = login_key(order.target)
        if key is None:
            return look
        rejected = look.failure is Reason.AUTH_REJECTED and look.signed_attempt
        if rejected and order.crowded and memory.flow.is_good and memory.flow.run_reason is None:
            doubted = self._gate.doubt(key)
        else:
            doubted = look.failure is Reason.LOCKED_OUT and self._gate.is_in_doubt(key)
        return replace(look, failure=Reason.BUSY, detail=_DOUBT) if doubted else look

    def _patient(self, order: Order, memory: FeedMemory) -> Order:
        """A relay that dials its camera only now gets the time for it: where it is known to do
        so, at a first look, and at the picture looks while the feed is down, or one that takes
        longer than our limits would never be found out.
        """
        if order.target.hop not in _RELAYING:
            return order
        known = is_on_demand(memory.woke_at, self._clock.now())
        down = memory.flow.standing is not None and order.depth is Depth.PICTURE
        if not (known or down or not memory.flow.known):
            return order
        return replace(order, target=replace(order.target, start_limit_s=START_LIMIT_S))

    def _limit_s(self, order: Order) -> float:
        fps = order.target.expected_fps
        period_s = 1 / fps if fps else 0.0  # a picture every few seconds by intention (Q145)
        start_s = order.target.start_limit_s or 0.0
        flow_s = self._liveness_limit_s + start_s + 4 * period_s
        keyframe_s = (order.target.keyframe_limit_s or self._keyframe_limit_s) + 2 * period_s
        match order.depth:
            case Depth.LIVENESS:
                return flow_s
            case Depth.PICTURE:
                return flow_s + order.keyframes * keyframe_s
            case Depth.MEASURE:
                return flow_s + MEASURE_S + keyframe_s

    def _refused(self, order: Order, reason: Reason, detail: str) -> Look:
        return Look(
            depth=order.depth,
            started_at=self._clock.now(),
            duration_s=0.0,
            failure=reason,
            detail=detail,
            attempted=False,
        )


def _unless_busy(look: Look, took_s: float, stalled_s: float) -> Look:
    if look.failure not in _BY_TIME or stalled_s <= LATE_SHARE * took_s:
        return look
    busy = f"this machine was too busy to judge, {stalled_s:.1f} of {took_s:.1f} s"
    return replace(look, failure=Reason.INTERNAL, detail=f"{busy}; seen was {look.failure}")


def _completed(order: Order, look: Look) -> Look:
    """A look that got through, with what its times and its packets say."""
    if order.target.hop in _RELAYING and woke_slowly(look):
        look = replace(look, quirks=tuple(sorted({*look.quirks, Quirk.ON_DEMAND})))
    return _with_loss(look) if look.depth is Depth.MEASURE else look


def _with_loss(look: Look) -> Look:
    """Ten seconds of packets are enough to say whether the line loses more than chance does."""
    video = look.video
    share = share_of(video.packets, video.lost)
    if not is_poor(video.packets, video.lost):
        return replace(look, findings={Reason.PACKET_LOSS: Finding(Answer.OK, value=share)})
    words = f"{share:.1%} of {video.packets + video.lost} packets were lost over {look.transport}"
    found = Finding(Answer.FOUND, words, share)
    return replace(look, findings={Reason.PACKET_LOSS: found}, detail=look.detail or words)


def _is_proven_fresh(report: PictureReport) -> bool:
    """Another picture than the one before was seen; a first one has nothing to differ from."""
    frozen = report.findings.get(Reason.FROZEN)
    return report.failure is None and frozen is not None and frozen.answer is Answer.OK


def _found(report: PictureReport) -> str | None:
    """What the checks measured, for the technician."""
    return (
        "; ".join(
            f"{reason}: {finding.why or _measured(finding.value)}"
            for reason, finding in report.findings.items()
            if finding.answer is Answer.FOUND
        )
        or None
    )


def _measured(value: float | None) -> str:
    return "seen" if value is None else f"measured {value:.4g}"


def _with_picture(look: Look, report: PictureReport) -> Look:
    """The look with what its picture showed; the keyframes themselves are not kept."""
    video = replace(
        look.video,
        width=report.width or look.video.width,
        height=report.height or look.video.height,
    )
    return replace(
        look,
        failure=report.failure,
        detail=report.detail or _found(report) or look.detail,
        video=video,
        findings=report.findings,
        stages={**look.stages, Stage.DECODE: report.decode_s},
        keyframe_hash=look.keyframes[-1].vcl_hash,
        keyframes=(),
    )
