"""What the demo shows, before anything is started."""

from __future__ import annotations

from collections import Counter

from monitor.demo import CAMERAS, EXAMPLE, script_for
from monitor.simulator.behaviour import Behaviour
from registry.sample.demo import demo_feeds


def test_each_behaviour_is_shown_and_most_cameras_are_live():
    script = script_for(demo_feeds(CAMERAS))

    shown = Counter(script.behaviours.values())

    assert shown.keys() == set(Behaviour)
    assert shown[Behaviour.LIVE] > shown.total() / 2


def test_the_feed_to_probe_by_hand_is_live():
    script = script_for(demo_feeds(CAMERAS))

    assert {str(key): b for key, b in script.behaviours.items()}[EXAMPLE] is Behaviour.LIVE
