"""The parameter sets in force on a track.

Never judges them: an unreadable one only leaves the size unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

MAX_SET_BYTES = 8 * 1024
MAX_SETS = 64
MAX_TAKEN = 256  # in one look; an honest camera changes them once, and each is work to read
MOST_READ = 512  # sets of a kind whose reading is kept: cameras of one model send the same
START_CODE = b"\x00\x00\x00\x01"


@dataclass(frozen=True, slots=True)
class Size:
    width: int
    height: int


@dataclass(slots=True)
class Shape:
    """What a stream says of its pictures before they are decoded."""

    size: Size | None = None
    size_unreadable: bool = False
    changed: bool = False  # it became another in mid-stream (Q124)


@dataclass(slots=True, kw_only=True)
class ParameterSets(Shape):
    """Keyed by NAL type and the id inside; written out in type order, as decoders want them."""

    required: tuple[int, ...]  # NAL types without which nothing can be decoded
    sps_type: int
    id_of: Callable[[bytes], int]
    size_of: Callable[[bytes], Size]
    may_have_fields: Callable[[bytes], bool]
    fields: bool = False  # pictures may be single fields (Q142)
    _sets: dict[tuple[int, int], bytes] = field(default_factory=dict)
    _in_band: set[tuple[int, int]] = field(default_factory=set)
    _taken: int = 0

    def copy(self) -> ParameterSets:
        return ParameterSets(
            size=self.size,
            size_unreadable=self.size_unreadable,
            changed=self.changed,
            required=self.required,
            sps_type=self.sps_type,
            id_of=self.id_of,
            size_of=self.size_of,
            may_have_fields=self.may_have_fields,
            fields=self.fields,
            _sets=self._sets.copy(),
            _in_band=self._in_band.copy(),
            _taken=self._taken,
        )

    def put(self, nal_type: int, nal: bytes, *, in_band: bool = True) -> bool:
        """Take a set into force; False when it is not usable."""
        nal = nal.rstrip(b"\x00")  # Annex B tails (Q76)
        try:
            key = (nal_type, self.id_of(nal))
        except ValueError:
            return False
        known = self._sets.get(key)
        if len(nal) > MAX_SET_BYTES or (known is None and len(self._sets) >= MAX_SETS):
            return False
        if known != nal:
            if self._taken >= MAX_TAKEN:
                return False
            self._taken += 1
            if nal_type == self.sps_type:
                self._measure(nal)
                self.changed |= key in self._in_band
            self._sets[key] = nal
        if in_band:
            self._in_band.add(key)
        return True

    def _measure(self, nal: bytes) -> None:
        try:
            self.size = self.size_of(nal)
        except ValueError:
            self.size_unreadable = True  # Q123: the size is unknown, the look goes on
        else:
            self.fields = self.may_have_fields(nal)

    def get(self, nal_type: int, identity: int) -> bytes | None:
        return self._sets.get((nal_type, identity))

    @property
    def missing(self) -> bool:
        have = {nal_type for nal_type, _ in self._sets}
        return any(nal_type not in have for nal_type in self.required)

    def annex_b(self) -> bytes:
        return b"".join(START_CODE + self._sets[key] for key in sorted(self._sets))
