"""A delivery's path as it is drawn, from the lens to the center. It judges nothing anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.api.shapes import CameraShape, DeliveryShape, FeedShape
from registry.vocabulary import DeliveryState, FailingAt, Hop

_FAULTY_HOPS = {
    FailingAt.CAMERA: (Hop.CAMERA,),
    FailingAt.CAMERA_OR_LINK: (Hop.CAMERA,),
    FailingAt.RECORDER: (Hop.RECORDER,),
    FailingAt.RELAY: (Hop.RELAY,),
    FailingAt.CENTER: (Hop.CENTER,),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One place on the way, and the line behind it. Without a feed nobody looks there."""

    hop: Hop
    feed: FeedShape | None
    at_fault: bool
    link_at_fault: bool


def steps(camera: CameraShape, delivery: DeliveryShape) -> list[Step]:
    """The lens and the center always stand at the ends, looked at or not."""
    by_id = {feed.id: feed for feed in camera.feeds}
    places: list[tuple[Hop, FeedShape | None]] = [
        (by_id[name].hop, by_id[name]) for name in delivery.path
    ]
    if not places or places[0][0] is not Hop.CAMERA:
        places.insert(0, (Hop.CAMERA, None))
    if places[-1][0] is not Hop.CENTER:
        places.append((Hop.CENTER, None))
    return _judged(places, delivery)


def _judged(places: Sequence[tuple[Hop, FeedShape | None]], delivery: DeliveryShape) -> list[Step]:
    failing = delivery.failing_at if delivery.state is not DeliveryState.REACHING else None
    faulty = _FAULTY_HOPS.get(failing, ()) if failing else ()
    lens_line = failing in (FailingAt.LINK, FailingAt.CAMERA_OR_LINK)
    return [
        Step(hop, feed, at_fault=hop in faulty, link_at_fault=lens_line and place == 0)
        for place, (hop, feed) in enumerate(places)
    ]
