"""What each behaviour must be found to be, at which depth, and by when at the latest.

It must not look at anything: tests and the demo hold what was seen against this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from monitor.simulator.behaviour import Behaviour
from registry.vocabulary import Depth, FeedState, Reason

# DESIGN section 3: effective cadence x 1.05 + 15 s (re-looks after 5 s and 10 s) + the looks.
CADENCE_ALLOWANCE = 1.05
RELOOKS_S = 15.0
LOOKS_TO_CONFIRM = 3
PICTURE_CADENCES = 2
# Five logins in a row that get no answer are as bad as a rejected one (plan/lockout.py): the first
# at a cadence, two re-looks, two at a cadence each; the look after them finds the login parked.
UNANSWERED_LOGINS, CADENCES_TO_LOCK_OUT = 5, 4
_TEARDOWN_S = 2.0
_PROMPT_S = 1.0  # connect and a few replies
_CONNECT_AND_REPLY_S = 8.0  # connect 3 s, then one reply that never comes 5 s
_FIRST_PACKET_S = 5.0
_LIVENESS_S = 10.0
_PICTURE_S = 15.0  # replies, keyframe 10 s, decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`look_s`: the longest that one look takes at the default limits, TEARDOWN included."""

    behaviour: Behaviour
    reason: Reason | None  # None: it must be seen live
    depth: Depth  # the least depth that finds it, or proves that it is live
    look_s: float
    looks: int = LOOKS_TO_CONFIRM
    cadences: int = 1  # of liveness that pass before and between them, re-looks apart
    needs_login: bool = False  # only to be told by somebody who has a login for it

    @property
    def state(self) -> FeedState:
        return FeedState.LIVE if self.reason is None else self.reason.reason_class.feed_state

    @property
    def is_live(self) -> bool:
        return self.reason is None

    def latest_s(self, liveness_every_s: float, picture_every_s: float) -> float:
        """The latest time after its beginning at which it must be known, at effective cadences."""
        waited_s = self.waited_s(liveness_every_s, picture_every_s)
        return waited_s + self.looks * self.look_s

    def waited_s(self, liveness_every_s: float, picture_every_s: float) -> float:
        """All of that but the looks themselves. What is measured, is so on suspicion, and it is
        a picture look that sees enough packets to have one.
        """
        if self.depth is Depth.LIVENESS and not self.is_live:
            return self.cadences * liveness_every_s * CADENCE_ALLOWANCE + RELOOKS_S
        return picture_every_s * PICTURE_CADENCES + RELOOKS_S


def _live(behaviour: Behaviour, look_s: float = _PICTURE_S, *, needs_login: bool = False) -> Fault:
    return Fault(
        behaviour=behaviour,
        reason=None,
        depth=Depth.PICTURE,
        look_s=look_s,
        needs_login=needs_login,
    )


def _flow(behaviour: Behaviour, reason: Reason, look_s: float, looks: int = 3) -> Fault:
    return Fault(
        behaviour=behaviour, reason=reason, depth=Depth.LIVENESS, look_s=look_s, looks=looks
    )


def _login(behaviour: Behaviour, reason: Reason, looks: int, cadences: int = 1) -> Fault:
    return Fault(
        behaviour=behaviour,
        reason=reason,
        depth=Depth.LIVENESS,
        look_s=_PROMPT_S,
        looks=looks,
        cadences=cadences,
        needs_login=True,
    )


def _picture(behaviour: Behaviour, reason: Reason) -> Fault:
    return Fault(
        behaviour=behaviour, reason=reason, depth=Depth.PICTURE, look_s=_PICTURE_S + _TEARDOWN_S
    )


_ALL = (
    _live(Behaviour.LIVE),
    _live(Behaviour.BURST_THEN_LIVE),
    _live(Behaviour.SLOW_KEYFRAME),
    _live(Behaviour.DIGEST_SHA256, needs_login=True),
    _flow(Behaviour.REFUSES, Reason.REFUSED, _PROMPT_S),
    _flow(Behaviour.HANGS_UP, Reason.CLOSED, _PROMPT_S),
    _flow(Behaviour.SILENT, Reason.TIMEOUT, _CONNECT_AND_REPLY_S + _TEARDOWN_S),
    _flow(Behaviour.GARBAGE, Reason.PROTOCOL, _CONNECT_AND_REPLY_S + _TEARDOWN_S),
    _flow(Behaviour.PLAIN_INSTEAD_OF_TLS, Reason.TLS, _PROMPT_S),
    _login(Behaviour.REJECTS_LOGIN, Reason.AUTH_REJECTED, looks=1),
    _login(
        Behaviour.HANGS_UP_ON_LOGIN,
        Reason.LOCKED_OUT,
        looks=UNANSWERED_LOGINS,
        cadences=CADENCES_TO_LOCK_OUT,
    ),
    # Basic is not sent in clear unless the credential allows it; then this camera is live.
    _login(Behaviour.BASIC_ONLY, Reason.AUTH_UNSUPPORTED, looks=LOOKS_TO_CONFIRM),
    _flow(Behaviour.NOT_FOUND, Reason.NOT_FOUND, _PROMPT_S),
    _flow(Behaviour.AUDIO_ONLY, Reason.NO_VIDEO, _PROMPT_S),
    _flow(Behaviour.OTHER_CODEC, Reason.UNSUPPORTED, _PROMPT_S),
    _flow(Behaviour.BUSY, Reason.BUSY, _PROMPT_S),
    _flow(Behaviour.NO_PACKETS, Reason.NO_PACKETS, _PROMPT_S + _FIRST_PACKET_S + _TEARDOWN_S),
    _flow(Behaviour.BURST_ONLY, Reason.BURST_ONLY, _LIVENESS_S + _TEARDOWN_S),
    _flow(Behaviour.HANGS_MID_STREAM, Reason.BURST_ONLY, _LIVENESS_S + _TEARDOWN_S),
    _flow(Behaviour.CLOSES_MID_STREAM, Reason.ENDED_BY_CAMERA, _LIVENESS_S + _TEARDOWN_S),
    _flow(Behaviour.ENDS_WITH_BYE, Reason.ENDED_BY_CAMERA, _LIVENESS_S + _TEARDOWN_S),
    # A picture look that suspects, and two measures.
    Fault(
        behaviour=Behaviour.LOSES_PACKETS,
        reason=Reason.PACKET_LOSS,
        depth=Depth.MEASURE,
        look_s=_PICTURE_S + _TEARDOWN_S,  # and a measure takes no longer
    ),
    _picture(Behaviour.NO_KEYFRAME, Reason.NO_KEYFRAME),
    _picture(Behaviour.FROZEN, Reason.FROZEN),
    _picture(Behaviour.BLACK, Reason.BLACK),
    _picture(Behaviour.TOO_DARK, Reason.TOO_DARK),
    _picture(Behaviour.TOO_BRIGHT, Reason.TOO_BRIGHT),
    _picture(Behaviour.WRONG_PROFILE, Reason.WRONG_PROFILE),
)

FAULTS: Mapping[Behaviour, Fault] = MappingProxyType({fault.behaviour: fault for fault in _ALL})
