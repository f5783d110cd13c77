"""The table that makes one feed state of the two proofs, written out as data."""

from __future__ import annotations

from enum import StrEnum

from registry.vocabulary import FeedState


class Flow(StrEnum):
    """What the flow proof stands for."""

    UNSEEN = "unseen"
    FLOWING = "flowing"
    LOSSY = "lossy"  # frames advance, and part of each measure was lost on the way
    ABSENT = "absent"
    COULD_NOT_LOOK = "could_not_look"


class Picture(StrEnum):
    """What the picture proof stands for."""

    UNPROVEN = "unproven"  # none yet, or none within two picture cadences
    GOOD = "good"
    ABSENT = "absent"
    POOR = "poor"
    COULD_NOT_LOOK = "could_not_look"
    OFF = "off"  # picture looks are switched off for the kind


class Speaker(StrEnum):
    """Which proof's reason is shown."""

    NOBODY = "nobody"
    FLOW = "flow"
    PICTURE = "picture"
    LINE = "line"
    GRAVER = "graver"  # of line and picture, which both only degrade
    SILENCE = "silence"  # not_probed


Cell = tuple[FeedState, Speaker]

_UNKNOWN: Cell = (FeedState.UNKNOWN, Speaker.SILENCE)
_LIVE: Cell = (FeedState.LIVE, Speaker.NOBODY)
_LOSSY: Cell = (FeedState.DEGRADED, Speaker.LINE)
_FLOW_DOWN: Cell = (FeedState.DOWN, Speaker.FLOW)
_FLOW_UNKNOWN: Cell = (FeedState.UNKNOWN, Speaker.FLOW)

TABLE: dict[tuple[Flow, Picture], Cell] = {
    (Flow.UNSEEN, Picture.UNPROVEN): _UNKNOWN,
    (Flow.UNSEEN, Picture.GOOD): _UNKNOWN,
    (Flow.UNSEEN, Picture.ABSENT): _UNKNOWN,
    (Flow.UNSEEN, Picture.POOR): _UNKNOWN,
    (Flow.UNSEEN, Picture.COULD_NOT_LOOK): _UNKNOWN,
    (Flow.UNSEEN, Picture.OFF): _UNKNOWN,
    # Frames advance: the picture decides. Without a proven picture nobody claims live.
    (Flow.FLOWING, Picture.UNPROVEN): _UNKNOWN,
    (Flow.FLOWING, Picture.GOOD): _LIVE,
    (Flow.FLOWING, Picture.ABSENT): (FeedState.DOWN, Speaker.PICTURE),
    (Flow.FLOWING, Picture.POOR): (FeedState.DEGRADED, Speaker.PICTURE),
    (Flow.FLOWING, Picture.COULD_NOT_LOOK): (FeedState.UNKNOWN, Speaker.PICTURE),
    (Flow.FLOWING, Picture.OFF): _LIVE,
    # Loss degrades what else would be live, and hides nothing.
    (Flow.LOSSY, Picture.UNPROVEN): _UNKNOWN,
    (Flow.LOSSY, Picture.GOOD): _LOSSY,
    (Flow.LOSSY, Picture.ABSENT): (FeedState.DOWN, Speaker.PICTURE),
    (Flow.LOSSY, Picture.POOR): (FeedState.DEGRADED, Speaker.GRAVER),
    (Flow.LOSSY, Picture.COULD_NOT_LOOK): (FeedState.UNKNOWN, Speaker.PICTURE),
    (Flow.LOSSY, Picture.OFF): _LOSSY,
    # Nothing flows: whatever the last picture showed, it does not arrive now.
    (Flow.ABSENT, Picture.UNPROVEN): _FLOW_DOWN,
    (Flow.ABSENT, Picture.GOOD): _FLOW_DOWN,
    (Flow.ABSENT, Picture.ABSENT): _FLOW_DOWN,
    (Flow.ABSENT, Picture.POOR): _FLOW_DOWN,
    (Flow.ABSENT, Picture.COULD_NOT_LOOK): _FLOW_DOWN,
    (Flow.ABSENT, Picture.OFF): _FLOW_DOWN,
    # We could not look: neither up nor down is claimed, and the work to do is ours.
    (Flow.COULD_NOT_LOOK, Picture.UNPROVEN): _FLOW_UNKNOWN,
    (Flow.COULD_NOT_LOOK, Picture.GOOD): _FLOW_UNKNOWN,
    (Flow.COULD_NOT_LOOK, Picture.ABSENT): _FLOW_UNKNOWN,
    (Flow.COULD_NOT_LOOK, Picture.POOR): _FLOW_UNKNOWN,
    (Flow.COULD_NOT_LOOK, Picture.COULD_NOT_LOOK): _FLOW_UNKNOWN,
    (Flow.COULD_NOT_LOOK, Picture.OFF): _FLOW_UNKNOWN,
}
