"""What is remembered of feeds that want UDP."""

from __future__ import annotations

from monitor.doors.ways import Ways
from registry.look import FeedKey

ONE, TWO, THREE = (FeedKey("CAM-1", name) for name in ("main", "sub", "nvr"))


def test_a_feed_is_remembered_until_something_else_is_learned():
    ways = Ways()

    ways.learn(ONE, over_udp=True)
    assert (ways.over_udp(ONE), ways.over_udp(TWO)) == (True, False)

    ways.learn(ONE, over_udp=False)
    assert not ways.over_udp(ONE)


def test_the_feed_that_was_not_looked_at_for_longest_is_forgotten_first():
    ways = Ways(most=2)

    for feed in (ONE, TWO, ONE, THREE):
        ways.learn(feed, over_udp=True)

    assert [ways.over_udp(feed) for feed in (ONE, TWO, THREE)] == [True, False, True]
