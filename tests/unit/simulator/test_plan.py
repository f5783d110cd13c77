from __future__ import annotations

from pathlib import Path

import pytest

from monitor.simulator.behaviour import (
    AuthOffer,
    Behaviour,
    SimulatedCamera,
    SimulatedLogin,
    SimulatedRecorder,
)
from monitor.simulator.counts import Counts, FleetStats
from monitor.simulator.plan import (
    Clips,
    FleetPlan,
    UnreadablePlanError,
    plan_from_json,
    plan_to_json,
    stats_from_json,
    stats_to_json,
)
from registry.vocabulary import Codec


def test_plan_comes_back_as_it_went() -> None:
    plan = FleetPlan(
        cameras=(
            SimulatedCamera(code="A"),
            SimulatedCamera(
                code="B",
                behaviour=Behaviour.FROZEN,
                recorder="NVR",
                codec=Codec.H265,
                login=SimulatedLogin("u", "p"),
                auth=AuthOffer.DIGEST_SHA256,
                reply_delay_s=0.2,
                start_delay_s=0.5,
                tls=True,
            ),
            SimulatedCamera(code="C", udp=True, loss=0.1, stalls_every_s=20.0),
        ),
        recorders=(SimulatedRecorder(code="NVR", session_limit=2, lingering_s=3.0),),
        port=0,
        clips=Clips.SHORT,
        cache=Path("/somewhere"),
        one_address=True,
    )

    assert plan_from_json(plan_to_json(plan)) == plan
    assert "\n" not in plan_to_json(plan)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Expecting value"),
        ("[]", "'cameras'"),
        ("7", "'int'"),
        ("{}", "'cameras'"),
        ('{"cameras": [{"code": "A", "behaviour": "sings"}]}', "'sings'"),
        ('{"cameras": [{"code": "A", "colour": "red"}]}', "'colour'"),
        ('{"cameras": [], "sound": true}', "'sound'"),
    ],
)
def test_unreadable_plan_says_which_word(text: str, said: str) -> None:
    with pytest.raises(UnreadablePlanError, match=said):
        plan_from_json(text)


def test_stats_come_back_as_they_went() -> None:
    counts = Counts(requests=3, sessions_opened=1, bytes_sent=1000)
    stats = FleetStats(connections_open=1, sessions_open=2, totals=counts, cameras={"A": counts})

    assert stats_from_json(stats_to_json(stats)) == stats


def test_counts_add_up() -> None:
    assert Counts(requests=1, bytes_sent=2) + Counts(requests=3) == Counts(requests=4, bytes_sent=2)


def test_a_login_is_not_shown() -> None:
    assert "s3cret" not in repr(SimulatedCamera(code="A", login=SimulatedLogin("u", "s3cret")))
