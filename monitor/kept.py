"""The looks that are kept of a feed, in as little memory as they can be kept. Pure.

An estate keeps ten times as many looks as it has feeds, and most say the same as the one before.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TypeVar

from registry.look import Look
from registry.vocabulary import Stage

KEPT_LOOKS = 5

T = TypeVar("T")
Looks = tuple[Look, ...]  # newest first

_STAGES = tuple(Stage)
_LAYOUTS = 256
_FLOAT = struct.Struct("=f")
_BIT = {stage: 1 << number for number, stage in enumerate(_STAGES)}


class StageTimes(Mapping[Stage, float]):
    """Seconds of each stage: a set of bits and packed floats, a fifth of what a dict takes."""

    __slots__ = ("_bits", "_seconds")

    def __init__(self, stages: Mapping[Stage, float]) -> None:
        self._bits, ordered, packing = _layout(tuple(stages))
        self._seconds = packing.pack(*map(stages.__getitem__, ordered))

    def __getitem__(self, stage: Stage) -> float:
        if not self._bits & _BIT[stage]:
            raise KeyError(stage)
        before = (self._bits & (_BIT[stage] - 1)).bit_count()
        seconds: float = _FLOAT.unpack_from(self._seconds, before * _FLOAT.size)[0]
        return seconds

    def __iter__(self) -> Iterator[Stage]:
        return (stage for stage in _STAGES if self._bits & _BIT[stage])

    def __len__(self) -> int:
        return self._bits.bit_count()


@lru_cache(_LAYOUTS)
def _layout(stages: tuple[Stage, ...]) -> tuple[int, tuple[Stage, ...], struct.Struct]:
    """Looks pass the same few stages, so how these are packed is found out once."""
    ordered = tuple(stage for stage in _STAGES if stage in stages)
    return sum(_BIT[stage] for stage in stages), ordered, struct.Struct(f"={len(ordered)}f")


def keep(look: Look, kept: Looks) -> Looks:
    """The looks with one more; what scrolled out is gone."""
    return (_compact(look, kept[0] if kept else None), *kept[: KEPT_LOOKS - 1])


def _compact(look: Look, before: Look | None) -> Look:
    """Who lives need not explain it; what equals the look before is the same value. The keyframe's
    hash was for the verdict, which remembers it.
    """
    before = before or look
    return Look(
        depth=look.depth,
        started_at=look.started_at,
        duration_s=look.duration_s,
        failure=look.failure,
        detail=_same(look.detail, before.detail),
        transport=look.transport,
        certificate_expires_at=look.certificate_expires_at,
        stages=StageTimes(look.stages),
        video=_same(look.video, before.video),
        first_frame_s=look.first_frame_s,
        clock_offset_s=look.clock_offset_s,
        bytes_received=look.bytes_received,
        findings=_same(look.findings, before.findings),
        quirks=_same(look.quirks, before.quirks),
        server=_same(look.server, before.server),
        log=look.log if look.reasons else (),
        keyframes=look.keyframes,
        signed_attempt=look.signed_attempt,
        attempted=look.attempted,
        lingers_s=look.lingers_s,
    )


def _same(value: T, before: T) -> T:
    return before if value == before else value
