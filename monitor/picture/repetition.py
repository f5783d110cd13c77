"""Finding F1: the same coded keyframe again. It works on hashes and times, never on pixels.

It runs in the parent: whatever a hostile picture made of a decoder child cannot touch this answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from monitor.picture.values import PictureMemory
from registry.look import Finding, Keyframe
from registry.vocabulary import Answer, Codec

# Relays greet each reader with the GOP they hold. Two looks this far apart cannot have been handed
# the same one, unless a GOP lasts longer than half of it.
MIN_GAP_BETWEEN_LOOKS_S = 60.0
INTERVALS_BETWEEN_LOOKS = 2.0
# Smart codecs reach minutes between keyframes; beyond this it is a broken timestamp or a stall.
LONGEST_INTERVAL_S = 600.0
# Every JPEG is a keyframe of its own, and a camera whose sensor is slower than its stream sends
# each of them twice or more.
MIN_GAP_BETWEEN_JPEGS_S = 1.0
# RFC 6184, 7798 and 2435; RFC 6416 may choose another, and then arrivals are what is left.
_RTP_HZ = 90_000
_RTP_WRAP = 2**32


@dataclass(frozen=True, slots=True)
class Repetition:
    """The finding, whether only a suspicion stands behind it, and the memory for the next look."""

    finding: Finding
    suspected: bool
    memory: PictureMemory


def judge_repetition(
    keyframes: Sequence[Keyframe],
    memory: PictureMemory,
    now: datetime,
    known_interval_s: float | None = None,
) -> Repetition:
    """Have we seen this picture before? `keyframes`: whole ones, at least one, as they arrived."""
    gops = _one_per_gop(keyframes)
    interval_s = _longest(memory.keyframe_interval_s, known_interval_s, _seen_interval_s(gops))
    finding, suspected = _answer(gops, memory, now, interval_s)
    return Repetition(finding, suspected, _remember(gops, memory, now, interval_s))


def _answer(
    gops: Sequence[Keyframe], memory: PictureMemory, now: datetime, interval_s: float | None
) -> tuple[Finding, bool]:
    if len({keyframe.vcl_hash for keyframe in gops}) > 1:
        return Finding(Answer.OK), False
    unchanged_s = _unchanged_s(gops, memory, now)
    if len(gops) > 1:
        return _unchanged(unchanged_s), False
    if memory.keyframe_hash is None or memory.changed_at is None:
        return Finding(Answer.NOT_CHECKABLE, "no earlier keyframe to compare with"), False
    if memory.keyframe_hash != gops[0].vcl_hash:
        return Finding(Answer.OK), False
    if memory.rtp_time == gops[0].rtp_time:
        return Finding(Answer.NOT_CHECKABLE, "the very same keyframe as in the look before"), True
    needed_s = max(MIN_GAP_BETWEEN_LOOKS_S, INTERVALS_BETWEEN_LOOKS * (interval_s or 0.0))
    if unchanged_s >= needed_s:
        return _unchanged(unchanged_s), False
    why = f"same keyframe as {unchanged_s:.0f} s ago; a relay may hand out one for {needed_s:.0f} s"
    return Finding(Answer.NOT_CHECKABLE, why), True


def _unchanged(seconds: float) -> Finding:
    return Finding(Answer.FOUND, f"the same coded keyframe for {seconds:.0f} s", seconds)


def _one_per_gop(keyframes: Sequence[Keyframe]) -> list[Keyframe]:
    """Surely of different GOPs: another ordinal and another RTP time than all before."""
    gops: list[Keyframe] = []
    for keyframe in keyframes:
        if not any(_may_be_one(earlier, keyframe) for earlier in gops):
            gops.append(keyframe)
    return gops


def _may_be_one(earlier: Keyframe, later: Keyframe) -> bool:
    if earlier.gop == later.gop or earlier.rtp_time == later.rtp_time:
        return True
    close = later.arrived_s - earlier.arrived_s < MIN_GAP_BETWEEN_JPEGS_S
    return later.codec is Codec.MJPEG and close and earlier.vcl_hash == later.vcl_hash


def _seen_interval_s(gops: Sequence[Keyframe]) -> float | None:
    """By the larger of two clocks: a relay's burst shortens arrivals, not RTP times."""
    return _longest(*(_interval_s(earlier, later) for earlier, later in pairwise(gops)))


def _interval_s(earlier: Keyframe, later: Keyframe) -> float | None:
    apart = later.gop - earlier.gop
    if apart <= 0:
        return None
    by_rtp = (later.rtp_time - earlier.rtp_time) % _RTP_WRAP / _RTP_HZ / apart
    return _longest(by_rtp, (later.arrived_s - earlier.arrived_s) / apart)


def _longest(*intervals_s: float | None) -> float | None:
    return max(
        (s for s in intervals_s if s is not None and 0 < s <= LONGEST_INTERVAL_S), default=None
    )


def _remember(
    gops: Sequence[Keyframe], memory: PictureMemory, now: datetime, interval_s: float | None
) -> PictureMemory:
    last = gops[-1]
    return replace(
        memory,
        keyframe_hash=last.vcl_hash,
        rtp_time=last.rtp_time,
        arrived_at=now,
        changed_at=_changed_at(gops, memory, now),
        keyframe_interval_s=interval_s,
    )


def _unchanged_s(gops: Sequence[Keyframe], memory: PictureMemory, now: datetime) -> float:
    return (now - _changed_at(gops, memory, now)).total_seconds()


def _changed_at(gops: Sequence[Keyframe], memory: PictureMemory, now: datetime) -> datetime:
    """When the hash of the last keyframe was first seen, unbroken since."""
    last = gops[-1]
    first = last
    for keyframe in reversed(gops):
        if keyframe.vcl_hash != last.vcl_hash:
            break
        first = keyframe
    if first is gops[0] and memory.keyframe_hash == last.vcl_hash and memory.changed_at:
        return memory.changed_at
    return now - timedelta(seconds=max(0.0, last.arrived_s - first.arrived_s))
