"""What the running monitor holds of one feed and one delivery. Plain state; it decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from monitor.delivery import DeliveryVerdict
from monitor.kept import KEPT_LOOKS, Looks, keep
from monitor.media.loss import share_of
from monitor.verdict import FeedMemory, Rhythm, settle
from registry.look import FeedKey, Look
from registry.observed import DeliveryObservation, FeedObservation
from registry.targets import DeliveryTarget, Target
from registry.vocabulary import Reason


@dataclass(slots=True)
class Measured:
    """The last measured figures of a feed; None until one was measured."""

    frames_per_second: float | None = None
    bytes_per_second: float | None = None
    packet_loss_ratio: float | None = None
    clock_offset_s: float | None = None
    first_frame_s: float | None = None
    keyframe_interval_s: float | None = None
    certificate_expires_at: datetime | None = None

    def take(self, look: Look) -> None:
        video = look.video
        self.frames_per_second = _newer(video.frames_per_second, self.frames_per_second)
        self.bytes_per_second = _newer(video.bytes_per_second, self.bytes_per_second)
        self.keyframe_interval_s = _newer(video.keyframe_interval_s, self.keyframe_interval_s)
        self.clock_offset_s = _newer(look.clock_offset_s, self.clock_offset_s)
        self.first_frame_s = _newer(look.first_frame_s, self.first_frame_s)
        if look.certificate_expires_at is not None or look.transport is not None:
            # One that came to the media without TLS says that there is no certificate any more.
            self.certificate_expires_at = look.certificate_expires_at
        if video.frames_per_second is not None:
            self.packet_loss_ratio = share_of(video.packets, video.lost)


@dataclass(slots=True)
class FeedRecord:
    target: Target
    rhythm: Rhythm
    memory: FeedMemory
    valid_until: datetime
    measured: Measured = field(default_factory=Measured)
    looks: Looks = ()
    failing_looks: Looks = ()
    detail: str | None = None
    recorded_from: datetime | None = None  # no transition is written before this
    expiry_at: datetime | None = None  # when it is next asked whether its knowledge has ended

    @property
    def key(self) -> FeedKey:
        return self.target.key

    def keep(self, look: Look) -> None:
        """Failures are kept apart, so that one stays inspectable after it scrolled out."""
        if not look.attempted:
            return
        self.looks = keep(look, self.looks)
        if look.reasons:
            self.failing_looks = (self.looks[0], *self.failing_looks[: KEPT_LOOKS - 1])
        self.measured.take(look)

    def explain(self, look: Look) -> None:
        """Keep the detail of the look whose reason is shown, not of whichever came last."""
        reason = self.memory.reason
        if reason is None or reason is Reason.NOT_PROBED:
            self.detail = None
        elif reason in look.reasons:
            self.detail = look.detail

    def observation(self) -> FeedObservation:
        """What is written of it."""
        memory = self.memory
        return FeedObservation(
            feed_id=self.target.feed_id,
            state=memory.state,
            reason=memory.reason,
            detail=self.detail,
            since=memory.since or self.valid_until,
            valid_until=self.valid_until,
            last_look_at=memory.last_look_at,
            last_frame_at=memory.last_frame_at,
            last_fresh_picture_at=memory.last_fresh_picture_at,
            memory=memory.to_json,
        )

    def start_over(self, target: Target, rhythm: Rhythm, now: datetime) -> None:
        """Another place or device: nothing that was known holds."""
        self.target, self.rhythm, self.memory = target, rhythm, settle(FeedMemory(), rhythm, now)
        self.valid_until, self.expiry_at = now, None
        self.measured = Measured()
        self.detail = None
        self.looks = self.failing_looks = ()


@dataclass(slots=True)
class DeliveryRecord:
    target: DeliveryTarget
    verdict: DeliveryVerdict
    since: datetime
    valid_until: datetime
    recorded_from: datetime | None = None

    def observation(self) -> DeliveryObservation:
        return DeliveryObservation(
            delivery_id=self.target.delivery_id,
            state=self.verdict.state,
            failing_at=self.verdict.failing_at,
            reason=self.verdict.reason,
            since=self.since,
            valid_until=self.valid_until,
        )


def _newer(value: float | None, before: float | None) -> float | None:
    return before if value is None else value
