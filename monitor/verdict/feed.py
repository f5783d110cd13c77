"""What one look makes of the memory of a (feed, vantage), and what that says now.

The proofs meet only in the table.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.media.loss import SUSPICIOUS_LOST, is_poor
from monitor.verdict.memory import FeedMemory, Rejection, Rhythm
from monitor.verdict.proof import (
    CONFIRM_FLOW,
    CONFIRM_LINE,
    CONFIRM_PICTURE,
    RECOVER_FLAPPING,
    Evidence,
    Proof,
    weigh,
    without_stale_run,
)
from monitor.verdict.table import TABLE, Flow, Picture, Speaker
from registry.look import Look
from registry.values import value
from registry.vocabulary import (
    Answer,
    Depth,
    FeedState,
    Reason,
    ReasonClass,
    shown_reason,
)

FIRST_RELOOK_S = 5.0
SECOND_RELOOK_S = 10.0
MOST_RELOOKS = 6  # quick ones in a row: three for the flow, three for the picture behind it
FLAPPING_DEPARTURES = 3
FLAPPING_WINDOW = timedelta(minutes=30)

# A picture look can fail without a word about the flow: frames advanced, no picture came of them.
_OF_THE_PICTURE = frozenset({Reason.NO_KEYFRAME, Reason.PACKET_LOSS, Reason.DECODER_FAILED})
# Intra refresh (Q140): no random access point to judge. That is the camera's good right and no
# outage, but neither is it a proven picture.
_OF_THE_LOGIN = frozenset({Reason.AUTH_REJECTED, Reason.AUTH_UNSUPPORTED, Reason.LOCKED_OUT})
_INTRA_REFRESH = "no_random_access_point"
_ON_DEMAND = "on_demand"


@value(frozen=True, slots=True)
class Next:
    """The look a verdict asks for sooner than the cadence would bring it."""

    depth: Depth
    after_s: float
    keyframes: int = 1

    @property
    def is_quick(self) -> bool:
        """It confirms what was just seen: so many in a row and no more."""
        return self.after_s <= SECOND_RELOOK_S


@value(frozen=True, slots=True)
class Seen:
    """One look with its judged picture, as the verdict takes it."""

    look: Look
    finished_at: datetime
    picture_memory: str | None = None
    fresh_picture: bool = False
    login: str = ""  # fingerprint of the login that was sent, if one was
    suspected: bool = False  # an equal keyframe that may still be the same GOP: look again


def judge(
    memory: FeedMemory, seen: Seen, rhythm: Rhythm
) -> tuple[FeedMemory, datetime, Next | None]:
    """The memory after one look, until when it holds, and the look it asks for next, if any."""
    memory = settle(memory, rhythm, seen.finished_at)
    memory = _without_stale_runs(memory, rhythm, seen.finished_at)
    flow = _weigh_flow(memory, seen)
    picture = _weigh_picture(memory, seen)
    if _is_absent(flow) and not _is_absent(memory.flow):
        picture = Proof(
            last_good_at=picture.last_good_at
        )  # the old picture proves nothing any more
    if not _was_uncheckable(seen):
        flow = _hold_until_seen(memory.flow, flow, picture, rhythm)
    memory = FeedMemory(
        flow=flow,
        picture=picture,
        line=_weigh_line(memory, seen),
        picture_memory=memory.picture_memory
        if seen.picture_memory is None
        else seen.picture_memory,
        departures=memory.departures,
        woke_at=seen.finished_at if _ON_DEMAND in seen.look.quirks else memory.woke_at,
        state=memory.state,
        reason=memory.reason,
        since=memory.since,
        last_look_at=seen.finished_at if seen.look.attempted else memory.last_look_at,
        last_frame_at=seen.finished_at if _frames_advanced(seen.look) else memory.last_frame_at,
        rejected=_rejection(memory, seen),
        relooks=memory.relooks,
        last_fresh_picture_at=seen.finished_at
        if seen.fresh_picture
        else memory.last_fresh_picture_at,
    )
    memory, valid_until = _settled(memory, rhythm, seen.finished_at)
    following = _next_look(memory, seen, rhythm)
    relooks = _relooks(memory, following)
    if relooks != memory.relooks:
        memory = replace(memory, relooks=relooks)
    return memory, valid_until, following


def _relooks(memory: FeedMemory, following: Next | None) -> int:
    """Quick looks in a row; who used them up gets new ones only once something is decided."""
    if following is not None and following.is_quick:
        return memory.relooks + 1
    agrees = memory.flow.run_reason is None or memory.flow.run_length >= CONFIRM_FLOW
    return 0 if agrees and not memory.flow.is_undecided else memory.relooks


def settle(memory: FeedMemory, rhythm: Rhythm, now: datetime) -> FeedMemory:
    """The memory with its state brought up to `now`: after a look, or when knowledge expired."""
    return _settled(memory, rhythm, now)[0]


def holds_until(memory: FeedMemory, rhythm: Rhythm, now: datetime) -> datetime:
    """Until when what the settled memory says is known."""
    return _read(memory, rhythm, now)[2]


def _settled(memory: FeedMemory, rhythm: Rhythm, now: datetime) -> tuple[FeedMemory, datetime]:
    state, reason, valid_until = _read(memory, rhythm, now)
    if state is memory.state and reason is memory.reason and memory.since is not None:
        return memory, valid_until
    departures = memory.departures
    if memory.state is FeedState.LIVE and state is FeedState.DOWN:
        departures = (*departures, now)[-FLAPPING_DEPARTURES:]
    settled = replace(
        memory,
        state=state,
        reason=reason,
        since=_since(memory, state, reason, rhythm, now),
        departures=departures,
    )
    return settled, valid_until


def without_login_verdict(memory: FeedMemory) -> FeedMemory:
    """The credential changed: what the old one met says nothing of the new one."""
    if memory.flow.standing not in _OF_THE_LOGIN:
        return memory
    return replace(memory, flow=Proof(last_good_at=memory.flow.last_good_at), rejected=None)


def _without_stale_runs(memory: FeedMemory, rhythm: Rhythm, now: datetime) -> FeedMemory:
    flow = without_stale_run(memory.flow, now, rhythm.valid_for)
    picture = without_stale_run(memory.picture, now, rhythm.picture_valid_for)
    if flow is memory.flow and picture is memory.picture:
        return memory
    return replace(memory, flow=flow, picture=picture)


def _weigh_flow(memory: FeedMemory, seen: Seen) -> Proof:
    failure = seen.look.failure
    if failure in _OF_THE_PICTURE:
        if not seen.look.video.frames:
            return memory.flow
        failure = None
    recover = RECOVER_FLAPPING if _is_flapping(memory, seen.finished_at) else 1
    evidence = Evidence(seen.finished_at, failure)
    return weigh(memory.flow, evidence, confirm=CONFIRM_FLOW, recover=recover)


def _weigh_picture(memory: FeedMemory, seen: Seen) -> Proof:
    evidence = _picture_evidence(seen)
    if evidence is None or _leaves_open(memory, seen):
        return memory.picture
    recover = RECOVER_FLAPPING if _is_flapping(memory, seen.finished_at) else 1
    return weigh(memory.picture, evidence, confirm=CONFIRM_PICTURE, recover=recover)


def _weigh_line(memory: FeedMemory, seen: Seen) -> Proof:
    found = seen.look.findings.get(Reason.PACKET_LOSS)
    if seen.look.depth is not Depth.MEASURE or found is None:
        return memory.line
    lossy = found.answer is Answer.FOUND
    evidence = Evidence(seen.finished_at, Reason.PACKET_LOSS if lossy else None)
    return weigh(memory.line, evidence, confirm=CONFIRM_LINE, recover=CONFIRM_LINE)


def _picture_evidence(seen: Seen) -> Evidence | None:
    """None when this look says nothing of the picture: not that deep, or nothing checkable."""
    look = seen.look
    if look.failure in _OF_THE_PICTURE:
        return Evidence(seen.finished_at, look.failure)
    if look.failure is not None or look.depth is not Depth.PICTURE:
        return None
    found = shown_reason(look.reasons)
    if found is not None:
        return Evidence(seen.finished_at, found)
    if seen.suspected:
        return None
    if _INTRA_REFRESH in look.quirks:
        return Evidence(seen.finished_at, Reason.UNSUPPORTED)
    passed = any(finding.answer is Answer.OK for finding in look.findings.values())
    return Evidence(seen.finished_at, None) if passed else None


def _was_uncheckable(seen: Seen) -> bool:
    """Frames advanced, a picture was asked for, and nothing of it could be judged."""
    asked = seen.look.depth is Depth.PICTURE and seen.look.failure is None
    return asked and not seen.suspected and _picture_evidence(seen) is None


def _frames_advanced(look: Look) -> bool:
    return bool(look.video.frames) and (look.failure is None or look.failure in _OF_THE_PICTURE)


def _rejection(memory: FeedMemory, seen: Seen) -> Rejection | None:
    if seen.look.failure is Reason.AUTH_REJECTED and seen.login:
        return Rejection(seen.login, seen.finished_at)
    return memory.rejected


def _leaves_open(memory: FeedMemory, seen: Seen) -> bool:
    """A picture reason is cleared only by a look that could check for that very reason."""
    standing = memory.picture.standing
    if seen.look.failure is Reason.PACKET_LOSS:
        return standing not in _OF_THE_PICTURE and _is_absent(memory.picture)
    finding = seen.look.findings.get(standing) if standing else None
    return finding is not None and finding.answer is Answer.NOT_CHECKABLE and not seen.look.reasons


def _hold_until_seen(before: Proof, after: Proof, picture: Proof, rhythm: Rhythm) -> Proof:
    """Recovery from down needs a picture: until one is decided, the flow's reason stands."""
    recovers = _is_absent(before) and not _is_absent(after) and after.standing is None
    if recovers and rhythm.pictures and not picture.known:
        return replace(after, standing=before.standing)
    return after


