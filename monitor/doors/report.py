"""From what a look gathered to the Look that everybody reads.

The border where secrets are taken out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias, assert_never

from monitor.doors.failures import reason_of
from monitor.media.pictures import KeyframeUnit
from monitor.media.video import VideoReceiver
from monitor.rtsp.failures import ProbeError
from monitor.rtsp.messages import printable
from monitor.rtsp.quirks import Quirk
from monitor.rtsp.url import NO_SECRETS, Redactor, Secrets
from registry.clock import Clock
from registry.look import Keyframe, Look, Video
from registry.vocabulary import Codec, Depth, Stage

_MAX_LINES = 40
_MAX_LINE = 200
_MAX_DETAIL = 500
_CODECS = {
    "H264": Codec.H264,
    "H265": Codec.H265,
    "JPEG": Codec.MJPEG,
    "MP4V-ES": Codec.MPEG4,
}


# An event in words, an answer's status and reason, or a request's method and whether it was
# signed: whole messages would be kept for the length of every look.
Said: TypeAlias = str | tuple[int, str] | tuple[str, bool]


@dataclass(slots=True, kw_only=True)
class Account:
    """What happened so far, as it happened."""

    depth: Depth
    started_at: datetime
    started: float
    secrets: Secrets = NO_SECRETS
    told: bool = False  # the peer was sent a secret as it is
    stages: dict[Stage, float] = field(default_factory=dict)
    said: list[tuple[float, Said]] = field(default_factory=list)  # when, and what
    quirks: set[Quirk] = field(default_factory=set)
    receiver: VideoReceiver | None = None
    encoding: str | None = None
    transport: str | None = None
    certificate_expires_at: datetime | None = None
    play_sent: float | None = None
    first_sent: float | None = None
    signed_attempt: bool = False
    lingers_s: float | None = None
    bytes_received: int = 0
    dropped_here: int = 0  # datagrams that came and found no room: not lost on the way
    server: str | None = None
    detail: str | None = None
    error: ProbeError | None = None

    def log(self, now: float, what: Said) -> None:
        """Put into words only if somebody is to read them."""
        if len(self.said) < _MAX_LINES:
            self.said.append((now - self.started, what))

    def took(self, stage: Stage, seconds: float) -> None:
        """Add to a stage: a signed repetition belongs to its step."""
        self.stages[stage] = self.stages.get(stage, 0.0) + seconds


def look_of(account: Account, clock: Clock) -> Look:
    error, receiver, now = account.error, account.receiver, clock.monotonic()
    detail = account.detail if error is None else _words(error, account)
    if error is not None:
        account.log(now, f"! {error.failure}: {error.message}")
    shown = account.secrets.redactor(told=account.told)
    return Look(
        depth=account.depth,
        started_at=account.started_at,
        duration_s=now - account.started,
        failure=reason_of(error.failure) if error is not None else None,
        detail=printable(shown(detail), _MAX_DETAIL) if detail else None,
        transport=account.transport,
        certificate_expires_at=account.certificate_expires_at,
        stages=MappingProxyType(_stages(account)),
        video=_video(account),
        first_frame_s=_first_frame(account),
        clock_offset_s=_clock_offset(account, clock),
        bytes_received=account.bytes_received,
        quirks=_quirks(account.quirks, receiver),
        server=shown(account.server) if account.server else None,
        log=_log(account, shown),
        keyframe_hash=receiver.facts.keyframe_hash if receiver is not None else None,
        keyframes=_keyframes(account),
        signed_attempt=account.signed_attempt,
        lingers_s=account.lingers_s,
    )


def _log(account: Account, shown: Redactor) -> tuple[str, ...]:
    """Told where there is something to explain, or may be: the picture was not judged yet."""
    if account.error is None and account.depth is Depth.LIVENESS:
        return ()
    lines = (f"+{after_s:.3f} {_line(what)}"[:_MAX_LINE] for after_s, what in account.said)
    return tuple(printable(shown(line), _MAX_LINE) for line in lines)


def _line(what: Said) -> str:
    match what:
        case (int(status), str(reason)):
            return f"< {status} {printable(reason, 60)}"
        case (str(method), bool(signed)):
            return f"> {method}{' signed' if signed else ''}"
        case str():
            return what
    assert_never(what)


def _words(error: ProbeError, account: Account) -> str:
    """Bytes of a peer that knows a secret are not shown: hex hides from a redactor."""
    return f"{error.message} ({error.where})" if account.told else str(error)


def _stages(account: Account) -> dict[Stage, float]:
    """First packet and keyframe are counted from PLAY."""
    stages, receiver, play_sent = account.stages, account.receiver, account.play_sent
    if receiver is None or play_sent is None:
        return stages
    if (packet := receiver.rtp.first_arrived) is not None:
        stages[Stage.FIRST_PACKET] = max(0.0, packet - play_sent)
    if (keyframe := receiver.facts.first_keyframe) is not None:
        stages[Stage.FIRST_KEYFRAME] = max(0.0, keyframe - play_sent)
    return stages


def _video(account: Account) -> Video:
    receiver = account.receiver
    if receiver is None:
        return Video()
    size, rtp = receiver.size, receiver.rtp
    measured = account.depth is Depth.MEASURE and rtp.first_arrived is not None
    took = rtp.last_arrived - (rtp.first_arrived or 0.0)
    return Video(
        codec=_CODECS[account.encoding] if account.encoding else None,
        width=size.width if size else None,
        height=size.height if size else None,
        frames=receiver.units.pictures,
        packets=rtp.packets,
        lost=max(0, rtp.lost - account.dropped_here),
        frames_per_second=receiver.pace.per_second if measured else None,
        bytes_per_second=rtp.bytes / took if measured and took > 0 else None,
        jitter_s=rtp.jitter if measured else None,
        keyframe_interval_s=receiver.keyframe_interval_s if measured else None,
    )


def _first_frame(account: Account) -> float | None:
    receiver, sent = account.receiver, account.first_sent
    if receiver is None or sent is None or receiver.units.first_whole is None:
        return None
    return max(0.0, receiver.units.first_whole - sent)


def _clock_offset(account: Account, clock: Clock) -> float | None:
    """The camera's clock minus ours, when it sent its report (Q130)."""
    receiver = account.receiver
    if account.depth is not Depth.MEASURE or receiver is None or receiver.facts.report is None:
        return None
    camera_s, arrived = receiver.facts.report
    return camera_s - (clock.now().timestamp() - (clock.monotonic() - arrived))


