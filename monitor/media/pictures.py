"""Pictures counted by their RTP time, and the one being received if decoding can begin at it.

Reads no syntax: what a codec's bytes mean is said by those that build on it. A picture begins with
the first coded data of another RTP time (Q117 - Q119) and is whole when the next one begins. Only
a picture at which decoding can begin is copied; of the others nothing is kept.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from monitor.media.coding import Bytes
from monitor.media.parameter_sets import Shape

MAX_UNIT_BYTES = 5 * 1024 * 1024  # Q126
CUT_OFF = "its end was not seen"  # the camera's doing, or that of a limit of ours


@dataclass(frozen=True, slots=True)
class KeyframeUnit:
    """One random access point as it came. `incomplete` says why it must not be judged; then it
    has neither data nor hash.
    """

    data: (
        bytes  # ready for a decoder: led by the configuration in force, or a whole JPEG; if wanted
    )
    vcl_hash: str
    rtp_time: int
    arrived: float
    gop: int
    incomplete: str | None


def _ignore(_rtp_time: int, _arrived: float) -> None:
    """Nobody counts."""


def _drop(_unit: KeyframeUnit) -> None:
    """Nobody wants keyframes."""


class Pictures(ABC):
    """`packet` opens each packet; then the codec says what of it is coded data, and of what."""

    def __init__(self, shape: Shape) -> None:
        self.on_picture: Callable[[int, float], None] = _ignore
        self.on_keyframe: Callable[[KeyframeUnit], None] = _drop
        self.wants_data = True  # or of keyframes only the hash
        self.shape = shape
        self.pictures = 0
        self.random_access_points = 0
        self.torn = False  # a keyframe lost packets on the way
        self.intra_refresh = False  # recovery points on pictures that are not intra (Q140)
        self.first_whole: float | None = None
        self._time: int | None = None  # RTP time of the picture being received
        self._packet_time = 0
        self._arrived = 0.0
        self._packet_arrived = 0.0
        self._marked = False  # the last packet with coded data had the marker
        self._packet_marker = False
        self._unit: bytearray | None = None  # the keyframe being received
        self._broken: str | None = None

    def let_go(self) -> None:
        """Nobody listens any more. Who does knows this, too: it would be a circle."""
        self.on_picture, self.on_keyframe = _ignore, _drop

    # --- per packet ---

    def packet(self, rtp_time: int, marker: bool, gap: bool, arrived: float) -> None:
        """A packet begins; `gap`: packets before it were lost."""
        self._packet_time = rtp_time
        self._packet_marker = marker
        self._packet_arrived = arrived
        if gap:
            self._lost(rtp_time)

    def _lost(self, rtp_time: int) -> None:
        if self._unit is None:
            return
        if rtp_time == self._time:
            self._broken = "packets were lost inside it"
            self.torn = True
        elif not self._marked:
            self._broken = "packets were lost at its end"
            self.torn = True

    def _coded_data(self) -> None:
        """This packet carries some of the picture being received."""
        self._arrived = self._packet_arrived
        self._marked = self._packet_marker
        if self._marked and self.first_whole is None:
            self.first_whole = self._arrived

    # --- per picture ---

    def _next_picture(self) -> None:
        self.flush(ended=True)
        self._time = self._packet_time
        self.pictures += 1
        if self.pictures == 2 and self.first_whole is None:
            self.first_whole = self._packet_arrived  # the marker is never set (Q118)
        self.on_picture(self._packet_time, self._packet_arrived)

    def _open_unit(self) -> None:
        self.random_access_points += 1
        self._unit = bytearray()
        self._broken = None

    def _append(self, body: Bytes) -> bool:
        """False when the keyframe has grown too large to be one."""
        if self._unit is None:
            return True
        if len(self._unit) + len(body) > MAX_UNIT_BYTES:
            self._broken = f"it is larger than {MAX_UNIT_BYTES} bytes"
            self._unit = bytearray()
            return False
        self._unit += body
        return True

    def flush(self, *, ended: bool = False) -> None:
        """Hand on the keyframe being received; `ended`: another picture has begun."""
        unit, self._unit = self._unit, None
        if unit is None or self._time is None:
            return
        incomplete = self._incomplete(unit, ended=ended)
        whole = incomplete is None
        self.on_keyframe(
            KeyframeUnit(
                data=self._decodable(unit) if whole and self.wants_data else b"",
                vcl_hash=self._hash(unit) if whole else "",
                rtp_time=self._time,
                arrived=self._arrived,
                gop=self.random_access_points,
                incomplete=incomplete,
            )
        )

    def _incomplete(self, unit: bytearray, *, ended: bool) -> str | None:
        if self._broken is not None:
            return self._broken
        if (missing := self._missing(unit)) is not None:
            return missing
        return None if ended or self._marked else CUT_OFF

    # --- per codec ---

    @abstractmethod
    def _missing(self, unit: bytearray) -> str | None:
        """What this keyframe lacks although no packet was lost."""

    @abstractmethod
    def _decodable(self, unit: bytearray) -> bytes: ...

    @abstractmethod
    def _hash(self, unit: bytearray) -> str:
        """Of what was coded alone: no configuration, no times."""
