"""One video track: RTP and RTCP in; counts, flow proof and keyframes out.

Knows no connection and no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from monitor.media.codecs import READERS
from monitor.media.flow import FlowProof
from monitor.media.parameter_sets import Size
from monitor.media.pictures import CUT_OFF, KeyframeUnit
from monitor.media.rtcp import Bye, SenderReport, parse_rtcp
from monitor.media.rtp import RtpReceiver, signed_difference

SUPPORTED = frozenset(READERS)
_WARM_UP_S = 1.0  # the first second may hold pictures from before the session (Q129)


@dataclass(slots=True)
class Pace:
    """When pictures came, for the figures of a measurement."""

    counted: int = 0
    first: float = 0.0
    last: float = 0.0
    _begun: float | None = None

    def picture(self, arrived: float) -> None:
        if self._begun is None:
            self._begun = arrived
        if arrived - self._begun < _WARM_UP_S:
            return
        if not self.counted:
            self.first = arrived
        self.counted += 1
        self.last = arrived

    @property
    def per_second(self) -> float | None:
        took = self.last - self.first
        return (self.counted - 1) / took if self.counted > 1 and took > 0 else None


@dataclass(slots=True)
class KeyframeTimes:
    first: int | None = None
    span: int = 0
    steps: int = 0
    _last: int = 0

    def keyframe(self, rtp_time: int) -> None:
        if self.first is None:
            self.first = rtp_time
        elif (step := signed_difference(rtp_time, self._last)) > 0:
            self.span += step
            self.steps += 1
        self._last = rtp_time


@dataclass(slots=True)
class VideoFacts:
    """What cannot be counted by the parts themselves."""

    keyframes: list[KeyframeUnit] = field(default_factory=list)
    keyframe_hash: str | None = None
    keyframes_seen: int = 0  # whole ones
    first_keyframe: float | None = None
    last_keyframe: float | None = None
    incomplete: str | None = None  # why one was not whole: the last that was not merely cut off
    ended: bool = False
    early_goodbye: tuple[int, ...] | None = None  # whose, before anything came: perhaps not ours
    report: tuple[float, float] | None = None  # (camera's unix time, arrival)
    sprop_unusable: bool = False


class VideoReceiver:
    def __init__(
        self,
        encoding: str,
        payload_types: frozenset[int],
        clock_rate: int,
        flow: FlowProof,
        *,
        fmtp: Mapping[str, str],
        attentive: Callable[[float], float],
        announced_ssrc: int | None = None,
        keep_keyframes: int = 0,
        measures: bool = False,
        reorders: bool = False,
    ) -> None:
        """`reorders`: packets come as datagrams and may overtake each other."""
        reader = READERS[encoding](fmtp)
        self.facts = VideoFacts(sprop_unusable=not reader.description_usable)
        self.flow = flow
        self.pace = Pace()
        self.times = KeyframeTimes()
        self.units = reader.pictures
        self._announced = announced_ssrc
        self._attentive = attentive  # an arrival, less the time this machine was not attentive
        self.clock_rate = clock_rate
        self._keep = keep_keyframes
        self.units.on_picture = self._picture
        self.units.on_keyframe = self._keyframe
        self.units.wants_data = keep_keyframes > 0
        self._depacketiser = reader.depacketiser
        self._apart_s = reader.keyframes_apart_s
        self.rtp = RtpReceiver(
            payload_types,
            clock_rate,
            self._depacketiser.payload,
            announced_ssrc,
            measures_jitter=measures or reorders,  # over UDP the camera is told of it
            reorders=reorders,
        )

    @property
    def unsupported(self) -> str | None:
        """A packetisation that is really used and not read."""
        return self._depacketiser.unsupported

    @property
    def size(self) -> Size | None:
        return self.units.shape.size

    @property
    def keyframe_interval_s(self) -> float | None:
        times = self.times
        return times.span / times.steps / self.clock_rate if times.steps else None

    def flush(self) -> None:
        """A limit has come: what was received so far is judged as it is."""
        self.rtp.flush()
        self.units.flush()

    def rtcp(self, view: memoryview, arrived: float) -> None:
        for item in parse_rtcp(view):
            match item:
                case SenderReport():
                    if self.rtp.ssrc in (None, item.ssrc):
                        self.facts.report = (item.unix_s, arrived)
                case Bye():
                    self._said_goodbye(item.ssrcs)

    @property
    def said_goodbye_early(self) -> bool:
        """It fits: nothing has come since, or only what that source had sent."""
        said, ssrc = self.facts.early_goodbye, self.rtp.ssrc
        return said is not None and (ssrc is None or ssrc in said)

    def _said_goodbye(self, ssrcs: tuple[int, ...]) -> None:
        ours = self._announced if self.rtp.ssrc is None else self.rtp.ssrc
        if ours in ssrcs:
            self.facts.ended = True
        elif self.rtp.ssrc is None:
            self.facts.early_goodbye = ssrcs

    def _picture(self, rtp_time: int, arrived: float) -> None:
        if not self.flow.proven:
            self.flow.picture(rtp_time, self._attentive(arrived))
        self.pace.picture(arrived)

    def _keyframe(self, unit: KeyframeUnit) -> None:
        self.times.keyframe(unit.rtp_time)
        facts = self.facts
        if unit.incomplete is not None:
            if facts.incomplete is None or unit.incomplete != CUT_OFF:
                facts.incomplete = unit.incomplete
            return
        facts.keyframe_hash = unit.vcl_hash
        last = facts.last_keyframe
        if last is not None and unit.arrived - last < self._apart_s:
            return
        facts.keyframes_seen += 1
        facts.last_keyframe = unit.arrived
        if facts.first_keyframe is None:
            facts.first_keyframe = unit.arrived
        if len(facts.keyframes) < self._keep:
            facts.keyframes.append(unit)