def _quirks(noted: set[Quirk], receiver: VideoReceiver | None) -> tuple[Quirk, ...]:
    if receiver is not None:
        noted = noted.union(_media_quirks(receiver))
    return tuple(sorted(noted)) if noted else ()


def _media_quirks(receiver: VideoReceiver) -> Iterator[Quirk]:
    rtp, shape = receiver.rtp, receiver.units.shape
    if rtp.ssrc_differs:
        yield Quirk.SSRC_DIFFERS
    if rtp.foreign:
        yield Quirk.FOREIGN_SSRC
    if rtp.resets:
        yield Quirk.STREAM_RESET
    if shape.size_unreadable:
        yield Quirk.SIZE_UNKNOWN
    if shape.changed:
        yield Quirk.PARAMETERS_CHANGED
    if receiver.facts.sprop_unusable:
        yield Quirk.SPROP_UNUSABLE


def _keyframes(account: Account) -> tuple[Keyframe, ...]:
    if account.receiver is None or account.encoding is None or account.error is not None:
        return ()
    codec = _CODECS[account.encoding]
    return tuple(_keyframe(codec, unit) for unit in account.receiver.facts.keyframes)


def _keyframe(codec: Codec, unit: KeyframeUnit) -> Keyframe:
    return Keyframe(
        codec=codec,
        data=unit.data,
        vcl_hash=unit.vcl_hash,
        rtp_time=unit.rtp_time,
        arrived_s=unit.arrived,
        gop=unit.gop,
        incomplete=unit.incomplete,
    )
