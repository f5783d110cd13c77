"""What the monitor observed, as plain frozen values. They know neither rows nor who made them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from registry.values import value
from registry.vocabulary import DeliveryState, FailingAt, FeedState, Reason


@value(frozen=True, slots=True, kw_only=True)
class FeedObservation:
    """What is known of a feed after a look; the newest replaces all earlier ones."""

    feed_id: int
    state: FeedState
    reason: Reason | None
    detail: str | None
    since: datetime
    valid_until: datetime
    last_look_at: datetime | None
    last_frame_at: datetime | None
    last_fresh_picture_at: datetime | None
    memory: Callable[[], Mapping[str, Any]]  # asked for when it is written or read


@value(frozen=True, slots=True, kw_only=True)
class DeliveryObservation:
    delivery_id: int
    state: DeliveryState
    failing_at: FailingAt | None
    reason: Reason | None
    since: datetime
    valid_until: datetime


@value(frozen=True, slots=True)
class FeedTransition:
    of_feed: ClassVar[bool] = True
    owner: int  # the feed's id
    at: datetime
    state: FeedState
    reason: Reason | None


@value(frozen=True, slots=True)
class DeliveryTransition:
    of_feed: ClassVar[bool] = False
    owner: int  # the delivery's id
    at: datetime
    state: DeliveryState
    failing_at: FailingAt | None
    reason: Reason | None


@value(frozen=True, slots=True)
class OutageOpened:
    of_feed: ClassVar[bool] = True
    owner: int  # the feed's id
    reason: Reason
    last_good_at: datetime | None
    first_bad_at: datetime


@value(frozen=True, slots=True)
class OutageClosed:
    """`first_good_at` is None where measuring ended before the outage did. It ends none twice."""

    of_feed: ClassVar[bool] = True
    owner: int  # the feed's id
    last_bad_at: datetime | None
    first_good_at: datetime | None


Happening = FeedTransition | DeliveryTransition | OutageOpened | OutageClosed