def _read(
    memory: FeedMemory, rhythm: Rhythm, now: datetime
) -> tuple[FeedState, Reason | None, datetime]:
    flow, picture = _flow_of(memory, rhythm, now), _picture_of(memory, rhythm, now)
    state, speaker = TABLE[flow, picture]
    match speaker:
        case Speaker.NOBODY:
            return state, None, _good_until(memory, rhythm)
        case Speaker.FLOW:
            return state, memory.flow.standing, _until(memory.flow.last_at, rhythm.valid_for, now)
        case Speaker.PICTURE:
            return state, memory.picture.standing, _good_until(memory, rhythm)
        case Speaker.LINE:
            return state, memory.line.standing, _good_until(memory, rhythm)
        case Speaker.GRAVER:
            both = filter(None, (memory.line.standing, memory.picture.standing))
            return state, shown_reason(both), _good_until(memory, rhythm)
        case Speaker.SILENCE:
            return state, Reason.NOT_PROBED, now


def _flow_of(memory: FeedMemory, rhythm: Rhythm, now: datetime) -> Flow:
    proof = memory.flow
    if not proof.known or _until(proof.spoken_at, rhythm.valid_for, now) <= now:
        return Flow.UNSEEN
    if proof.standing is None:
        return Flow.FLOWING if memory.line.standing is None else Flow.LOSSY
    absent = proof.standing.reason_class is not ReasonClass.COULD_NOT_LOOK
    return Flow.ABSENT if absent else Flow.COULD_NOT_LOOK


