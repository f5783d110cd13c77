"""NAL units in, pictures counted and keyframes assembled out. Trusts neither marker bits nor
timestamps alone.
"""

from __future__ import annotations

from monitor.media.coding import Bytes, Coding, Field, Kind
from monitor.media.identity import digest
from monitor.media.parameter_sets import MAX_SET_BYTES, START_CODE, ParameterSets
from monitor.media.pictures import MAX_UNIT_BYTES, Pictures

_PEEK = 32  # bytes of a slice that tell what it is
_VCL = (Kind.SLICE, Kind.RANDOM_ACCESS)


class AccessUnits(Pictures):
    """Fed by a depacketiser: `packet` before the NAL units of each packet, then `begin`, `more`,
    `end`.
    """

    def __init__(self, coding: Coding, sets: ParameterSets) -> None:
        super().__init__(sets)
        self.sets = sets
        self.steady_time: int | None = None  # packets of this RTP time only go on with a slice
        self._coding = coding
        self._field: Field | None = None  # a first field that waits for its second (Q142)
        self._recovery: bytes | None = None  # an SEI with a recovery point, waiting for its picture
        self._small: bytearray | None = None  # a parameter set or SEI being received
        self._small_type = 0
        self._slices: list[int] = []
        self.in_slice = False  # of a keyframe being received
        self._has_first = False

    def _lost(self, rtp_time: int) -> None:
        self.steady_time = None
        self._small = None
        self.in_slice = False
        super()._lost(rtp_time)
        if self._field is not None:
            self._broken = self._broken or "packets were lost between its fields"

    # --- per NAL unit ---

    def begin(self, header: bytes, body: memoryview) -> None:
        """A NAL unit begins; `body` is what of it came so far."""
        nal_type = self._coding.nal_type(header[0])
        kind = self._coding.kinds[nal_type]
        self._small = None
        self.in_slice = False
        self.steady_time = None
        if kind in _VCL:
            if body:  # a header alone codes nothing
                self._begin_slice(kind, header, body)
        elif kind is not Kind.OTHER:
            self._small_type = nal_type
            self._small = bytearray(header)
            self._small += body[:MAX_SET_BYTES]

    def _begin_slice(self, kind: Kind, header: bytes, body: memoryview) -> None:
        if self._packet_time != self._time or self._field is not None:
            self._place(kind, header + bytes(body[:_PEEK]))
        self._coded_data()
        self.steady_time = self._packet_time
        if self._unit is None:
            return
        self.in_slice = True
        self._has_first = self._has_first or self._coding.is_first_slice(header + bytes(body[:2]))
        self._unit += START_CODE
        self._slices.append(len(self._unit))
        self._unit += header
        self._append(body)

    def _place(self, kind: Kind, start: bytes) -> None:
        """A slice begins: of the picture being received, or of the next one?"""
        if self._field is not None and self._is_second_field(self._field, start):
            self._time = self._packet_time
        elif self._packet_time != self._time:
            self._next_picture()
            self._field = self._coding.field_of(start, self.sets) if self.sets.fields else None
            if self._is_random_access(kind, start):
                self._open_unit()

    def _is_second_field(self, first: Field, start: bytes) -> bool:
        """PAFF: the pair is one picture, under one RTP time or under two."""
        second = self._coding.field_of(start, self.sets)
        if second is None or not second.completes(first):
            return False
        self._field = None
        return True

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
        if self.in_slice or kind in _VCL:
            if self._packet_time != self._time:
                if not body:
                    return
                self._next_picture()
                self._field = None
                if kind is Kind.RANDOM_ACCESS:
                    self._open_unit()
            self._coded_data()
            if self._unit is not None:
                if self.in_slice:
                    self._append(body)
                else:
                    self._broken = self._broken or "the beginning of a slice is missing"
        elif self._small is not None and len(self._small) < MAX_SET_BYTES:
            self._small += body[:MAX_SET_BYTES]

    def go_on(self, body: memoryview) -> None:
        """A middle piece of a slice, at `steady_time` and while `in_slice`: most of a keyframe."""
        unit = self._unit
        if unit is not None and len(unit) + len(body) <= MAX_UNIT_BYTES:
            unit += body
        else:
            self._append(body)

    def end(self) -> None:
        """The NAL unit is whole."""
        self.in_slice = False
        if self._small is None:
            return
        nal, self._small = bytes(self._small), None
        if self._coding.kinds[self._small_type] is Kind.PARAMETERS:
            self.sets.put(self._small_type, nal)
        elif self._coding.has_recovery_point(nal):
            self._recovery = nal

    def _open_unit(self) -> None:
        super()._open_unit()
        self._slices = []
        self._has_first = False
        if self._recovery is not None:
            self._append(START_CODE + self._recovery)
            self._recovery = None

    def _append(self, body: Bytes) -> bool:
        if super()._append(body):
            return True
        self.in_slice = False
        self._slices = []
        return False

    def _incomplete(self, unit: bytearray, *, ended: bool) -> str | None:
        """A field that is followed by another frame, nothing lost between, was sent alone."""
        if self._field is not None and not ended:
            return self._broken or "its second field was not seen"
        return super()._incomplete(unit, ended=ended)

    def _missing(self, _unit: bytearray) -> str | None:
        if not self._has_first:
            return "its first slice is missing"
        return "no parameter sets came" if self.sets.missing else None

    def _decodable(self, unit: bytearray) -> bytes:
        return self.sets.annex_b() + unit

    def _hash(self, unit: bytearray) -> str:
        ends = [start - len(START_CODE) for start in self._slices[1:]] + [len(unit)]
        slices = zip(self._slices, ends, strict=False)
        with memoryview(unit) as view:
            return digest(
                part
                for start, end in slices
                for part in self._coding.slice_identity(view[start:end], self.sets)
            )
