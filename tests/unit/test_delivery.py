"""Where on the path from the lens to the center a picture is lost."""

from __future__ import annotations

from itertools import product

import pytest

from monitor.delivery import DeliveryVerdict, PathFeed, judge_delivery
from registry.vocabulary import DeliveryState, FailingAt, FeedState, Hop, Reason, ReasonClass


def live(hop: Hop) -> PathFeed:
    return PathFeed(hop, FeedState.LIVE, None)


def down(hop: Hop, reason: Reason) -> PathFeed:
    return PathFeed(hop, FeedState.DOWN, reason)


def unknown(hop: Hop) -> PathFeed:
    return PathFeed(hop, FeedState.UNKNOWN, Reason.NOT_PROBED)


def test_a_delivery_without_feeds_is_unknown_not_broken():
    assert judge_delivery([]).state is DeliveryState.UNKNOWN


def test_what_reaches_the_center_decides_whatever_breaks_behind_it():
    path = [live(Hop.CENTER), down(Hop.CAMERA, Reason.REFUSED)]

    assert judge_delivery(path) == DeliveryVerdict(DeliveryState.REACHING)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ([down(Hop.CAMERA, Reason.REFUSED)], FailingAt.CAMERA),
        ([down(Hop.CAMERA, Reason.BLACK)], FailingAt.CAMERA),
        ([down(Hop.CAMERA, Reason.TIMEOUT)], FailingAt.CAMERA_OR_LINK),
        ([down(Hop.CAMERA, Reason.UNREACHABLE)], FailingAt.CAMERA_OR_LINK),
        ([down(Hop.RECORDER, Reason.NO_PACKETS)], FailingAt.CAMERA_OR_LINK),
        ([down(Hop.RECORDER, Reason.BLACK)], FailingAt.CAMERA_OR_LINK),
        ([down(Hop.RECORDER, Reason.REFUSED)], FailingAt.RECORDER),
        ([down(Hop.RECORDER, Reason.REFUSED), live(Hop.CAMERA)], FailingAt.RECORDER),
        ([down(Hop.RECORDER, Reason.NO_PACKETS), live(Hop.CAMERA)], FailingAt.LINK),
        ([down(Hop.RECORDER, Reason.FROZEN), live(Hop.CAMERA)], FailingAt.RECORDER),
        ([down(Hop.RELAY, Reason.BURST_ONLY), live(Hop.CAMERA)], FailingAt.LINK),
        ([down(Hop.RELAY, Reason.CLOSED), live(Hop.CAMERA)], FailingAt.RELAY),
        ([down(Hop.CENTER, Reason.REFUSED), live(Hop.RECORDER)], FailingAt.CENTER),
        ([down(Hop.CENTER, Reason.REFUSED), unknown(Hop.RECORDER)], FailingAt.UNKNOWN),
        (
            [
                down(Hop.CENTER, Reason.NO_PACKETS),
                down(Hop.RECORDER, Reason.NO_PACKETS),
                down(Hop.CAMERA, Reason.TIMEOUT),
            ],
            FailingAt.CAMERA_OR_LINK,
        ),
        (
            [
                down(Hop.CENTER, Reason.NO_PACKETS),
                down(Hop.RECORDER, Reason.REFUSED),
                live(Hop.CAMERA),
            ],
            FailingAt.RECORDER,
        ),
    ],
)
def test_the_place_at_fault(path, place):
    verdict = judge_delivery(path)

    assert verdict.state is DeliveryState.NOT_REACHING
    assert verdict.failing_at is place


def test_the_reason_told_is_that_of_the_feed_at_fault():
    path = [down(Hop.CENTER, Reason.NO_PACKETS), down(Hop.CAMERA, Reason.REFUSED)]

    assert judge_delivery(path).reason is Reason.REFUSED


def test_only_a_delivery_that_does_not_reach_has_a_place_at_fault():
    words = [r for r in Reason if r.reason_class is ReasonClass.SEEN_ABSENT]
    feeds = [live(h) for h in Hop] + [unknown(h) for h in Hop]
    feeds += [down(h, w) for h, w in product(Hop, words)]

    for first, second in product(feeds, feeds):
        verdict = judge_delivery([first, second])
        not_reaching = verdict.state is DeliveryState.NOT_REACHING
        assert (verdict.failing_at is not None) == not_reaching
        assert not_reaching == (first.state is FeedState.DOWN)