def _picture_of(memory: FeedMemory, rhythm: Rhythm, now: datetime) -> Picture:
    if not rhythm.pictures:
        return Picture.OFF
    proof = memory.picture
    if not proof.known or _until(proof.spoken_at, rhythm.picture_valid_for, now) <= now:
        return Picture.UNPROVEN
    if proof.standing is None:
        return Picture.GOOD
    match proof.standing.reason_class:
        case ReasonClass.SEEN_ABSENT:
            return Picture.ABSENT
        case ReasonClass.SEEN_POOR:
            return Picture.POOR
        case ReasonClass.COULD_NOT_LOOK:
            return Picture.COULD_NOT_LOOK


def _good_until(memory: FeedMemory, rhythm: Rhythm) -> datetime:
    """Frames advanced within `valid_for`, the picture was seen within two picture cadences."""
    flow = memory.flow.last_good_at
    if flow is None:
        raise ValueError("a flowing feed without a good look: the table was read wrongly")
    until = flow + rhythm.valid_for
    picture = memory.picture.spoken_at
    if rhythm.pictures and picture is not None:
        until = min(until, picture + rhythm.picture_valid_for)
    return until


def _until(at: datetime | None, holds_for: timedelta, now: datetime) -> datetime:
    return now if at is None else at + holds_for


