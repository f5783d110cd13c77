"""States along a path -> the delivery's state and the place at fault. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from registry.values import value
from registry.vocabulary import DeliveryState, FailingAt, FeedState, Hop, Reason


@value(frozen=True, slots=True)
class PathFeed:
    """One feed of a path as it is known now."""

    hop: Hop
    state: FeedState
    reason: Reason | None


@value(frozen=True, slots=True)
class DeliveryVerdict:
    state: DeliveryState
    failing_at: FailingAt | None = None
    reason: Reason | None = None


_REACHING = DeliveryVerdict(DeliveryState.REACHING)  # of most deliveries: held once

# The host at that hop answers, but the picture that should come into it does not.
_NOTHING_COMES_IN = frozenset(
    {
        Reason.NOT_FOUND,
        Reason.NO_VIDEO,
        Reason.NO_PACKETS,
        Reason.BURST_ONLY,
        Reason.NO_KEYFRAME,
        Reason.ENDED_BY_CAMERA,
        Reason.SIGNAL_LOST,
        Reason.FILLER,
    }
)
# Nobody answers at all: a dead box and a dead line look the same from here.
_NOBODY_ANSWERS = frozenset({Reason.UNREACHABLE, Reason.TIMEOUT})
# What the picture itself shows was there before any box passed it on.
_IN_THE_PICTURE = frozenset(
    {
        Reason.FROZEN,
        Reason.LOOPED,
        Reason.BLACK,
        Reason.COVERED,
        Reason.WRONG_SCENE,
    }
)
_PLACE_OF_HOP = {
    Hop.CAMERA: FailingAt.CAMERA,
    Hop.RECORDER: FailingAt.RECORDER,
    Hop.RELAY: FailingAt.RELAY,
    Hop.CENTER: FailingAt.CENTER,
}


def judge_delivery(path: Sequence[PathFeed]) -> DeliveryVerdict:
    """`path` runs from the center's feed back to the lens; it is empty while planned."""
    if not path:
        return DeliveryVerdict(DeliveryState.UNKNOWN, reason=Reason.NOT_PROBED)
    delivering = path[0]
    match delivering.state:
        case FeedState.LIVE:
            return _REACHING
        case FeedState.DEGRADED:
            return DeliveryVerdict(DeliveryState.DEGRADED, reason=delivering.reason)
        case FeedState.UNKNOWN:
            return DeliveryVerdict(DeliveryState.UNKNOWN, reason=delivering.reason)
        case FeedState.DOWN:
            place, reason = _place_at_fault(path)
            return DeliveryVerdict(DeliveryState.NOT_REACHING, place, reason)


def _place_at_fault(path: Sequence[PathFeed]) -> tuple[FailingAt, Reason | None]:
    """Walk towards the lens as long as feeds are down; the last of them is at fault."""
    culprit = 0
    while culprit + 1 < len(path) and path[culprit + 1].state is FeedState.DOWN:
        culprit += 1
    feed = path[culprit]
    if culprit + 1 == len(path):
        return _fault_at_the_end(feed), feed.reason
    source = path[culprit + 1]
    if source.state is FeedState.UNKNOWN:
        return FailingAt.UNKNOWN, feed.reason
    return _fault_behind_a_live_source(feed), feed.reason


def _fault_at_the_end(feed: PathFeed) -> FailingAt:
    """Nothing is seen further towards the lens than this feed."""
    if feed.hop is Hop.CAMERA:
        nobody = feed.reason in _NOBODY_ANSWERS
        return FailingAt.CAMERA_OR_LINK if nobody else FailingAt.CAMERA
    if feed.reason in _NOTHING_COMES_IN or feed.reason in _IN_THE_PICTURE:
        return FailingAt.CAMERA_OR_LINK
    return _PLACE_OF_HOP[feed.hop]


def _fault_behind_a_live_source(feed: PathFeed) -> FailingAt:
    """The feed it is made from lives: the fault lies between the two, or in the box itself."""
    return FailingAt.LINK if feed.reason in _NOTHING_COMES_IN else _PLACE_OF_HOP[feed.hop]
