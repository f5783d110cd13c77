"""What a camera sends after PLAY, as a script of pictures in time; pure.

It must not know sockets or clocks: times count from the first picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from monitor.simulator.behaviour import Behaviour
from monitor.simulator.clips import AccessUnit, Clip, ClipLibrary, Scene
from registry.vocabulary import Codec

SLOW_KEYFRAME_S = 4.0
FRAMES_BEFORE_FAULT = 2  # a third one, in pace, would already prove that frames advance


class Ending(StrEnum):
    """What follows the last picture. A script without one never ends."""

    SILENCE = "silence"
    CLOSE = "close"
    BYE = "bye"
    GARBAGE = "garbage"


@dataclass(frozen=True, slots=True)
class Cue:
    """One picture to send: when, which, and how many frames of RTP time after the first."""

    at_s: float
    unit: AccessUnit
    frame: int


Script = Iterator[Cue | Ending]

_SENDS_NOTHING = {
    Behaviour.NO_PACKETS: Ending.SILENCE,
    Behaviour.SILENT: Ending.SILENCE,
    Behaviour.REFUSES: Ending.SILENCE,
    Behaviour.HANGS_UP: Ending.SILENCE,
    Behaviour.AUDIO_ONLY: Ending.SILENCE,
    Behaviour.OTHER_CODEC: Ending.SILENCE,
    Behaviour.GARBAGE: Ending.GARBAGE,
}
_CUT_SHORT_BY = {
    Behaviour.HANGS_MID_STREAM: Ending.SILENCE,
    Behaviour.CLOSES_MID_STREAM: Ending.CLOSE,
    Behaviour.ENDS_WITH_BYE: Ending.BYE,
}
_KEYFRAMES_FROM_S = {
    Behaviour.NO_KEYFRAME: float("inf"),
    Behaviour.SLOW_KEYFRAME: SLOW_KEYFRAME_S,
}


def clip_for(behaviour: Behaviour, library: ClipLibrary, codec: Codec, pick: int) -> Clip:
    match behaviour:
        case Behaviour.BLACK:
            return library.special(codec, Scene.BLACK)
        case Behaviour.TOO_DARK:
            return library.special(codec, Scene.TOO_DARK)
        case Behaviour.TOO_BRIGHT:
            return library.special(codec, Scene.TOO_BRIGHT)
        case Behaviour.WRONG_PROFILE:
            return library.other_size(codec)
        case _:
            return library.live(codec, pick)


def write_script(behaviour: Behaviour, clip: Clip, position: int, frozen_at: int) -> Script:
    """The script of a behaviour from a place in the clip, counted in frames."""
    if behaviour in _SENDS_NOTHING:
        return iter((_SENDS_NOTHING[behaviour],))
    if behaviour in _CUT_SHORT_BY:
        return _cut_short(clip, position, _CUT_SHORT_BY[behaviour])
    if behaviour is Behaviour.FROZEN:
        return _frozen(clip, frozen_at)
    if behaviour in (Behaviour.BURST_ONLY, Behaviour.BURST_THEN_LIVE):
        return _burst(clip, position, goes_on=behaviour is Behaviour.BURST_THEN_LIVE)
    return _live(clip, position, _KEYFRAMES_FROM_S.get(behaviour, 0.0))


def _live(clip: Clip, position: int, keyframes_from_s: float = 0.0) -> Script:
    rate, units = clip.spec.frames_per_second, clip.units
    for frame in count():
        unit = units[(position + frame) % len(units)]
        if not unit.keyframe or frame / rate >= keyframes_from_s:
            yield Cue(frame / rate, unit, frame)


def _frozen(clip: Clip, frozen_at: int) -> Script:
    """F1: one coded GOP for ever; RTP time and sequence run on."""
    rate, gop = clip.spec.frames_per_second, clip.gop_length
    first = frozen_at - frozen_at % gop
    for frame in count():
        yield Cue(frame / rate, clip.units[(first + frame % gop) % len(clip.units)], frame)


def _burst(clip: Clip, position: int, *, goes_on: bool) -> Script:
    """A relay's cache: all since the keyframe before last at once, then in pace or nothing."""
    rate, gop = clip.spec.frames_per_second, clip.gop_length
    first = position - position % gop - gop
    cached = position - first if goes_on else gop
    for frame in count():
        if frame >= cached and not goes_on:
            break
        at_s = max(0, frame - cached + 1) / rate
        yield Cue(at_s, clip.units[(first + frame) % len(clip.units)], frame)
    yield Ending.SILENCE


def _cut_short(clip: Clip, position: int, ending: Ending) -> Script:
    for frame in range(FRAMES_BEFORE_FAULT):
        unit = clip.units[(position + frame) % len(clip.units)]
        yield Cue(frame / clip.spec.frames_per_second, unit, frame)
    yield ending
