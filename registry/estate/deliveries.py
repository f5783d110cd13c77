"""Which picture must reach which center, and along which feeds. It proves nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from registry.estate.rows import Row
from registry.look import FeedKey
from registry.targets import DeliveryTarget
from registry.vocabulary import Lifecycle


def deliveries_of(
    deliveries: Iterable[Row],
    feeds: Mapping[int, Row],
    cameras: Mapping[int, Row],
) -> Iterator[DeliveryTarget]:
    delivering: dict[tuple[int, int], Row] = {}
    for feed in feeds.values():
        if feed.delivers_to_id is not None:
            delivering.setdefault((feed.camera_id, feed.delivers_to_id), feed)
    for delivery in deliveries:
        camera = cameras[delivery.camera_id]
        if camera.lifecycle is Lifecycle.RETIRED:
            continue
        last = delivering.get((delivery.camera_id, delivery.center_id))
        yield DeliveryTarget(
            delivery_id=delivery.id,
            camera=camera.code,
            center=delivery.center,
            proof=delivery.proof,
            path=_path(last, feeds, camera.code),
        )


def _path(feed: Row | None, feeds: Mapping[int, Row], camera: str) -> tuple[FeedKey, ...]:
    """From the center's end back to the lens; a circle ends where it would begin again."""
    path: dict[FeedKey, None] = {}
    while feed is not None and (key := FeedKey(camera, feed.name)) not in path:
        path[key] = None
        feed = feeds.get(feed.taken_from_id)
    return tuple(path)
