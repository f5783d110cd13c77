"""The verdict over sequences of looks: what makes a feed live, takes it down, clears it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.verdict import FeedMemory, Next, Rhythm, Seen, judge, settle
from registry.look import Finding, Look, Video
from registry.vocabulary import Answer, Depth, FeedState, Reason, ReasonClass

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
RHYTHM = Rhythm(effective_cadence_s=60, picture_cadence_s=600)


@dataclass
class Feed:
    """A feed under observation: one call per look, time passing between them."""

    rhythm: Rhythm = RHYTHM
    memory: FeedMemory = field(default_factory=FeedMemory)
    now: datetime = START
    asked: Next | None = None

    def flow(self, failure: Reason | None = None, after_s: float = 10) -> FeedState:
        return self._look(Depth.LIVENESS, failure, {}, after_s)

    def picture(
        self, *found: Reason, failure: Reason | None = None, after_s: float = 10
    ) -> FeedState:
        answers = {word: Finding(Answer.FOUND) for word in found}
        findings = {Reason.BLACK: Finding(Answer.OK), **answers} if failure is None else {}
        return self._look(Depth.PICTURE, failure, findings, after_s)

    def uncheckable(self, after_s: float = 10) -> FeedState:
        findings = {Reason.BLACK: Finding(Answer.NOT_CHECKABLE, "incomplete")}
        return self._look(Depth.PICTURE, None, findings, after_s)

    def measure(self, *, lossy: bool, after_s: float = 10) -> FeedState:
        answer = Answer.FOUND if lossy else Answer.OK
        return self._look(Depth.MEASURE, None, {Reason.PACKET_LOSS: Finding(answer)}, after_s)

    def wait(self, seconds: float) -> FeedState:
        self.now += timedelta(seconds=seconds)
        self.memory = settle(self.memory, self.rhythm, self.now)
        return self.memory.state

    def _look(
        self, depth, failure, findings, after_s, *, suspected=False, packets=100, lost=0
    ) -> FeedState:
        self.now += timedelta(seconds=after_s)
        frames = 0 if failure not in (None, Reason.NO_KEYFRAME, Reason.PACKET_LOSS) else 5
        look = Look(
            depth=depth,
            started_at=self.now,
            duration_s=0.2,
            failure=failure,
            findings=findings,
            video=Video(frames=frames, packets=packets, lost=lost),
        )
        self.memory, _, self.asked = judge(
            self.memory, Seen(look, self.now, suspected=suspected), self.rhythm
        )
        return self.memory.state


def live_feed() -> Feed:
    feed = Feed()
    feed.picture()
    assert feed.memory.state is FeedState.LIVE
    return feed


def test_a_feed_never_seen_is_unknown_and_one_good_picture_look_makes_it_live():
    feed = Feed()

    assert feed.memory.state is FeedState.UNKNOWN
    assert feed.picture() is FeedState.LIVE


def test_advancing_frames_without_a_picture_claim_nothing_and_ask_for_one():
    feed = Feed()

    assert feed.flow() is FeedState.UNKNOWN
    assert feed.asked == Next(Depth.PICTURE, 0.0)


def test_one_failing_look_is_not_an_outage_three_are():
    feed = live_feed()

    assert feed.flow(Reason.TIMEOUT) is FeedState.LIVE
    assert feed.asked == Next(Depth.LIVENESS, 5.0)
    assert feed.flow(Reason.REFUSED) is FeedState.LIVE
    assert feed.asked == Next(Depth.LIVENESS, 10.0)
    assert feed.flow(Reason.REFUSED) is FeedState.DOWN
    assert feed.memory.reason is Reason.REFUSED
    assert feed.asked is None


def test_an_outage_began_with_the_first_look_that_saw_it():
    feed = live_feed()
    feed.flow(Reason.REFUSED)
    first_bad = feed.now
    feed.flow(Reason.REFUSED)
    feed.flow(Reason.REFUSED)

    assert feed.memory.since == first_bad


def test_a_failure_of_ours_between_failures_of_the_feed_starts_the_count_anew():
    feed = live_feed()
    feed.flow(Reason.TIMEOUT)
    feed.flow(Reason.TIMEOUT)

    assert feed.flow(Reason.DNS) is FeedState.LIVE
    assert feed.flow(Reason.TIMEOUT) is FeedState.LIVE


@pytest.mark.parametrize("word", [Reason.AUTH_REJECTED, Reason.NOT_ALLOWED, Reason.LOCKED_OUT])
def test_what_must_not_be_asked_twice_is_confirmed_by_one_look(word):
    feed = live_feed()

    assert feed.flow(word) is FeedState.UNKNOWN
    assert feed.memory.reason is word
    assert feed.asked is None


def test_being_parked_keeps_saying_that_the_login_was_rejected():
    feed = live_feed()
    feed.flow(Reason.AUTH_REJECTED)
    feed.flow(Reason.LOCKED_OUT)

    assert feed.memory.reason is Reason.AUTH_REJECTED


def test_a_frozen_feed_is_not_cleared_by_liveness():
    feed = live_feed()
    feed.picture(Reason.FROZEN)
    assert feed.picture(Reason.FROZEN) is FeedState.DOWN

    for _ in range(5):
        assert feed.flow() is FeedState.DOWN
    assert feed.memory.reason is Reason.FROZEN
    assert feed.picture() is FeedState.LIVE


def test_a_picture_reason_is_cleared_only_by_a_look_that_could_check_for_it():
    feed = live_feed()
    feed.picture(Reason.FROZEN)
    feed.picture(Reason.FROZEN)

    frozen = {Reason.FROZEN: Finding(Answer.NOT_CHECKABLE), Reason.BLACK: Finding(Answer.OK)}
    assert feed._look(Depth.PICTURE, None, frozen, 20) is FeedState.DOWN
    assert feed.picture(after_s=20) is FeedState.LIVE


def test_a_suspicion_is_neither_a_pass_nor_an_outage_and_is_followed_up():
    feed = Feed()
    frozen = {Reason.FROZEN: Finding(Answer.NOT_CHECKABLE), Reason.BLACK: Finding(Answer.OK)}

    assert feed._look(Depth.PICTURE, None, frozen, 20, suspected=True) is FeedState.UNKNOWN
    assert feed.asked == Next(Depth.PICTURE, 5.0, keyframes=2)


def test_a_black_picture_is_confirmed_by_a_second_one():
    feed = live_feed()

    assert feed.picture(Reason.BLACK) is FeedState.LIVE
    assert feed.asked == Next(Depth.PICTURE, 5.0, keyframes=2)
    assert feed.picture(Reason.BLACK) is FeedState.DOWN


def test_recovery_from_down_waits_for_a_picture():
    feed = live_feed()
    for _ in range(3):
        feed.flow(Reason.REFUSED)

    assert feed.flow() is FeedState.DOWN
    assert feed.asked == Next(Depth.PICTURE, 0.0)
    assert feed.picture() is FeedState.LIVE


def test_a_recovered_recorder_showing_black_does_not_count_as_recovered():
    feed = live_feed()
    for _ in range(3):
        feed.flow(Reason.REFUSED)

    states = [feed.flow(), feed.picture(Reason.BLACK), feed.picture(Reason.BLACK)]

    assert states == [FeedState.DOWN] * 3
    assert feed.memory.reason is Reason.BLACK


def test_where_pictures_are_off_one_good_look_is_enough():
    feed = Feed(rhythm=Rhythm(60, 600, pictures=False))

    assert feed.flow() is FeedState.LIVE
    for _ in range(3):
        feed.flow(Reason.REFUSED)
    assert feed.flow() is FeedState.LIVE


def test_a_poor_picture_degrades():
    feed = live_feed()
    feed.picture(Reason.TOO_DARK)

    assert feed.picture(Reason.TOO_DARK) is FeedState.DEGRADED


def test_no_keyframe_speaks_of_the_picture_and_liveness_does_not_clear_it():
    feed = live_feed()
    feed.picture(failure=Reason.NO_KEYFRAME)
    assert feed.picture(failure=Reason.NO_KEYFRAME) is FeedState.DOWN

    assert feed.flow() is FeedState.DOWN
    assert feed.memory.reason is Reason.NO_KEYFRAME


def test_a_loss_is_measured_twice_before_it_degrades_and_twice_before_it_is_over():
    feed = live_feed()
    states = [feed.measure(lossy=True)]
    assert feed.asked == Next(Depth.MEASURE, 5.0)
    states.append(feed.measure(lossy=True))

    assert states == [FeedState.LIVE, FeedState.DEGRADED]
    assert feed.memory.reason is Reason.PACKET_LOSS
    assert feed.asked is None
    assert feed.flow() is FeedState.DEGRADED
    assert feed.picture() is FeedState.DEGRADED
    assert feed.measure(lossy=False) is FeedState.DEGRADED
    assert feed.measure(lossy=False) is FeedState.LIVE


def test_one_lossy_measure_between_good_ones_changes_nothing():
    feed = live_feed()

    assert feed.measure(lossy=True) is FeedState.LIVE
    assert feed.measure(lossy=False) is FeedState.LIVE
    assert feed.asked is None


def test_a_look_that_misses_packets_asks_for_a_measure_once_in_a_picture_cadence():
    feed = live_feed()
    feed._look(Depth.LIVENESS, None, {}, 10, packets=60, lost=6)
    assert feed.asked == Next(Depth.MEASURE, 5.0)
    feed.measure(lossy=False)

    feed._look(Depth.LIVENESS, None, {}, 10, packets=60, lost=6)
    assert feed.asked is None
    feed.picture(after_s=500)
    feed._look(Depth.LIVENESS, None, {}, 100, packets=60, lost=6)
    assert feed.asked == Next(Depth.MEASURE, 5.0)


def test_one_packet_in_a_hundred_is_no_suspicion():
    feed = live_feed()

    feed._look(Depth.PICTURE, None, {Reason.BLACK: Finding(Answer.OK)}, 10, packets=990, lost=10)

    assert feed.asked is None


def test_a_standing_loss_is_measured_again_at_each_picture_cadence():
    feed = live_feed()
    feed.measure(lossy=True)
    feed.measure(lossy=True)

    feed.picture(after_s=599)
    assert feed.asked is None
    feed.flow(after_s=2)
    assert feed.asked == Next(Depth.MEASURE, 5.0)


def test_of_a_loss_and_a_poor_picture_the_graver_is_shown_and_a_black_one_takes_it_down():
    feed = live_feed()
    feed.measure(lossy=True)
    feed.measure(lossy=True)
    for found, shown, state in (
        (Reason.WRONG_PROFILE, Reason.PACKET_LOSS, FeedState.DEGRADED),
        (Reason.TOO_DARK, Reason.TOO_DARK, FeedState.DEGRADED),
        (Reason.BLACK, Reason.BLACK, FeedState.DOWN),
    ):
        feed.picture(found)
        assert feed.picture(found) is state
        assert feed.memory.reason is shown


def test_keyframes_torn_by_loss_degrade_and_hide_no_black_picture():
    torn, black = live_feed(), live_feed()
    for _ in range(2):
        black.picture(Reason.BLACK)
    for feed in (torn, black):
        for _ in range(2):
            feed.picture(failure=Reason.PACKET_LOSS)

    assert (torn.memory.state, torn.memory.reason) == (FeedState.DEGRADED, Reason.PACKET_LOSS)
    assert (black.memory.state, black.memory.reason) == (FeedState.DOWN, Reason.BLACK)
    assert torn.picture() is FeedState.LIVE


def test_an_uncheckable_picture_is_neither_a_pass_nor_asked_for_in_a_rush():
    feed = Feed()

    assert feed.uncheckable() is FeedState.UNKNOWN
    assert feed.asked == Next(Depth.PICTURE, 150.0)


def test_after_flapping_recovery_takes_three():
    feed = live_feed()
    for _ in range(3):
        for _ in range(3):
            feed.flow(Reason.REFUSED)
        feed.picture()
        feed.picture()
        feed.picture()
    for _ in range(3):
        feed.flow(Reason.REFUSED)

    states = [feed.picture() for _ in range(4)]

    assert states[0] is FeedState.DOWN
    assert states[1] is FeedState.DOWN
    assert FeedState.LIVE in states[2:]


def test_knowledge_expires_at_valid_for_and_says_since_when():
    feed = live_feed()
    last_good = feed.now

    assert feed.wait(179) is FeedState.LIVE
    assert feed.wait(121) is FeedState.UNKNOWN
    assert feed.memory.reason is Reason.NOT_PROBED
    assert feed.memory.since == last_good + timedelta(seconds=180)


def test_knowledge_of_a_starved_line_holds_for_an_hour_and_no_longer():
    starved = Rhythm(effective_cadence_s=4 * 3600, picture_cadence_s=600, pictures=False)

    assert starved.valid_for == timedelta(hours=1)


def test_live_needs_a_picture_within_two_picture_cadences():
    feed = live_feed()

    for _ in range(19):
        assert feed.flow(after_s=60) is FeedState.LIVE
    assert feed.flow(after_s=61) is FeedState.UNKNOWN


def test_a_state_survives_the_journey_through_json():
    feed = live_feed()
    feed.measure(lossy=True)
    feed.flow(Reason.TIMEOUT)
    restored = FeedMemory.from_json(feed.memory.to_json())

    assert restored.flow == feed.memory.flow
    assert restored.line == feed.memory.line
    assert restored.picture == feed.memory.picture


def test_a_memory_nobody_can_read_is_forgotten():
    assert FeedMemory.from_json({"flow": {"known": "?"}}) == FeedMemory()


# a look itself fails only in these ways; what is poor is a finding
FAILURES = [word for word in Reason if word.reason_class is not ReasonClass.SEEN_POOR]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["flow", "picture", "uncheckable", "measure", "torn", "wait"]),
        st.sampled_from([None, *FAILURES]),
        st.floats(0.1, 700),
    ),
    max_size=40,
)


def take(feed: Feed, what: str, reason: Reason | None, after_s: float) -> None:
    if what == "wait":
        feed.wait(after_s)
    elif what == "flow":
        feed.flow(reason, after_s)
    elif what == "uncheckable":
        feed.uncheckable(after_s)
    elif what == "measure":
        feed.measure(lossy=reason is not None, after_s=after_s)
    elif what == "torn":
        feed.picture(failure=Reason.PACKET_LOSS, after_s=after_s)
    elif reason in (Reason.BLACK, Reason.FROZEN):
        feed.picture(reason, after_s=after_s)
    else:
        feed.picture(failure=reason, after_s=after_s)


def says_it_flows(what: str, reason: Reason | None) -> bool:
    said_by_picture = what == "picture" and reason in (Reason.BLACK, Reason.FROZEN)
    always = what in ("uncheckable", "measure", "torn")
    no_fault_of_the_flow = what != "wait" and reason in (None, Reason.NO_KEYFRAME)
    return always or said_by_picture or no_fault_of_the_flow


@given(STEPS)
def test_live_is_claimed_only_with_both_proofs_in_hand(steps):
    feed = Feed()
    last_flow = last_picture = START - timedelta(days=1)
    for what, reason, after_s in steps:
        take(feed, what, reason, after_s)
        last_flow = feed.now if says_it_flows(what, reason) else last_flow
        last_picture = feed.now if (what, reason) == ("picture", None) else last_picture

        if feed.memory.state is FeedState.LIVE:
            assert feed.now - last_flow <= RHYTHM.valid_for
            assert feed.now - last_picture <= RHYTHM.picture_valid_for
        verdict = feed.memory
        if verdict.state is FeedState.DOWN:
            assert verdict.reason is not None
            assert verdict.reason.reason_class is ReasonClass.SEEN_ABSENT
        if verdict.state is FeedState.DEGRADED:
            assert feed.now - last_flow <= RHYTHM.valid_for
            assert verdict.reason is Reason.PACKET_LOSS  # the only poor one that is drawn here
        assert (verdict.reason is None) == (verdict.state is FeedState.LIVE)
