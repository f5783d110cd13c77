from __future__ import annotations

import subprocess
import sys

import pytest

from monitor.plan.lockout import UNANSWERED_ATTEMPTS
from monitor.simulator.behaviour import Behaviour
from monitor.simulator.faults import FAULTS, UNANSWERED_LOGINS
from registry.vocabulary import Depth, FeedState, Reason


def test_every_behaviour_states_what_it_must_be_found_to_be() -> None:
    assert set(FAULTS) == set(Behaviour)


@pytest.mark.parametrize(
    ("behaviour", "reason", "state"),
    [
        (Behaviour.SLOW_KEYFRAME, None, FeedState.LIVE),
        (Behaviour.BURST_ONLY, Reason.BURST_ONLY, FeedState.DOWN),
        (Behaviour.FROZEN, Reason.FROZEN, FeedState.DOWN),
        (Behaviour.TOO_DARK, Reason.TOO_DARK, FeedState.DEGRADED),
        (Behaviour.BASIC_ONLY, Reason.AUTH_UNSUPPORTED, FeedState.UNKNOWN),
    ],
)
def test_state_follows_from_the_class_of_the_reason(
    behaviour: Behaviour, reason: Reason | None, state: FeedState
) -> None:
    assert (FAULTS[behaviour].reason, FAULTS[behaviour].state) == (reason, state)


def test_flow_fault_is_known_within_a_cadence_the_relooks_and_three_looks() -> None:
    fault = FAULTS[Behaviour.BURST_ONLY]

    assert fault.latest_s(60.0, 600.0) == pytest.approx(60 * 1.05 + 15 + 3 * fault.look_s)


def test_rejected_login_is_known_after_one_look() -> None:
    assert FAULTS[Behaviour.REJECTS_LOGIN].looks == 1


def test_logins_without_an_answer_are_locked_out_after_as_many_as_the_gate_counts() -> None:
    fault = FAULTS[Behaviour.HANGS_UP_ON_LOGIN]

    assert fault.looks == UNANSWERED_LOGINS == UNANSWERED_ATTEMPTS
    assert fault.latest_s(60.0, 600.0) == pytest.approx(4 * 60 * 1.05 + 15 + 5 * fault.look_s)


def test_what_is_measured_on_suspicion_is_known_when_a_picture_fault_would_be() -> None:
    lossy, black = FAULTS[Behaviour.LOSES_PACKETS], FAULTS[Behaviour.BLACK]

    assert lossy.depth is Depth.MEASURE
    assert lossy.latest_s(60.0, 600.0) == black.latest_s(60.0, 600.0)


def test_picture_fault_is_known_within_two_picture_cadences() -> None:
    fault = FAULTS[Behaviour.FROZEN]

    assert fault.depth is Depth.PICTURE
    assert 1200.0 < fault.latest_s(60.0, 600.0) < 1290.0


def test_the_parent_side_needs_no_video_library() -> None:
    program = (
        "import sys, monitor.simulator.process, monitor.simulator.faults;"
        "sys.exit(bool({'av', 'cv2', 'numpy'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
