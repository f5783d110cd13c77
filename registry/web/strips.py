"""Timelines and stage times as shapes on a line of fixed length. It measures nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from registry.api.looks import LookShape
from registry.api.timeline import Segment, Timeline, Track
from registry.vocabulary import FailingAt, Reason, Stage

LENGTH = 1440.0  # units of a strip: of a day, one per minute


# Percent of the strip: the worse, the higher, so that color is not the only sign.
_HEIGHTS = {"reaching": 45, "live": 45, "degraded": 72}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a timeline: where it lies on the strip, and what it says."""

    x: float
    width: float
    segment: Segment


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage of a look on a common line."""

    stage: Stage
    x: float
    width: float
    seconds: float


def stretches(track: Track, start: datetime, end: datetime) -> list[Stretch]:
    whole = (end - start).total_seconds()
    return [
        Stretch(
            x=round(LENGTH * (segment.start - start).total_seconds() / whole, 2),
            width=round(LENGTH * (segment.end - segment.start).total_seconds() / whole, 2),
            segment=segment,
        )
        for segment in track.segments
    ]


def height(state: str) -> int:
    return _HEIGHTS.get(state, 100)


def hours(timeline: Timeline, zone: tzinfo) -> Iterator[tuple[float, str]]:
    """Every sixth hour of the clock on the wall of that place."""
    whole = (timeline.end - timeline.start).total_seconds()
    at = timeline.start.replace(minute=0, second=0, microsecond=0)
    while (at := at + timedelta(hours=1)) < timeline.end:
        if (there := at.astimezone(zone)).hour % 6 == 0:
            yield LENGTH * (at - timeline.start).total_seconds() / whole, f"{there:%H:%M}"


def bars(look: LookShape) -> list[Bar]:
    """Stage after stage. What a stage took is drawn, what lay between two stages is not."""
    took = list(_one_after_another(look.stages))
    whole = sum(seconds for _, seconds in took) or 1.0
    drawn, x = [], 0.0
    for stage, seconds in took:
        width = LENGTH * seconds / whole
        drawn.append(Bar(stage, round(x, 2), round(width, 2), seconds))
        x += width
    return drawn


def _one_after_another(stages: Mapping[Stage, float]) -> Iterator[tuple[Stage, float]]:
    """First packet and keyframe are timed from PLAY; drawn is what each added to the one before."""
    since_play = 0.0
    for stage in Stage:
        seconds = stages.get(stage)
        if seconds is None:
            continue
        if stage in (Stage.PLAY, Stage.FIRST_PACKET, Stage.FIRST_KEYFRAME):
            seconds, since_play = max(0.0, seconds - since_play), max(since_play, seconds)
        yield stage, seconds


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the list beside the strip, for whoever cannot see it."""

    start: datetime
    state: str
    reason: Reason | None
    failing_at: FailingAt | None


def changes(track: Track) -> list[Change]:
    """The latest first."""
    return [Change(s.start, s.state, s.reason, s.failing_at) for s in reversed(track.segments)]
