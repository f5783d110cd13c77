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
class Coding:
    header_bytes: int
    kinds: tuple[Kind, ...]  # by NAL type
    is_first_slice: Callable[[bytes], bool]
    is_intra_slice: Callable[[bytes], bool]
    has_recovery_point: Callable[[bytes], bool]
    slice_identity: Callable[[memoryview, ParameterSets], tuple[Bytes, ...]]  # what a hash covers
    new_parameter_sets: Callable[[], ParameterSets]

    def nal_type(self, first: int) -> int:
        return first & 31 if self.header_bytes == 1 else first >> 1 & 63
