"""What check-config says of a configuration before anything is looked at."""

from __future__ import annotations

from monitor.config import build
from monitor.cost import MOST_LINES, cost_in_words, cost_of
from registry.targets import Target
from tests.unit.plan.test_scheduler import channels, target


def cost(targets: list[Target], **probe) -> str:
    settings = build(probe=probe)
    return cost_in_words(cost_of(targets, settings), settings)


def at_site(count: int, **more) -> list[Target]:
    return [target(f"c{n}", site="mall", **more) for n in range(count)]


def test_what_the_lines_give_is_always_said():
    said = cost([])

    assert "a site's line gives at most 10 Mbit/s to looks" in said
    assert "a center's 200 Mbit/s to looks" in said
    assert "all it has" in cost([], site_kbit=0)


def test_a_site_whose_line_is_too_narrow_is_named_with_the_cadence_it_gets():
    said = cost(at_site(60, site_kbit=700))

    assert (
        "slowed by its network budget: site:mall: 60 feeds want 1.4 Mbit/s of 0.7: "
        "about every 120 s instead of 60 s"
    ) in said


def test_the_default_holds_for_a_site_that_says_nothing_and_none_is_none():
    assert "slowed by its network budget: site:mall" in cost(at_site(60), site_kbit=500)
    assert "slowed" not in cost(at_site(60))
    assert "slowed" not in cost(at_site(60), site_kbit=0)


def test_a_tenant_in_a_data_center_is_not_slowed_by_a_streets_default():
    assert "slowed" not in cost(at_site(338), liveness_every_s=30)
    assert "slowed by its network budget: site:mall" in cost(
        at_site(338, site_kbit=10_000), liveness_every_s=30
    )


def test_a_center_is_slowed_by_what_it_hands_on():
    targets = [target(f"c{n}", center="cou", center_kbit=1_000) for n in range(60)]

    assert "slowed by its network budget: center:cou: 60 feeds" in cost(targets)


def test_a_recorder_with_too_few_sessions_is_named():
    said = cost(channels(64, budget=1))

    assert "slowed by its session budget: recorder:nvr: 64 feeds, 1 sessions: every 142 s" in said


def test_a_list_that_nobody_would_read_is_cut():
    many = [target(f"c{n}", site=f"s{n}", site_kbit=1) for n in range(100)]
    lines = [line for line in cost(many).splitlines() if "network budget" in line]

    assert len(lines) == MOST_LINES + 1
    assert lines[-1].endswith("and more")
