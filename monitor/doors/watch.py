"""Watching a stream until the question of a look is answered, or its time is over.

Sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from monitor.doors.attention import Attention
from monitor.doors.limits import Limits
from monitor.doors.line import Line
from monitor.media.flow import LEAST_PICTURES
from monitor.media.loss import is_poor
from monitor.media.video import VideoReceiver
from monitor.rtsp.failures import ProbeError, ProbeFailure, Step, Where
from registry.targets import Target
from registry.values import value
from registry.vocabulary import Depth, Stage

GOODBYE = "the camera said goodbye (RTCP BYE)"
_SILENCE_S = 3.0
_WATCHED_S = 2.0  # above the longest stretch of a flow proof
_WATCHED_SHARE = 0.2  # of a liveness look
_BUSY_SHARE = 0.5  # of the time without attention: above, a missing pace is ours


@value(frozen=True, slots=True)
class Times:
    """When each wait of one look ends; monotonic seconds."""

    first_packet: float
    flow: float
    paced_s: float  # at least so long after the first packet
    keyframe_s: float  # for each keyframe, from the one before
    measured_s: float
    silence_s: float  # after which a stream that was flowing has stopped
    deadline: float

    @classmethod
    def of(cls, target: Target, limits: Limits, started: float, now: float, end: float) -> Times:
        """A camera of 0.2 pictures per second by intention is waited for accordingly (Q145), and
        so is a relay that fetches the picture only when asked. Who was slow to answer is watched
        all the same.
        """
        period = 1 / target.expected_fps if target.expected_fps else 0.0
        start_s = target.start_limit_s or 0.0
        watched_s = min(_WATCHED_S, _WATCHED_SHARE * limits.liveness_s)
        return cls(
            first_packet=now + max(limits.first_packet_s, 2 * period, start_s),
            flow=max(started + limits.liveness_s, now + 4 * period),
            paced_s=limits.liveness_s if start_s else watched_s,
            keyframe_s=max(target.keyframe_limit_s or limits.keyframe_s, 2 * period),
            measured_s=limits.measure_s,
            silence_s=max(min(_SILENCE_S, limits.measure_s / 2), 3 * period),
            deadline=end,
        )


@dataclass(slots=True)
class Aside:
    """What came beside the video."""

    control: int = 0
    unassigned: int = 0  # on channels that were never set up (Q92)
    elsewhere: int = 0  # over UDP, from where nobody was to send


class Watch:
    """Asks after every read: is it known yet? Until then it waits for the next limit."""

    def __init__(
        self,
        line: Line,
        receiver: VideoReceiver,
        attention: Attention,
        times: Times,
        depth: Depth,
        *,
        keyframes: int,
        aside: Aside,
        drain: Callable[[], None],
    ) -> None:
        self.detail: str | None = None
        self.no_random_access = False
        self._line = line
        self._receiver = receiver
        self._attention = attention
        self._times = times
        self._depth = depth
        self._keyframes = keyframes
        self._aside = aside
        self._drain = drain  # answers what the camera asks of us meanwhile (Q08)
        self._where = Where(line.wire.peer, Step.STREAM)
        self._began = line.arrived
        self._progress = 0
        line.on_read = self.has_news
        line.wait_until(self._until())

    def has_news(self) -> bool:
        """Cheap, asked after every read: is there an answer? Another limit is waited for from then
        on.
        """
        receiver = self._receiver
        self._drain()
        progress = receiver.facts.keyframes_seen + receiver.flow.proven
        progress += receiver.rtp.first_arrived is not None
        if progress != self._progress:
            self._progress = progress
            self._line.wait_until(self._until())
        return self.known()

    def known(self) -> bool:
        """The stream showed what was asked, or will never."""
        facts = self._receiver.facts
        if facts.ended or self._receiver.unsupported is not None:
            return True
        if not self._receiver.flow.proven:
            return False
        self._attention.stop()  # it was for the flow proof alone
        if self._depth is Depth.PICTURE:
            return facts.keyframes_seen >= self._keyframes
        if self._depth is Depth.MEASURE:
            return self._line.arrived >= self._measured_at()
        return True

    def stage(self) -> Stage | None:
        """What is waited for; None where it is only that frames go on."""
        if self._receiver.rtp.first_arrived is None:
            return Stage.FIRST_PACKET
        wants = self._depth is Depth.PICTURE
        more = wants and self._receiver.facts.keyframes_seen < self._keyframes
        return Stage.FIRST_KEYFRAME if more else None

    async def run(self) -> None:
        """Returns when the stream showed what was asked. Raises ProbeError."""
        while True:
            if self._answered():
                return
            self._refuse_endings()
            until = self._until()
            if not await self._line.wait(until) and self._until() <= until:
                self._receiver.flush()
                if self._answered() or self._is_enough_at(until):
                    return
                self._fail_at(until)

    def _until(self) -> float:
        return min(self._limit(), self._times.deadline)

    def _answered(self) -> bool:
        facts = self._receiver.facts
        return not facts.ended and self._receiver.unsupported is None and self.known()

    def _refuse_endings(self) -> None:
        facts, line = self._receiver.facts, self._line
        if self._receiver.unsupported is not None:
            self._fail(ProbeFailure.UNSUPPORTED, self._receiver.unsupported)
        if facts.ended:
            self._fail(ProbeFailure.ENDED_BY_CAMERA, GOODBYE)  # Q102
        if line.error is not None:
            raise line.error
        if line.ended:
            if self._receiver.rtp.packets:
                self._fail(
                    ProbeFailure.ENDED_BY_CAMERA,
                    f"the camera closed the connection after {self._seen()}",
                )
            self._fail(ProbeFailure.CLOSED, "the camera closed the connection before any packet")

    def _measured_at(self) -> float:
        return (self._receiver.rtp.first_arrived or 0.0) + self._times.measured_s

    def _limit(self) -> float:
        """The next moment at which waiting on would be wrong."""
        times, facts = self._times, self._receiver.facts
        if self._receiver.rtp.first_arrived is None:
            return times.first_packet
        flow = max(times.flow, self._receiver.rtp.first_arrived + times.paced_s)
        if self._depth is Depth.MEASURE:
            return max(self._measured_at(), 0 if self._receiver.flow.proven else flow)
        if self._depth is Depth.PICTURE and self._receiver.flow.proven:
            since = facts.last_keyframe or self._receiver.rtp.first_arrived
            return since + times.keyframe_s
        return flow

    def _is_enough_at(self, until: float) -> bool:
        """A limit passed, and what was seen is an answer all the same."""
        if until < self._limit() or not self._receiver.flow.proven or self._stopped(until):
            return False
        if self._depth is Depth.MEASURE:
            return True
        if self._depth is not Depth.PICTURE:
            return False
        if self._receiver.facts.keyframes_seen:
            self.detail = f"no further keyframe within {self._times.keyframe_s:g} s"
            return True
        if self._receiver.units.intra_refresh:  # Q140
            self.no_random_access = True
            self.detail = "intra refresh: pictures advance, none is one where decoding can begin"
            return True
        return False

    def _fail_at(self, until: float) -> NoReturn:
        receiver, flow = self._receiver, self._receiver.flow
        if until < self._limit():
            self._fail(
                ProbeFailure.TIMEOUT, f"the look's time was over during the stream, {self._seen()}"
            )
        if not flow.proven and receiver.said_goodbye_early:
            self._fail(ProbeFailure.ENDED_BY_CAMERA, f"{GOODBYE}, {self._seen()}")
        if receiver.rtp.first_arrived is None:
            self._fail(ProbeFailure.NO_PACKETS, f"play was answered, then {self._seen()}")
        elapsed = until - self._began
        if not flow.proven and self._attention.stalled_s > _BUSY_SHARE * elapsed:
            busy = f"{self._attention.stalled_s:.1f} of {elapsed:.1f} s"
            self._fail(ProbeFailure.INTERNAL, f"this machine was too busy to judge: {busy}")
        if not receiver.units.pictures:
            self._fail(ProbeFailure.NO_PACKETS, f"no picture data: {self._seen()}")
        if not flow.proven:
            few = "too few" if flow.pictures < LEAST_PICTURES else "none paced in real time"
            self._fail(ProbeFailure.BURST_ONLY, f"{self._seen()}, {few}")
        if self._stopped(until):
            self._fail(ProbeFailure.NO_PACKETS, f"the packets stopped: {self._seen()}")
        self._fail_without_keyframe()

    def _fail_without_keyframe(self) -> NoReturn:
        """Keyframes that come and lose a part each are no fault of the camera's settings."""
        rtp, why = self._receiver.rtp, self._receiver.facts.incomplete
        torn = self._receiver.units.torn and is_poor(rtp.packets, rtp.lost)
        whole = f"none whole: {why}" if why else "none began"
        self._fail(
            ProbeFailure.PACKET_LOSS if torn else ProbeFailure.NO_KEYFRAME,
            f"no keyframe within {self._times.keyframe_s:g} s, {whole}; {self._seen()}",
        )

    def _stopped(self, now: float) -> bool:
        return now - self._receiver.rtp.last_arrived > self._times.silence_s

    def _seen(self) -> str:
        rtp = self._receiver.rtp
        words = [f"{rtp.packets} packets", f"{self._receiver.units.pictures} pictures"]
        counts = {
            "of unknown type": rtp.unknown_type,
            "of another source": rtp.foreign,
            "malformed": rtp.malformed,
            "lost": rtp.lost,
            "on other channels": self._aside.unassigned,
            "from other addresses or ports": self._aside.elsewhere,
            "control": self._aside.control,
        }
        words += [f"{count} {name}" for name, count in counts.items() if count]
        return f"saw {', '.join(words)}"

    def _fail(self, failure: ProbeFailure, message: str) -> NoReturn:
        raise ProbeError(failure, message, self._where)
