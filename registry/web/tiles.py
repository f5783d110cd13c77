"""A camera as one tile of the wall: its worst delivery, its picture or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from registry.api.shapes import CameraShape, DeliveryShape, FeedShape
from registry.api.standing import RANK, Standing
from registry.vocabulary import FailingAt, FeedState, Reason

_FEED_RANK = (FeedState.DOWN, FeedState.DEGRADED, FeedState.UNKNOWN, FeedState.LIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    camera: CameraShape
    state: Standing
    reason: Reason | None = None
    failing_at: FailingAt | None = None
    feed: FeedShape | None = None  # speaks for a camera that no center has to see
    since: datetime | None = None
    known_at: datetime | None = None
    valid_until: datetime | None = None  # None where nothing is claimed that could lapse
    centers: tuple[str, ...] = ()
    picture: str | None = None


def tile_of(camera: CameraShape, centers: Sequence[str] = ()) -> Tile:
    """As far as these centers are concerned; all when none is named."""
    meant = [d for d in camera.deliveries if not centers or d.center in centers]
    names = tuple(delivery.center_name for delivery in meant)
    picture = picture_url(camera)
    if camera.state is Standing.NOT_MEASURED:
        return Tile(camera=camera, state=camera.state, centers=names)
    if not meant:
        return _stored_only(camera, picture)
    worst = min(meant, key=lambda delivery: RANK[Standing(delivery.state.value)])
    state = Standing(worst.state.value)
    return Tile(
        camera=camera,
        state=state,
        reason=worst.reason,
        failing_at=worst.failing_at,
        since=worst.since,
        known_at=worst.known_at,
        valid_until=None if state is Standing.UNKNOWN else _lapses(meant, worst),
        centers=names,
        picture=picture,
    )


def picture_url(camera: CameraShape) -> str | None:
    """The address changes with the picture, so that a browser asks for each of them once."""
    shown = camera.picture
    if shown.feed is None or shown.taken_at is None:
        return None
    taken = int(shown.taken_at.timestamp() * 1000)
    code, feed = quote(camera.code, safe=""), quote(shown.feed, safe="")
    return f"/api/v1/cameras/{code}/feeds/{feed}/frame?t={taken}"


def _stored_only(camera: CameraShape, picture: str | None) -> Tile:
    feed = min(camera.feeds, key=lambda each: _FEED_RANK.index(each.state))
    return Tile(
        camera=camera,
        state=Standing.NO_CENTER,
        reason=feed.reason,
        feed=feed,
        since=feed.since,
        known_at=feed.known_at,
        valid_until=None if feed.state is FeedState.UNKNOWN else feed.valid_until,
        picture=picture,
    )


def _lapses(meant: Sequence[DeliveryShape], worst: DeliveryShape) -> datetime | None:
    """The first moment at which the word on the tile stops being known."""
    until = [d.valid_until for d in meant if d.state is worst.state and d.valid_until is not None]
    return min(until, default=None)
