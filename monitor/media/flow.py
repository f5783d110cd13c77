"""Whether pictures advance in real time: the proof behind "live". Judges nothing but their pace.

A relay hands out its cached pictures as fast as the wire takes them, which over TCP means in
clumps one round trip apart. So pace is measured over a stretch longer than such a clump, behind
the first picture, and only in time during which this machine was itself attentive: a stall of ours
must not look like a pause.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from monitor.media.rtp import signed_difference

LEAST_PICTURES = 3
LEAST_STRETCH_S = 0.05
_CLUMPS = 2.5  # round trips
_LONGEST_STRETCH_S = 1.0
_KEPT = 256  # pictures looked back upon
_PICTURE_PACE = 0.5  # an arrival gap of at least half the RTP gap (DESIGN section 3)


@dataclass(slots=True)
class FlowProof:
    """Fed with each picture's first arrival, in attentive seconds."""

    clock_rate: int
    stretch_s: float = LEAST_STRETCH_S
    pictures: int = 0
    proven: bool = False
    _front: int = 0  # newest RTP time, unwrapped: B-pictures come behind it (Q128)
    _raw: int = 0
    _seen: deque[tuple[float, int]] | None = None

    @classmethod
    def for_round_trip(cls, clock_rate: int, round_trip_s: float) -> FlowProof:
        stretch = min(max(LEAST_STRETCH_S, _CLUMPS * round_trip_s), _LONGEST_STRETCH_S)
        return cls(clock_rate, stretch)

    def picture(self, rtp_time: int, attentive_s: float) -> None:
        """A picture has begun to arrive; until it is proven."""
        self.pictures += 1
        if self._seen is None:  # the first may have waited for anything: it anchors nothing
            self._seen = deque(maxlen=_KEPT)
            self._raw = rtp_time
            return
        ahead = signed_difference(rtp_time, self._raw)
        if ahead > 0:
            self._front += ahead
            self._raw = rtp_time
        elif -ahead > 10 * self.clock_rate:  # jumped back: go on from there
            self._raw = rtp_time
        self._seen.append((attentive_s, self._front))
        if self.pictures >= LEAST_PICTURES:
            self.proven = self._paced(attentive_s)

    def _paced(self, now: float) -> bool:
        """The shortest stretch that is long enough: did it take at least half its RTP time?"""
        seen = self._seen
        if not seen or now - seen[0][0] < self.stretch_s:
            return False
        for arrived, front in reversed(seen):
            took = now - arrived
            if took >= self.stretch_s:
                return took >= _PICTURE_PACE * (self._front - front) / self.clock_rate
        return False
