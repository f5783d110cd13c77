"""What one look at one feed saw: plain frozen values that every room shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from registry.values import value
from registry.vocabulary import Answer, Codec, Depth, Outcome, Reason, Stage, shown_reason

NO_CHECK_YET = "no check for this yet"  # why of a finding that this version does not look for


class FeedKey(NamedTuple):
    """A feed by the names that never change: the camera's code and the feed's id in it."""

    camera: str
    feed: str

    def __str__(self) -> str:
        return f"{self.camera}/{self.feed}"


@value(frozen=True, slots=True)
class Finding:
    """One picture check's answer; `why` says more, `value` is what was measured."""

    answer: Answer
    why: str | None = None
    value: float | None = None


@value(frozen=True, slots=True, kw_only=True)
class Video:
    """What the stream showed. What was not measured at this depth is None, never 0."""

    codec: Codec | None = None
    width: int | None = None
    height: int | None = None
    frames: int = 0
    packets: int = 0
    lost: int = 0
    frames_per_second: float | None = None
    bytes_per_second: float | None = None
    jitter_s: float | None = None
    keyframe_interval_s: float | None = None


@value(frozen=True, slots=True, kw_only=True)
class Keyframe:
    """One complete random access point, ready for a decoder.

    `data` is an Annex B access unit led by the parameter sets in force (H.264, H.265), a whole
    JPEG, or an I-VOP led by its configuration (MPEG-4). `vcl_hash` covers the coded picture only
    (no parameter sets, SEI, AUD, idr_pic_id, tables, times): equal hashes of two GOPs are finding
    F1. `incomplete` says why the unit must not be judged; None when it is whole.
    """

    codec: Codec
    data: bytes
    vcl_hash: str
    rtp_time: int
    arrived_s: float  # monotonic clock at the last packet
    gop: int  # ordinal within the look: equal numbers are the same keyframe
    incomplete: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class Look:
    """One probe of one feed at one depth. `failure` is None when frames advanced in real time."""

    depth: Depth
    started_at: datetime
    duration_s: float
    failure: Reason | None = None
    detail: str | None = (
        None  # for the technician: what was seen, what was expected; never a secret
    )
    transport: str | None = None  # of the media: tcp, udp, tls
    certificate_expires_at: datetime | None = None  # of the camera's certificate, over TLS
    stages: Mapping[Stage, float] = field(default_factory=lambda: MappingProxyType({}))
    video: Video = Video()
    first_frame_s: float | None = None  # from the first byte sent to the first whole frame
    clock_offset_s: float | None = None
    bytes_received: int = 0
    findings: Mapping[Reason, Finding] = field(default_factory=lambda: MappingProxyType({}))
    quirks: tuple[str, ...] = ()
    server: str | None = None
    log: tuple[str, ...] = ()  # the conversation in short lines, kept with failing looks
    keyframe_hash: str | None = None  # of a keyframe that passed by, at any depth
    keyframes: tuple[Keyframe, ...] = ()  # for the decoder; dropped once judged
    signed_attempt: bool = False  # a login was sent: lock-out accounting
    attempted: bool = True  # False: nothing was sent, the login is parked
    lingers_s: float | None = None  # so long the camera may hold a session that nobody ended

    @property
    def outcome(self) -> Outcome:
        reason = shown_reason(self.reasons)
        return Outcome.LIVE if reason is None else reason.reason_class.outcome

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """All that this look holds against the feed: its failure, or what its picture showed."""
        if self.failure is not None:
            return (self.failure,)
        if not self.findings:
            return ()
        return tuple(r for r, f in self.findings.items() if f.answer is Answer.FOUND)
