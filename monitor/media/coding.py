"""What the assembly of access units has to know of a codec.

One value per codec, no behaviour of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from monitor.media.parameter_sets import ParameterSets

Bytes = bytes | bytearray | memoryview


class Kind(IntEnum):
    """What a NAL unit is to a prober."""

    OTHER = 0
    SLICE = 1
    RANDOM_ACCESS = 2  # a slice at which decoding can begin
    PARAMETERS = 3
    SEI = 4


@dataclass(frozen=True, slots=True)
class Field:
    """One half of an interlaced frame that is coded as two pictures."""

    frame_num: int
    bottom: bool

    def completes(self, first: Field) -> bool:
        return self.frame_num == first.frame_num and self.bottom != first.bottom


@dataclass(frozen=True, slots=True, eq=False)  # one value per codec: it is itself
class Coding:
    header_bytes: int
    kinds: tuple[Kind, ...]  # by NAL type
    is_first_slice: Callable[[bytes], bool]
    is_intra_slice: Callable[[bytes], bool]
    has_recovery_point: Callable[[bytes], bool]
    field_of: Callable[[bytes, ParameterSets], Field | None]  # None: a slice of a whole frame
    slice_identity: Callable[[memoryview, ParameterSets], tuple[Bytes, ...]]  # what a hash covers
    new_parameter_sets: Callable[[], ParameterSets]

    def nal_type(self, first: int) -> int:
        return first & 31 if self.header_bytes == 1 else first >> 1 & 63
