"""What is remembered of feeds, and what is forgotten first."""

from __future__ import annotations

from monitor.doors.ways import Remembered
from registry.look import FeedKey

ONE, TWO, THREE = (FeedKey("CAM-1", name) for name in ("main", "sub", "nvr"))


def test_a_feed_is_remembered_until_something_else_is_learned():
    feeds = Remembered()

    feeds.learn(ONE, holds=True)
    assert (ONE in feeds, TWO in feeds) == (True, False)

    feeds.learn(ONE, holds=False)
    assert ONE not in feeds


def test_the_feed_that_was_not_looked_at_for_longest_is_forgotten_first():
    feeds = Remembered(most=2)

    for feed in (ONE, TWO, ONE, THREE):
        feeds.learn(feed, holds=True)

    assert [feed in feeds for feed in (ONE, TWO, THREE)] == [True, False, True]
