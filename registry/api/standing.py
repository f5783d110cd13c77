"""What is known at a moment: the one place where knowledge past its time becomes unknown.

It is SQL, so that values, filters, counts and page share it; no stored state is trusted without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol, TypeAlias

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased

from registry.models import Camera, Center, Delivery, DeliveryStatus, Feed, FeedStatus, Outage
from registry.models.base import Utc
from registry.serving import Serving
from registry.vocabulary import DeliveryState, FeedState, Lifecycle, Reason


class Standing(StrEnum):
    """A camera in one word, worst first: its worst delivery, or why there is none to speak of."""

    NOT_REACHING = "not_reaching"
    DEGRADED = "degraded"
    UNKNOWN = "unknown"
    REACHING = "reaching"
    NO_CENTER = "no_center"  # stored somewhere, and no center has to see it
    NOT_MEASURED = "not_measured"  # planned, retired, or nothing there to look at


RANK = {standing: rank for rank, standing in enumerate(Standing)}
MEASURED = tuple(life for life in Lifecycle if life.is_probed)


@dataclass(frozen=True, slots=True)
class Moment:
    """When, and from which network, something is known."""

    now: datetime
    vantage_id: int

    @classmethod
    def of(cls, serving: Serving) -> Moment:
        return cls(serving.clock.now(), serving.vantage_id)

    @property
    def at(self) -> ColumnElement[Any]:
        return sa.literal(self.now, Utc())

    @property
    def vantage(self) -> ColumnElement[Any]:
        return sa.literal(self.vantage_id)

    @property
    def values(self) -> dict[str, Any]:
        """What `ANY_MOMENT` leaves open."""
        return {"now": self.now, "vantage": self.vantage_id}


class When(Protocol):
    """What the SQL of knowledge is made with: a moment, or the places of one."""

    @property
    def at(self) -> ColumnElement[Any]: ...

    @property
    def vantage(self) -> ColumnElement[Any]: ...


@dataclass(frozen=True, slots=True)
class _AnyMoment:
    at: ColumnElement[Any]
    vantage: ColumnElement[Any]


# For statements that are made once: a list would take as long to make them as to execute them.
ANY_MOMENT: Final[When] = _AnyMoment(
    sa.bindparam("now", type_=Utc()), sa.bindparam("vantage", type_=sa.Integer())
)


Row: TypeAlias = sa.Row[*tuple[Any, ...]]
Select: TypeAlias = sa.Select[*tuple[Any, ...]]
Status: TypeAlias = type[FeedStatus] | type[DeliveryStatus]


def expired(status: Status, moment: When) -> ColumnElement[bool]:
    """True for knowledge past its time, and for a row that an outer join did not find."""
    past = status.valid_until < moment.at
    return sa.or_(status.valid_until.is_(None), past)


def state_known(status: Status, moment: When) -> ColumnElement[str]:
    stored = sa.type_coerce(status.state, sa.String)
    return sa.case((expired(status, moment), FeedState.UNKNOWN.value), else_=stored)


def reason_known(status: Status, moment: When) -> ColumnElement[Any]:
    stored = sa.type_coerce(status.reason, sa.String)
    return sa.case((expired(status, moment), Reason.NOT_PROBED.value), else_=stored)


def since_known(status: Status, moment: When) -> ColumnElement[Any]:
    """Since when it is so. What came back down from unknown is down since its outage began.

    Unknown since the knowledge ran out, not since the state that it held before.
    """
    began = _outage_of_feed() if status is FeedStatus else _outage_of_delivery()
    lasting = sa.func.coalesce(began, status.since, type_=Utc())
    known = sa.case((status.state.in_(_BROKEN), lasting), else_=status.since)
    ran_out = sa.case((expired(status, moment), status.valid_until), else_=known)
    return sa.type_coerce(ran_out, Utc())


_BROKEN = (FeedState.DOWN.value, DeliveryState.NOT_REACHING.value)


def _outage_of_feed() -> ColumnElement[Any]:
    """The beginning of the one that is not over yet."""
    return (
        sa.select(Outage.first_bad_at)
        .where(
            Outage.feed_id == FeedStatus.feed_id,
            Outage.vantage_id == FeedStatus.vantage_id,
            Outage.last_bad_at.is_(None),
        )
        .correlate(FeedStatus)
        .scalar_subquery()
    )


def _outage_of_delivery() -> ColumnElement[Any]:
    """That of the feed which delivers."""
    delivering = aliased(Feed)
    return (
        sa.select(sa.func.min(Outage.first_bad_at))
        .join(delivering, delivering.id == Outage.feed_id)
        .where(
            delivering.camera_id == Delivery.camera_id,
            delivering.delivers_to_id == Delivery.center_id,
            Outage.vantage_id == DeliveryStatus.vantage_id,
            Outage.last_bad_at.is_(None),
        )
        .correlate(Delivery, DeliveryStatus)
        .scalar_subquery()
    )


def failing_at_known(moment: When) -> ColumnElement[Any]:
    stored = sa.type_coerce(DeliveryStatus.failing_at, sa.String)
    return sa.case((expired(DeliveryStatus, moment), sa.null()), else_=stored)


def of_feed(moment: When) -> ColumnElement[bool]:
    """The join of a feed with what is known of it from here."""
    return sa.and_(FeedStatus.feed_id == Feed.id, FeedStatus.vantage_id == moment.vantage)


def of_delivery(moment: When) -> ColumnElement[bool]:
    return sa.and_(
        DeliveryStatus.delivery_id == Delivery.id, DeliveryStatus.vantage_id == moment.vantage
    )


def is_measured() -> ColumnElement[bool]:
    """Somebody looks at this camera: its lifecycle says so, and there is a feed to look at."""
    # Not EXISTS: PostgreSQL would rather read all feeds at once, for a page of a hundred cameras.
    of_it = sa.and_(Feed.camera_id == Camera.id, Feed.retired_at.is_(None))
    a_feed = sa.select(Feed.id).where(of_it).limit(1).correlate(Camera)
    return sa.and_(Camera.lifecycle.in_(MEASURED), a_feed.scalar_subquery().is_not(None))


def standing(moment: When, centers: Sequence[str] = ()) -> ColumnElement[str]:
    """The standing of a camera as far as these centers are concerned; of all when none is named."""
    state = state_known(DeliveryStatus, moment)
    rank = sa.case({word.value: RANK[Standing(word.value)] for word in DeliveryState}, value=state)
    worst = (
        sa.select(sa.func.min(rank))
        .select_from(Delivery)
        .outerjoin(DeliveryStatus, of_delivery(moment))
        .where(Delivery.camera_id == Camera.id, Delivery.retired_at.is_(None))
        .correlate(Camera)
    )
    if centers:
        worst = worst.join(Center, Center.id == Delivery.center_id).where(Center.code.in_(centers))
    worst_rank = worst.scalar_subquery()
    words = {RANK[word]: word.value for word in Standing}
    return sa.case(
        (sa.not_(is_measured()), Standing.NOT_MEASURED.value),
        else_=sa.case(words, value=worst_rank, else_=Standing.NO_CENTER.value),
    )