def _since(
    memory: FeedMemory, state: FeedState, reason: Reason | None, rhythm: Rhythm, now: datetime
) -> datetime:
    """An outage began with the first look that saw it, expiry when knowledge ended."""
    if reason is Reason.NOT_PROBED:
        return min(now, _knowledge_ended(memory, rhythm, now))
    proof = memory.flow if reason is memory.flow.standing else memory.picture
    turns_down = state is FeedState.DOWN and memory.state is not FeedState.DOWN
    began = proof.run_since if turns_down and proof.run_since else now
    return max(began, memory.since) if memory.since else began


def _knowledge_ended(memory: FeedMemory, rhythm: Rhythm, now: datetime) -> datetime:
    if memory.since is None or memory.state is FeedState.UNKNOWN:
        return now
    if memory.state is FeedState.DOWN and memory.reason is memory.flow.standing:
        return _until(memory.flow.last_at, rhythm.valid_for, now)
    return _good_until(memory, rhythm) if memory.flow.last_good_at else now


def _next_look(memory: FeedMemory, seen: Seen, rhythm: Rhythm) -> Next | None:
    if memory.relooks >= MOST_RELOOKS:
        return None  # no agreement in sight: the cadence goes on
    if memory.flow.is_undecided and memory.flow.run_reason is not None:
        first = memory.flow.run_length == 1
        return Next(Depth.LIVENESS, FIRST_RELOOK_S if first else SECOND_RELOOK_S)
    if not rhythm.pictures:
        if memory.flow.is_undecided:
            return Next(Depth.LIVENESS, FIRST_RELOOK_S)
        return _next_measure(memory, seen, rhythm)
    if seen.suspected:
        return Next(Depth.PICTURE, FIRST_RELOOK_S, keyframes=2)
    if _is_decided(memory):
        return _next_measure(memory, seen, rhythm)
    if seen.look.depth is not Depth.PICTURE:
        return Next(Depth.PICTURE, 0.0)
    if _picture_evidence(seen) is None:  # uncheckable: sooner than the cadence, but in no rush
        return Next(Depth.PICTURE, max(rhythm.picture_cadence_s / 4, SECOND_RELOOK_S + 1))
    return Next(Depth.PICTURE, FIRST_RELOOK_S, keyframes=2)  # of different GOPs


def _next_measure(memory: FeedMemory, seen: Seen, rhythm: Rhythm) -> Next | None:
    """On suspicion, to confirm it, and while a loss stands to see it end; else at its cadence."""
    line, video = memory.line, seen.look.video
    if memory.flow.run_reason is not None:
        return None
    if not line.is_undecided:
        suspects = is_poor(video.packets, video.lost, least=SUSPICIOUS_LOST)
        if not (suspects or line.standing is not None):
            return None
        rests_for = timedelta(seconds=rhythm.picture_cadence_s)
        if _until(line.last_at, rests_for, seen.finished_at) > seen.finished_at:
            return None
    return Next(Depth.MEASURE, FIRST_RELOOK_S)


def _is_decided(memory: FeedMemory) -> bool:
    """Nothing is on its way to change: neither proof is being confirmed, and a picture is known."""
    if memory.flow.run_reason is not None:
        return True  # nothing flows: no picture to be had
    undecided = memory.flow.is_undecided or memory.picture.is_undecided
    return memory.picture.known and not undecided and not _is_our_failure(memory.picture)


def _is_our_failure(picture: Proof) -> bool:
    return picture.standing is Reason.DECODER_FAILED


def _is_absent(proof: Proof) -> bool:
    return (
        proof.known
        and proof.standing is not None
        and proof.standing.reason_class is not ReasonClass.COULD_NOT_LOOK
    )


def _is_flapping(memory: FeedMemory, now: datetime) -> bool:
    if len(memory.departures) < FLAPPING_DEPARTURES:
        return False
    recent = [at for at in memory.departures if now - at <= FLAPPING_WINDOW]
    return len(recent) >= FLAPPING_DEPARTURES
