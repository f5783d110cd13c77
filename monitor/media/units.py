"""NAL units in, pictures counted and keyframes assembled out. Trusts neither marker bits nor
timestamps alone.

A picture begins with the first slice data of another RTP time (Q117 - Q119) and is whole when the
next one begins. Only a picture at which decoding can begin is copied; of the others nothing is
kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from monitor.media.coding import Coding, Kind
from monitor.media.parameter_sets import MAX_SET_BYTES, START_CODE

MAX_UNIT_BYTES = 5 * 1024 * 1024  # Q126
_PEEK = 32  # bytes of a slice that tell what it is
_VCL = (Kind.SLICE, Kind.RANDOM_ACCESS)


@dataclass(frozen=True, slots=True)
class KeyframeUnit:
    """One random access point as it came. `incomplete` says why it must not be judged."""

    data: bytes  # Annex B, led by the parameter sets in force
    vcl_hash: str
    rtp_time: int
    arrived: float
    gop: int
    incomplete: str | None


def _ignore(_rtp_time: int, _arrived: float) -> None:
    """Nobody counts."""


def _drop(_unit: KeyframeUnit) -> None:
    """Nobody wants keyframes."""


class AccessUnits:
    """Fed by a depacketiser: `packet` before the NAL units of each packet, then `begin`, `more`,
    `end`.
    """

    def __init__(self, coding: Coding) -> None:
        self.on_picture: Callable[[int, float], None] = _ignore
        self.on_keyframe: Callable[[KeyframeUnit], None] = _drop
        self.sets = coding.new_parameter_sets()
        self.pictures = 0
        self.random_access_points = 0
        self.intra_refresh = False  # recovery points on pictures that are not intra (Q140)
        self.first_whole: float | None = None
        self.steady_time: int | None = None  # packets of this RTP time only go on with a slice
        self._coding = coding
        self._time: int | None = None  # RTP time of the picture being received
        self._packet_time = 0
        self._arrived = 0.0
        self._packet_arrived = 0.0
        self._marked = False  # the last packet with slice data had the marker
        self._packet_gap = False
        self._packet_marker = False
        self._recovery: bytes | None = None  # an SEI with a recovery point, waiting for its picture
        self._small: bytearray | None = None  # a parameter set or SEI being received
        self._small_type = 0
        self._unit: bytearray | None = None  # the keyframe being received
        self._slices: list[int] = []
        self._in_slice = False
        self._has_first = False
        self._broken: str | None = None

    def nal_type(self, nal: bytes) -> int:
        return self._coding.nal_type(nal[0]) if nal else -1

    # --- per packet ---

    def packet(self, rtp_time: int, marker: bool, gap: bool, arrived: float) -> None:
        """A packet begins; `gap`: packets before it were lost."""
        self._packet_time = rtp_time
        self._packet_marker = marker
        self._packet_gap = gap
        self._packet_arrived = arrived
        if gap:
            self._lost(rtp_time)

    def _lost(self, rtp_time: int) -> None:
        self.steady_time = None
        self._small = None
        self._in_slice = False
        if self._unit is None:
            return
        if rtp_time == self._time:
            self._broken = "packets were lost inside it"
        elif not self._marked:
            self._broken = "packets were lost at its end"

    # --- per NAL unit ---

    def begin(self, header: bytes, body: memoryview) -> None:
        """A NAL unit begins; `body` is what of it came so far."""
        nal_type = self._coding.nal_type(header[0])
        kind = self._coding.kinds[nal_type]
        self._small = None
        self._in_slice = False
        self.steady_time = None
        if kind in _VCL:
            self._begin_slice(kind, header, body)
        elif kind is not Kind.OTHER:
            self._small_type = nal_type
            self._small = bytearray(header)
            self._small += body[:MAX_SET_BYTES]

    def _begin_slice(self, kind: Kind, header: bytes, body: memoryview) -> None:
        if self._packet_time != self._time:
            self._next_picture()
            start = header + bytes(body[:_PEEK])
            if self._is_random_access(kind, start):
                self._open_unit()
        self._slice_data()
        self.steady_time = self._packet_time
        if self._unit is None:
            return
        self._in_slice = True
        self._has_first = self._has_first or self._coding.is_first_slice(header + bytes(body[:2]))
        self._unit += START_CODE
        self._slices.append(len(self._unit))
        self._unit += header
        self._append(body)

    def _is_random_access(self, kind: Kind, start: bytes) -> bool:
        recovery, intra = self._recovery, kind is Kind.RANDOM_ACCESS
        if recovery is None or intra:
            return intra
        if self._coding.is_intra_slice(start):
            return True  # Q139
        self.intra_refresh = True
        self._recovery = None
        return False

    def more(self, body: memoryview, kind: Kind) -> None:
        """The NAL unit goes on. Without its beginning only its being there counts.

        What is open decides, not the type a fragment names (Q120, Q121).
        """
        if self._in_slice or kind in _VCL:
            if self._packet_time != self._time:
                self._next_picture()
                if kind is Kind.RANDOM_ACCESS:
                    self._open_unit()
            self._slice_data()
            if self._unit is not None:
                if self._in_slice:
                    self._append(body)
                else:
                    self._broken = self._broken or "the beginning of a slice is missing"
        elif self._small is not None and len(self._small) < MAX_SET_BYTES:
            self._small += body[:MAX_SET_BYTES]

    def go_on(self, body: memoryview) -> None:
        """A middle piece of a slice, at `steady_time`: most packets of a stream are this."""
        if self._in_slice:
            self._append(body)

    def end(self) -> None:
        """The NAL unit is whole."""
        self._in_slice = False
        if self._small is None:
            return
        nal, self._small = bytes(self._small), None
        if self._coding.kinds[self._small_type] is Kind.PARAMETERS:
            self.sets.put(self._small_type, nal)
        elif self._coding.has_recovery_point(nal):
            self._recovery = nal

    def _slice_data(self) -> None:
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
        self._slices = []
        self._has_first = False
        self._broken = None
        if self._recovery is not None:
            self._unit += START_CODE + self._recovery
            self._recovery = None

    def _append(self, body: memoryview) -> None:
        if self._unit is None:
            return
        if len(self._unit) + len(body) > MAX_UNIT_BYTES:
            self._broken = f"it is larger than {MAX_UNIT_BYTES} bytes"
            self._in_slice = False
            self._unit = bytearray()
            self._slices = []
            return
        self._unit += body

    def flush(self, *, ended: bool = False) -> None:
        """Hand on the keyframe being received; `ended`: another picture has begun."""
        unit, self._unit = self._unit, None
        if unit is None or self._time is None:
            return
        self.on_keyframe(
            KeyframeUnit(
                data=self.sets.annex_b() + unit,
                vcl_hash=self._hash(unit),
                rtp_time=self._time,
                arrived=self._arrived,
                gop=self.random_access_points,
                incomplete=self._incomplete(ended=ended),
            )
        )

    def _incomplete(self, *, ended: bool) -> str | None:
        if self._broken is not None:
            return self._broken
        if not self._has_first:
            return "its first slice is missing"
        if not (ended or self._marked):
            return "its end was not seen"
        return "no parameter sets came" if self.sets.missing else None

    def _hash(self, unit: bytearray) -> str:
        digest = blake2b(digest_size=16)
        with memoryview(unit) as view:
            ends = [start - len(START_CODE) for start in self._slices[1:]] + [len(unit)]
            for start, end in zip(self._slices, ends, strict=False):
                with view[start:end] as nal:
                    for part in self._coding.slice_identity(nal, self.sets):
                        digest.update(part)
        return digest.hexdigest()
